"""What moderation, pictures, speech and transcripts cost before they are made: over every row that is called."""

from decimal import Decimal
from typing import Any

import pytest

from atom_llm.domain.catalogue.catalogue import ModelEntry
from atom_llm.domain.catalogue.own_prices import OwnPrice, own_rates
from atom_llm.domain.core.errors import ModelNotFound
from atom_llm.domain.pricing.cost import PricingTerms, cost
from atom_llm.domain.pricing.rates import Rates
from atom_llm.domain.pricing.units import Unit
from atom_llm.domain.pricing.usage import Usage
from atom_llm.domain.providers.exchange import MediaMode
from atom_llm.domain.routing.media_demand import PROVIDERS_OF, Listed, MediaDemand, MediaPrice, media_price
from atom_llm.services.catalogue.called_models import called_models
from testing.fakes.service_keys import NOON
from testing.money_world import KEY, TENANT
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
    rates = packaged().catalogue.rates(entry)
    return media_price(entry, rates, demand, about, most, TERMS, Listed(rates, beside))


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
    ("name", "demand", "tokens"),
    [
        ("openai/gpt-image-1", MediaDemand("image_generation", pictures=1, size="1536x1024", quality="high"), 6_208),
        ("openai/gpt-image-1", MediaDemand("image_generation", pictures=10, size="auto"), 62_080),
        ("openai/gpt-image-1.5", MediaDemand("image_generation", pictures=2, size="1024x1536", quality="low"), 816),
        ("openai/gpt-4o-transcribe", MediaDemand("audio_transcription", recorded_bytes=8_000_000), 10_000),
        ("google/gemini-2.5-flash-image", MediaDemand("image_generation", pictures=1), 1_290),
        ("google/gemini-2.5-flash-preview-tts", DEMANDS["audio_speech"], 1_400),
    ],
)
def test_what_is_drawn_spoken_and_heard_is_within_the_tokens_that_are_held(
    name: str, demand: MediaDemand, tokens: int
) -> None:
    assert price(row(name), demand, most=400).most_tokens >= 400 + tokens


@pytest.mark.parametrize("of_pictures", [{"factor": Decimal(3)}, {"rates": {"output_cost_per_image_token": "0.00013"}}])
def test_a_picture_at_an_own_price_is_held_for_at_that_price(of_pictures: dict[str, Any]) -> None:
    model, of_list = row("openai/gpt-image-1"), packaged().catalogue.rates(row("openai/gpt-image-1"))
    own = own_rates(OwnPrice("p", TENANT, model.id, NOON, KEY, **of_pictures), of_list)
    demand = MediaDemand("image_generation", pictures=1, size="1536x1024", quality="high")
    found = media_price(model, own, demand, 0, 0, TERMS, Listed(of_list, beside))
    assert found.hold.amount >= cost(Usage({Unit.OUTPUT_IMAGE: 6_208}, 0), own, TERMS).total
    assert found.most_tokens == price(model, demand, 0, 0).most_tokens


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
