"""The native blocks of a streamed turn, put together from its events: a paused one is resumed by them."""

import json
from collections.abc import Mapping
from typing import Any, Final

from atom_llm.adapters.providers.readable import readable_json
from atom_llm.domain.providers.exchange import Json

_TEXTS: Final[Mapping[str, str]] = {
    "text_delta": "text",
    "thinking_delta": "thinking",
    "signature_delta": "signature",
}


class TurnBlocks:
    """The blocks of one turn, in their order. What comes is only kept; it is put together when somebody asks."""

    def __init__(self) -> None:
        self._starts: dict[int, Json] = {}
        self._deltas: dict[int, list[Json]] = {}

    def start(self, place: int, block: Json) -> None:
        """Begin a block."""
        self._starts[place], self._deltas[place] = dict(block), []

    def add(self, place: int | None, delta: Json) -> None:
        """Keep a piece of a block; one of a block that has not begun is passed over."""
        if place in self._deltas:
            self._deltas[place].append(delta)

    def whole(self) -> list[Json]:
        """Return the blocks as a whole answer has them; a piece of an unknown kind is left out."""
        return [_whole(self._starts[place], self._deltas[place]) for place in sorted(self._starts)]


def _whole(start: Json, deltas: list[Json]) -> Json:
    block = dict(start)
    spelt = ""
    for delta in deltas:
        kind = delta.get("type")
        name = _TEXTS.get(str(kind))
        if name is not None:
            block[name] = (block.get(name) or "") + (delta.get(name) or "")
        elif kind == "input_json_delta":
            spelt += delta.get("partial_json") or ""
        elif kind == "citations_delta":
            block["citations"] = [*(block.get("citations") or ()), delta.get("citation")]
    if spelt:
        block["input"] = _object(spelt)
    mended: Json = readable_json(block)
    return mended


def _object(spelt: str) -> Any:
    """Return the input of a call; one that was cut is an empty one, which can be sent back."""
    try:
        return json.loads(spelt)
    except (ValueError, RecursionError):
        return {}
