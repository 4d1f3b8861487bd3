"""The calls of tools in one choice's stream, each at an index of its own, and its id, type and name told once.

Clients put a call together by its index, and join what comes of it again. Some servers count no calls (each has the
index 0, or none), or say the id and the name with every piece.
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
    identity: str
    given_id: str
    name: str
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

    def mend(self, pieces: Sequence[Json], answer_id: object) -> None:
        """Rewrite the pieces of an event, in place."""
        for piece in pieces:
            self._mend(piece, answer_id)

    def _mend(self, piece: Json, answer_id: object) -> None:
        kind = "custom" if "custom" in piece else "function"
        holder = piece.get(kind)
        called = holder if isinstance(holder, dict) else {}
        given_id, name = _text(piece.get("id")), _text(called.get("name"))
        said = _text(called.get("input" if kind == "custom" else "arguments"))
        given = piece.get("index")
        index = given if isinstance(given, int) else None
        call = self._at.get(index)
        if call is None or _is_another(call, given_id, name, said):
            call = self._begun(index, given_id, name, answer_id)
            piece |= {"id": call.identity, "type": kind}
        else:
            for field in ("id", "type"):
                piece.pop(field, None)
            if not name or call.name:
                called.pop("name", None)
            call.name = call.name or name
            call.given_id = call.given_id or given_id
        call.arguments += said
        piece["index"] = call.place

    def _begun(self, index: int | None, given_id: str, name: str, answer_id: object) -> _Call:
        taken = {call.place for call in self._calls}
        place = index if index is not None and index not in taken else max(taken, default=-1) + 1
        used = {call.identity for call in self._calls}
        identity = given_id if given_id and given_id not in used else made_id(answer_id, place)
        call = self._at[index] = _Call(place, identity, given_id, name)
        self._calls.append(call)
        return call


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
