"""The past calls that a model could have taken: those of its kind, answered in media that it makes.

Rates do not say so: what a row has no rate of its own for is priced by the next one, a picture's token as a text's.
"""

from collections.abc import Collection, Mapping
from typing import Final

from atom_llm.domain.catalogue.catalogue import ModelEntry
from atom_llm.domain.pricing.rates import Rates
from atom_llm.domain.pricing.units import RATES_OF_TOKENS, Unit

CHAT: Final = "chat"
_AS_CHAT: Final = "responses"  # the mode of chat models that answer in OpenAI's other API alone

# What is made beside text, by the word for it among a model's modalities.
_WORDS: Final[Mapping[Unit, str]] = {
    Unit.OUTPUT_AUDIO: "audio",
    Unit.OUTPUT_IMAGE: "image",
    Unit.OUTPUT_VIDEO: "video",
}
_MADE: Final = frozenset({*_WORDS, Unit.IMAGES})


def could_take(entry: ModelEntry, rates: Rates, called: ModelEntry | None, units: Collection[Unit]) -> bool:
    """Return whether a model could have taken a call that was billed in `units`; `called` is the model that took it,
    None where it is no longer known."""
    kind = _kind_of(entry)
    if called is not None and _kind_of(called) != kind:
        return False
    return kind != CHAT or not unmade(units, media_made(entry, rates))


def media_made(entry: ModelEntry, rates: Rates) -> frozenset[Unit]:
    """Return the units of the media that a chat model makes, by its modalities or by rates of its own for them."""
    made = {
        unit
        for unit, word in _WORDS.items()
        if word in entry.modalities[1] or any(True for _ in rates.published(RATES_OF_TOKENS[unit][0]))
    }
    return frozenset({*made, Unit.IMAGES} if rates.sells_pieces else made)


def unmade(units: Collection[Unit], media: Collection[Unit]) -> frozenset[Unit]:
    """Return the media among the units of a call that a maker of `media` does not make."""
    return _MADE.intersection(units).difference(media)


def _kind_of(entry: ModelEntry) -> str | None:
    """Return the kind of calls that a model takes, by its mode; None where that is unpublished."""
    return CHAT if entry.mode == _AS_CHAT else entry.mode
