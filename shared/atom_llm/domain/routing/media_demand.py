"""The price of a request for moderation, pictures, speech or a transcript: expected, at most, in its row's own units.

A provider that says what it used is billed by that; these are the bounds before it has.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import ROUND_CEILING, Context, Decimal
from typing import Final, NamedTuple

from atom_llm.domain.catalogue.catalogue import ModelEntry
from atom_llm.domain.core.money import EXACT, ZERO
from atom_llm.domain.core.providers import kin_of
from atom_llm.domain.pricing.cost import PricingTerms, Unpriced, cost, dearest_rate
from atom_llm.domain.pricing.rates import Rates
from atom_llm.domain.pricing.units import IMAGE_OUTPUT_TOKEN, OUTPUT_TOKEN, RATES_OF_MEDIA, Unit
from atom_llm.domain.pricing.usage import Quantity, Usage
from atom_llm.domain.providers.exchange import MediaMode
from atom_llm.domain.routing.hold import OUTPUT_CLASSES, Hold, worst_case

# The providers that are called for each: those whose API speaks of it as OpenAI's does, or nearly so.
PROVIDERS_OF: Final[Mapping[str, frozenset[str]]] = {
    "moderation": frozenset({"openai", "mistral"}),
    "image_generation": frozenset({"openai", "google"}),
    "audio_speech": frozenset({"openai", "groq", "mistral", "google", "minimax"}),
    "audio_transcription": frozenset({"openai", "groq", "mistral"}),
}

BYTES_A_SECOND: Final = 8_000  # of a usual recording, 64 kbit/s
LEAST_BYTES_A_SECOND: Final = 160  # of speech at the lowest rate of any codec; silence alone takes less
TOKENS_A_SECOND: Final = 10  # of a recording that is read, at OpenAI
SPOKEN_TOKENS_A_CHARACTER: Final = 2  # of the speech that a text becomes: 21 a second, at 15 characters in it
SLOWEST_TOKENS_A_CHARACTER: Final = 10  # of it, slowly; nothing bounds the pauses that it may be asked to make
LEAST_SPOKEN_TOKENS: Final = 200
TRANSCRIPT_TOKENS_A_SECOND: Final = 4
LEAST_BILLED_S: Final = 10  # that Groq bills of any recording
SIZES: Final = ("1024x1024", "1024x1536", "1536x1024")
QUALITIES: Final = ("low", "medium", "high")
COUNTS_TWICE: Final = frozenset({"minimax"})  # providers to which a Chinese character is two
ROW_SLACK: Final = Decimal("1.1")  # a picture's price in a row is what its tokens come to, rounded
_UP: Final = Context(prec=40, rounding=ROUND_CEILING)


@dataclass(frozen=True, slots=True)
class MediaDemand:
    """The quantities of a request beside its text: characters to be spoken, pictures, bytes of a recording.

    `unbounded` is the field of an option that nothing bounds at OpenAI, if it has one.
    """

    mode: MediaMode
    characters: int = 0
    pictures: int = 0
    size: str | None = None
    quality: str | None = None
    recorded_bytes: int = 0
    unbounded: str | None = None


class MediaPrice(NamedTuple):
    """The expected USD with the usage it is of, the hold, and the tokens of the answer that it bounds.

    `most_tokens` are all that may be billed, of the request and of the answer.
    """

    expected: Decimal
    usage: Usage
    hold: Hold
    output_tokens: int = 0
    most_tokens: int = 0


Beside = Callable[[str], tuple[ModelEntry, Rates] | None]


class Listed(NamedTuple):
    """The list's rates of a model, and of others of its provider by name: pictures' rows are in the list's prices."""

    rates: Rates
    beside: Beside


def media_price(
    entry: ModelEntry,
    rates: Rates,
    demand: MediaDemand,
    about: int,
    most: int,
    terms: PricingTerms,
    listed: Listed,
) -> MediaPrice:
    """Return what a request of `about` tokens of text, `most` at most, costs at a model. Raises `Unpriced`."""
    match demand.mode:
        case "moderation":
            return _counted(rates, terms, _tokens(about), worst_case(rates, most, 0, terms), most)
        case "audio_speech":
            return _speech(entry, rates, demand, about, most, terms)
        case "image_generation":
            return _pictures(entry, rates, demand, about, most, terms, listed)
        case "audio_transcription":
            return _transcript(entry, rates, demand, about, most, terms)


def _speech(
    entry: ModelEntry, rates: Rates, demand: MediaDemand, about: int, most: int, terms: PricingTerms
) -> MediaPrice:
    if _sells(rates, Unit.CHARACTERS):
        usage = Usage({Unit.CHARACTERS: demand.characters}, 0)
        found = cost(usage, rates, terms).total
        counted_twice = entry.provider in COUNTS_TWICE
        return MediaPrice(found, usage, Hold(EXACT.multiply(found, 2) if counted_twice else found), 0, most)
    limit = entry.limits.max_output_tokens
    spoken = SPOKEN_TOKENS_A_CHARACTER * demand.characters
    expected = min(spoken, limit) if limit else spoken
    longest = limit or max(LEAST_SPOKEN_TOKENS, SLOWEST_TOKENS_A_CHARACTER * demand.characters)
    dearest = worst_case(rates, most, longest, terms, (Unit.OUTPUT_AUDIO, *OUTPUT_CLASSES))
    usage = Usage({**_tokens(about).counts, Unit.OUTPUT_AUDIO: expected}, about)
    return _counted(rates, terms, usage, dearest, most, longest, None if limit else "input")


def _pictures(
    entry: ModelEntry,
    rates: Rates,
    demand: MediaDemand,
    about: int,
    most: int,
    terms: PricingTerms,
    listed: Listed,
) -> MediaPrice:
    by_token = any(True for name in (IMAGE_OUTPUT_TOKEN, OUTPUT_TOKEN) for _ in rates.published(name))
    unbounded = demand.unbounded if kin_of(entry.provider) == "openai" else None
    if rates.sells_pieces or not by_token:
        usage = Usage({Unit.IMAGES: demand.pictures}, 0)
        found = cost(usage, rates, terms).total
        return MediaPrice(found, usage, Hold(found, unbounded), 0, most)
    read = worst_case(rates, most, 0, terms)
    each, by_list = _rows(entry.name, demand, terms, listed.beside), _rates_of_drawn(listed.rates, terms)
    if each and by_list and all(by_list.values()):
        at_list = EXACT.multiply(EXACT.multiply(max(each), ROW_SLACK), demand.pictures)
        usual = EXACT.multiply(sorted(each)[len(each) // 2], demand.pictures)
        times = max(_UP.divide(dearest_rate((unit,), rates, 0, terms), rate) for unit, rate in by_list.items())
        expected = EXACT.add(EXACT.multiply(usual, times), worst_case(rates, about, 0, terms) if about else ZERO)
        drawn = int(_UP.divide(at_list, min(by_list.values())).to_integral_value(ROUND_CEILING))
        held = EXACT.add(read, EXACT.multiply(at_list, times))
        return MediaPrice(expected, _tokens(about), Hold(held, unbounded), most_tokens=most + drawn)
    limit = entry.limits.max_output_tokens
    tokens = (limit or 0) * demand.pictures
    dearest = worst_case(rates, most, tokens, terms, (Unit.OUTPUT_IMAGE, *OUTPUT_CLASSES))
    return _counted(rates, terms, _tokens(about), dearest, most, tokens, unbounded or (None if limit else "size"))


def _rates_of_drawn(rates: Rates, terms: PricingTerms) -> dict[Unit, Decimal]:
    """Return the USD of a token of a picture, by each class that it may be billed as."""
    found: dict[Unit, Decimal] = {}
    for unit in (Unit.OUTPUT_IMAGE, *OUTPUT_CLASSES):
        with suppress(Unpriced):
            found[unit] = dearest_rate((unit,), rates, 0, terms)
    return found


def _rows(model: str, demand: MediaDemand, terms: PricingTerms, beside: Beside) -> list[Decimal]:
    """Return what the rows for this quality and size say that a picture costs; of all of them where it may be any.

    Nothing where one that is possible has no row.
    """
    qualities = QUALITIES if demand.quality in (None, "auto") else (demand.quality,)
    sizes = SIZES if demand.size in (None, "auto") else (demand.size,)
    found: list[Decimal] = []
    for name in (f"{quality}/{size.replace('x', '-x-')}/{model}" for quality in qualities for size in sizes if size):
        row = beside(name)
        if row is None or not _sells(row[1], Unit.IMAGES):
            return []
        found.append(cost(Usage({Unit.IMAGES: 1}, 0), row[1], terms).total)
    return found


def _transcript(
    entry: ModelEntry, rates: Rates, demand: MediaDemand, about: int, most: int, terms: PricingTerms
) -> MediaPrice:
    """Return the price of a transcript, at the dearer of its row's two units where it has both: the answer says which
    one counts."""
    seconds = -(-demand.recorded_bytes // BYTES_A_SECOND)
    most_seconds = max(-(-demand.recorded_bytes // LEAST_BYTES_A_SECOND), LEAST_BILLED_S)
    by_second = _sells(rates, Unit.AUDIO_SECONDS)
    by_token = _sells_tokens(rates)
    limit = entry.limits.max_output_tokens or TRANSCRIPT_TOKENS_A_SECOND * most_seconds
    holds, most_tokens = [], most
    if by_second:
        holds.append(cost(Usage({Unit.AUDIO_SECONDS: most_seconds}, 0), rates, terms).total)
    if by_token:
        read = most + TOKENS_A_SECOND * most_seconds
        holds.append(worst_case(rates, read, limit, terms))
        most_tokens = read + limit
    if not by_token or not holds:
        usage = Usage({Unit.AUDIO_SECONDS: max(seconds, 1)}, 0)
    else:
        counts: dict[Unit, Quantity] = {**_tokens(about).counts}
        counts |= {Unit.INPUT_AUDIO: TOKENS_A_SECOND * max(seconds, 1)}
        counts |= {Unit.OUTPUT: min(limit, TRANSCRIPT_TOKENS_A_SECOND * max(seconds, 1))}
        usage = Usage(counts, about)
    expected = cost(usage, rates, terms).total
    return MediaPrice(expected, usage, Hold(max([expected, *holds])), limit if by_token else 0, most_tokens)


def _counted(
    rates: Rates,
    terms: PricingTerms,
    usage: Usage,
    dearest: Decimal,
    most: int,
    output: int = 0,
    unbounded: str | None = None,
) -> MediaPrice:
    expected = cost(usage, rates, terms).total if usage.counts else ZERO
    return MediaPrice(expected, usage, Hold(max(expected, dearest), unbounded), output, most + output)


def _tokens(about: int) -> Usage:
    return Usage({Unit.INPUT: about} if about else {}, about)


def _sells(rates: Rates, unit: Unit) -> bool:
    """Return whether a model is sold by a unit of media."""
    if not any(True for name in RATES_OF_MEDIA[unit] for _ in rates.published(name)):
        return False
    try:
        cost(Usage({unit: 1}, 0), rates, PricingTerms())
    except Unpriced:
        return False
    return True


def _sells_tokens(rates: Rates) -> bool:
    return any(True for _ in rates.published(OUTPUT_TOKEN))
