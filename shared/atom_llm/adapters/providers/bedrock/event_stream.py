"""AWS's binary event stream, `application/vnd.amazon.eventstream`, as events with a name and data in JSON.

A message is its length and that of its headers, a checksum of both, headers, payload, and a checksum of all
(smithy.io, "Amazon Event Stream Specification").
"""

from collections.abc import Mapping
from struct import Struct, error
from typing import Final
from zlib import crc32

from atom_llm.adapters.providers.sse import MAX_EVENT, EventTooLarge
from atom_llm.domain.providers.exchange import ServerSentEvent
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure

_PRELUDE: Final = Struct(">III")  # the message's length, its headers' length, their checksum
_CHECKSUM: Final = Struct(">I")
_LENGTH: Final = Struct(">H")
_TEXT: Final = 7  # the type of a header that is a text
# Bytes of the types of headers that have a fixed length: booleans, integers, a timestamp and a UUID.
_SIZES: Final[Mapping[int, int]] = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}
_WITH_LENGTH: Final = (6, _TEXT)
_LEAST: Final = _PRELUDE.size + _CHECKSUM.size


class EventStreamParser:
    """A parser of bytes to events, whose names are the types that AWS gives them."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def feed(self, piece: bytes) -> list[ServerSentEvent]:
        """Return the events that a piece completes.

        Raises `EventTooLarge`, and `ProviderFailure` CUT for damage: what follows it has no beginning.
        """
        self._waiting += piece
        events = []
        while len(self._waiting) >= _PRELUDE.size:
            length, headers_length, checksum = _PRELUDE.unpack_from(self._waiting)
            if crc32(self._waiting[:8]) != checksum or length < _LEAST + headers_length:
                raise _damaged()
            if length > MAX_EVENT:
                raise EventTooLarge
            if len(self._waiting) < length:
                break
            message = bytes(self._waiting[:length])
            del self._waiting[:length]
            events.append(_event(message, headers_length))
        return events

    def end(self) -> list[ServerSentEvent]:
        """Return no event: one that is not whole has no meaning."""
        return []


def _event(message: bytes, headers_length: int) -> ServerSentEvent:
    end = len(message) - _CHECKSUM.size
    if crc32(message[:end]) != _CHECKSUM.unpack_from(message, end)[0]:
        raise _damaged()
    start = _PRELUDE.size + headers_length
    try:
        headers = _headers(message[_PRELUDE.size : start])
    except (KeyError, IndexError, ValueError, error):
        raise _damaged() from None
    name = headers.get(":event-type") or headers.get(":exception-type") or headers.get(":error-code")
    payload = message[start:end].decode(errors="replace")
    if headers.get(":message-type") == "error":
        return ServerSentEvent(name, payload or "{}")
    return ServerSentEvent(name, payload)


def _headers(block: bytes) -> dict[str, str]:
    """Return the headers that are texts, by their names."""
    found = {}
    place = 0
    while place < len(block):
        size = block[place]
        name = block[place + 1 : place + 1 + size].decode()
        place += 1 + size
        kind = block[place]
        place += 1
        if kind in _WITH_LENGTH:
            (size,) = _LENGTH.unpack_from(block, place)
            place += _LENGTH.size
            if kind == _TEXT:
                found[name] = block[place : place + size].decode()
        else:
            size = _SIZES[kind]
        place += size
    if place != len(block):
        raise ValueError
    return found


def _damaged() -> ProviderFailure:
    return ProviderFailure(FailureKind.CUT, "the provider's stream is damaged")
