"""The calls of tools in one choice's stream, each at an index of its own, and its id, type and name told once.

Clients put a call together by its index, and join what comes of it again. Some servers count no calls (each has the
index 0, or none), say the id and the name with every piece, or the name last.
"""

import json
from base64 import b32encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from atom_llm.domain.providers.exchange import Json

_ID_LETTERS: Final = 12  # of an answer's id, in the ids that its calls are given


@dataclass(slots=True)
class _Call:
    place: int
    given_id: str = ""
    identity: str = ""
    name: str = ""
    arguments: str = ""

    @property
    def is_whole(self) -> bool:
        """Return whether the arguments are an object of JSON, to which nothing can be added."""
        try:
            return isinstance(json.loads(self.arguments), dict)
        except (ValueError, RecursionError):
            return False


class CallDeltas:
    """The calls of a choice so far."""

    def __init__(self) -> None:
        self._calls: list[_Call] = []
        self._at: dict[int | None, _Call] = {}  # the last one at each index that the provider gives

    @property
    def are_told(self) -> bool:
        """Return whether a call has a name: without one it is none."""
        return any(call.name for call in self._calls)

    def mended(self, pieces: Sequence[Json], answer_id: object) -> list[Json]:
        """Return the pieces of an event as clients expect them; what comes before a call's name comes with it."""
        for piece in pieces:
            self._mend(piece, answer_id)
        return [piece for piece in pieces if self._named(piece)]

    def _mend(self, piece: Json, answer_id: object) -> None:
        kind = "custom" if "custom" in piece else "function"
        holder = piece.get(kind)
        called = holder if isinstance(holder, dict) else {}
        given_id, name = _text(piece.get("id")), _text(called.get("name"))
        field = "input" if kind == "custom" else "arguments"
        said = _text(called.get(field))
        given = piece.get("index")
        index = given if isinstance(given, int) else None
        call = self._at.get(index)
        if call is None or _is_another(call, given_id, name, said):
            call = self._begun(index)
        call.given_id = call.given_id or given_id
        is_first = bool(name) and not call.name
        call.arguments += said
        if is_first:
            call.name, call.identity = name, self._identity(call, answer_id)
            piece |= {"id": call.identity, "type": kind}
            called |= {"name": name, field: call.arguments}
        else:
            for told in ("id", "type"):
                piece.pop(told, None)
            called.pop("name", None)
        piece["index"] = call.place

    def _named(self, piece: Json) -> bool:
        return any(call.name for call in self._calls if call.place == piece["index"])

    def _begun(self, index: int | None) -> _Call:
        taken = {call.place for call in self._calls}
        place = index if index is not None and index not in taken else max(taken, default=-1) + 1
        call = self._at[index] = _Call(place)
        self._calls.append(call)
        return call

    def _identity(self, call: _Call, answer_id: object) -> str:
        used = {each.identity for each in self._calls}
        return call.given_id if call.given_id and call.given_id not in used else made_id(answer_id, call.place)


def made_id(answer_id: object, place: int) -> str:
    """Return an id for a call whose provider gave none, or the same as another's; each answer's are its own."""
    if not isinstance(answer_id, str) or not answer_id:
        return f"call_{place}"
    letters = b32encode(sha256(answer_id.encode("utf-8", "replace")).digest()).decode()[:_ID_LETTERS]
    return f"call_{letters}_{place}"


def _is_another(call: _Call, given_id: str, name: str, said: str) -> bool:
    """Return whether a piece at a call's index begins another: only the first piece of one needs a name."""
    if not name:
        return False
    if given_id and call.given_id:
        return given_id != call.given_id
    return bool(call.name) and bool(said) and (name != call.name or call.is_whole)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
