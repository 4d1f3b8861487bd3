"""Text that no UTF-8 can carry, in answers: halves of surrogate pairs become whole characters or U+FFFD."""

import re
from collections.abc import Sequence
from typing import Any, Final

from atom_llm.domain.providers.exchange import Json

REPLACEMENT: Final = "\ufffd"
# How JSON spells half of a surrogate pair: few holds one, and the rest need not be walked through.
SPELT_HALF: Final = re.compile(r"\\u[dD]")
SPELT_HALF_IN_BYTES: Final = re.compile(rb"\\u[dD]")
_HALF: Final = re.compile("[\ud800-\udfff]")
_PAIR: Final = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_HIGH: Final = re.compile("[\ud800-\udbff]\\Z")
_TEXTS: Final = ("content", "reasoning_content", "refusal")


def readable(text: str) -> str:
    """Return a text with pairs of halves joined, and every half without its other one replaced by U+FFFD."""
    if _HALF.search(text) is None:
        return text
    return _HALF.sub(REPLACEMENT, _PAIR.sub(_joined, text))


def readable_json(content: Any) -> Any:
    """Return parsed JSON with every text readable, names of fields included; the same object where all were."""
    match content:
        case str():
            return readable(content)
        case list():
            return [readable_json(each) for each in content]
        case dict():
            return {readable(name): readable_json(value) for name, value in content.items()}
        case _:
            return content


class ReadableDeltas:
    """The texts of one stream's deltas, made readable: a high half waits for the next delta of the same text."""

    def __init__(self) -> None:
        self._held: dict[tuple[object, ...], str] = {}

    @property
    def waits(self) -> bool:
        """Return whether a half waits for its other one."""
        return bool(self._held)

    def read(self, chunks: Sequence[Json]) -> None:
        """Make the texts of chunks readable, in place; what is no text of an answer has no half held back."""
        for chunk in chunks:
            for choice in chunk.get("choices") or ():
                if isinstance(delta := choice.get("delta"), dict):
                    self._delta(choice.get("index", 0), delta, is_last=choice.get("finish_reason") is not None)

    def _delta(self, index: object, delta: Json, *, is_last: bool) -> None:
        for name in _TEXTS:
            self._text((index, name), delta, name, is_last=is_last)
        for call in delta.get("tool_calls") or ():
            if isinstance(function := call.get("function"), dict):
                self._text((index, "tool_calls", call.get("index", 0)), function, "arguments", is_last=is_last)
        if is_last:
            for place in [place for place in self._held if place[0] == index]:
                delta.setdefault("tool_calls", []).append(
                    {"index": place[-1], "function": {"arguments": readable(self._held.pop(place))}}
                )

    def _text(self, place: tuple[object, ...], holder: Json, name: str, *, is_last: bool) -> None:
        text = holder.get(name)
        held = self._held.pop(place, "") if isinstance(text, str) or is_last else ""
        if not held and not isinstance(text, str):
            return
        whole = held + (text if isinstance(text, str) else "")
        if not is_last and _HIGH.search(whole):
            self._held[place] = whole[-1]
            whole = whole[:-1]
        holder[name] = readable(whole)


def _joined(pair: re.Match[str]) -> str:
    return pair[0].encode("utf-16", "surrogatepass").decode("utf-16")
