"""What moderation, pictures, speech and transcripts cost before they are made: over every row that is called."""

from decimal import Decimal

import pytest

from atom_llm.domain.catalogue.catalogue import ModelEntry
from atom_llm.domain.core.errors import ModelNotFound
from atom_llm.domain.pricing.cost import PricingTerms, cost
from atom_llm.domain.pricing.rates import Rates
from atom_llm.domain.pricing.units import Unit
from atom_llm.domain.pricing.usage import Usage
from atom_llm.domain.providers.exchange import MediaMode
from atom_llm.domain.routing.media_demand import PROVIDERS_OF, MediaDemand, MediaPrice, media_price
from atom_llm.services.catalogue.called_models import called_models
from testing.packaged_prices import packaged

TERMS = PricingTerms()
DEMANDS: dict[MediaMode, MediaDemand] = {
    "moderation": MediaDemand("moderation"),
    "image_generation": MediaDemand("image_generation", pictures=3, size="1024x1536", quality="low"),
    "audio_speech": MediaDemand("audio_speech", characters=1_000),
    "audio_transcription": MediaDemand("audio_transcription", recorded_bytes=480_000),
}
PROVIDERS = ("openai", "groq", "mistral", "google", "minimax")
ROWS = [
    entry
    for provider in PROVIDERS
    for entry in packaged().catalogue.by_provider[provider]
    if entry.mode in DEMANDS and provider in PROVIDERS_OF[entry.mode]
]


def beside(name: str) -> tuple[ModelEntry, Rates] | None:
    try:
        entry = called_models(packaged(), f"openai/{name}")[0]
    except ModelNotFound:
        return None
    return entry, packaged().catalogue.rates(entry)


def price(entry: ModelEntry, demand: MediaDemand, about: int = 100, most: int = 400) -> MediaPrice:
    return media_price(entry, packaged().catalogue.rates(entry), demand, about, most, TERMS, beside)


def row(name: str) -> ModelEntry:
    return called_models(packaged(), name)[0]


@pytest.mark.parametrize("entry", ROWS, ids=lambda entry: entry.id)
def test_every_row_that_is_called_has_a_price_and_a_hold_that_covers_it(entry: ModelEntry) -> None:
    found = price(entry, DEMANDS[entry.mode])  # type: ignore[index]
    assert found.hold.amount >= found.expected >= 0
    assert (found.expected == 0) == (entry.mode == "moderation")


def test_pictures_are_held_for_by_the_row_of_their_size_and_quality_and_by_the_dearest_where_they_may_be_any() -> None:
    model = row("openai/gpt-image-1")
    small = price(model, MediaDemand("image_generation", pictures=1, size="1024x1024", quality="low"), 0, 0)
    large = price(model, MediaDemand("image_generation", pictures=2, size="1536x1024", quality="high"), 0, 0)
    free = price(model, MediaDemand("image_generation", pictures=1, size="auto", quality=None), 0, 0)
    assert (small.expected, large.expected) == (Decimal("0.011"), Decimal("0.5"))
    assert free.hold.amount == Decimal("0.25") * Decimal("1.1")
    assert {small.hold.unbounded, large.hold.unbounded, free.hold.unbounded} == {None}


@pytest.mark.parametrize(("size", "quality", "tokens"), [("1536x1024", "high", 6208), ("1024x1536", "medium", 1584)])
def test_a_picture_s_tokens_come_to_no_more_than_its_hold(size: str, quality: str, tokens: int) -> None:
    model = row("openai/gpt-image-1")  # tokens by size and quality: platform.openai.com/docs/guides/image-generation
    held = price(model, MediaDemand("image_generation", pictures=1, size=size, quality=quality), 0, 0).hold.amount
    assert held >= cost(Usage({Unit.OUTPUT_IMAGE: tokens}, 0), packaged().catalogue.rates(model), TERMS).total


@pytest.mark.parametrize(
    ("name", "demand", "field"),
    [
        ("openai/gpt-image-2", DEMANDS["image_generation"], "size"),
        ("openai/gpt-image-1", MediaDemand("image_generation", pictures=1, size="4096x4096"), "size"),
        ("openai/gpt-4o-mini-tts", DEMANDS["audio_speech"], "input"),
    ],
)
def test_what_nothing_bounds_says_which_field_it_is(name: str, demand: MediaDemand, field: str) -> None:
    assert price(row(name), demand).hold.unbounded == field


def test_a_recording_is_held_for_as_the_longest_that_its_bytes_can_be() -> None:
    found = price(row("openai/whisper-1"), MediaDemand("audio_transcription", recorded_bytes=480_000), 0, 0)
    assert found.expected == Decimal("0.0001") * 60
    assert found.hold.amount == Decimal("0.0001") * 3_000
    short = price(row("groq/whisper-large-v3"), MediaDemand("audio_transcription", recorded_bytes=10), 0, 0)
    assert short.hold.amount == Decimal("0.00003083") * 10
