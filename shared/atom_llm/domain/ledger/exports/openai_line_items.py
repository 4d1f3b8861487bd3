"""OpenAI's line items of costs, taken apart: `priority | gpt-5.4-2026-03-05, cached input, long context`.

OpenAI documents the field and not its words: these are those that organisations have published of their own bills.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from atom_llm.domain.ledger.exports.line import CountedClass

_SURFACE: Final = " | "  # `assistants api | file search`, `evals | gpt-4o, input`: what no chat completion is
_BATCH: Final = "batch api"
_TIERS: Final = frozenset({"priority", "flex"})  # of calls like any other
_MEDIA: Final = frozenset({"text", "image", "audio"})  # behind a model's name: `gpt-image-1 image, output`
# What some models are called by where nothing is counted in tokens.
_SHORT_NAMES: Final[Mapping[str, str]] = {"whisper": "whisper-1", "tts": "tts-1", "tts hd": "tts-1-hd"}
_MODEL: Final = re.compile(r"(?=.*\d)[\w.:-]+")  # services are phrases, and have no number
# How line items call the classes behind the model's name.
_CLASS_WORDS: Final[Mapping[str, CountedClass]] = {
    "input": CountedClass.INPUT,
    "input_tokens": CountedClass.INPUT,
    "cached input": CountedClass.CACHE_READ,
    "cached_input_tokens": CountedClass.CACHE_READ,
    "input_cached_tokens": CountedClass.CACHE_READ,
    "cache write": CountedClass.CACHE_WRITE,
    "cache writes": CountedClass.CACHE_WRITE,
    "input_cache_write_tokens": CountedClass.CACHE_WRITE,
    "output": CountedClass.OUTPUT,
    "output_tokens": CountedClass.OUTPUT,
}


@dataclass(frozen=True, slots=True)
class LineItem:
    """A line item's model, the class that it counts, where its words say one, and whether the batch API served it.

    `model` is None for tools, storage, taxes, credits, and for models that another API of OpenAI's called.
    """

    model: str | None
    counted: CountedClass | None = None
    is_batch: bool = False


def line_item(item: str) -> LineItem:
    """Take a line item apart; length tiers and media are part of their class, service tiers part of their model."""
    surface, bar, words = item.rpartition(_SURFACE)
    is_batch = surface.lower() == _BATCH
    if bar and not is_batch and surface.lower() not in _TIERS:
        return LineItem(None)
    name, comma, classes = words.partition(",")
    name = name.strip()
    model, _, medium = name.rpartition(" ")
    if model and medium.lower() in _MEDIA:
        name = model
    if not comma:
        name = _SHORT_NAMES.get(name.lower(), name)
        if not _MODEL.fullmatch(name):
            return LineItem(None)
    return LineItem(name, _CLASS_WORDS.get(classes.partition(",")[0].strip().lower()), is_batch)
