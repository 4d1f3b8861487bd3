"""Server-sent events as bytes come in: any line ending, any split, comments and several data lines
(the WHATWG HTML standard, "Server-sent events")."""

from typing import Final

from atom_llm.domain.providers.exchange import ServerSentEvent

MAX_EVENT: Final = 20 * 1024 * 1024  # bytes; a picture in base64 is an event too (docs/security.md, "Limits")

_BOM: Final = b"\xef\xbb\xbf"


class EventTooLarge(Exception):
    """An event is larger than any that a provider sends."""


class EventParser:
    """A parser of bytes to events. Text is decoded line by line, so that a character may arrive in two pieces."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []  # of a line that is not whole yet
        self._size = 0
        self._data: list[str] = []
        self._name: str | None = None
        self._is_first_line = True
        self._after_cr = False  # the last piece ended with CR; an LF at the head of the next belongs to it

    def feed(self, piece: bytes) -> list[ServerSentEvent]:
        """Return the events that a piece completes; raises `EventTooLarge`."""
        if self._after_cr:
            piece = piece.removeprefix(b"\n")
            self._after_cr = False
        if b"\r" in piece:
            self._after_cr = piece.endswith(b"\r")
            piece = piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if b"\n" not in piece:
            self._keep(piece)
            return []
        lines = (b"".join(self._pieces) + piece if self._pieces else piece).split(b"\n")
        self._pieces.clear()
        self._size = sum(len(line) for line in self._data)
        self._keep(lines.pop())
        return self._events(lines)

    def end(self) -> list[ServerSentEvent]:
        """Return the events that the stream's end completes: the last, where a provider saves itself the blank line."""
        last = b"".join(self._pieces)
        self._pieces.clear()
        return self._events([last, b""] if last else [b""])

    def _keep(self, piece: bytes) -> None:
        if piece:
            self._size += len(piece)
            if self._size > MAX_EVENT:
                raise EventTooLarge
            self._pieces.append(piece)

    def _events(self, lines: list[bytes]) -> list[ServerSentEvent]:
        """Return the events that end with one of the lines."""
        if self._is_first_line:
            lines[0] = lines[0].removeprefix(_BOM)
            self._is_first_line = False
        events: list[ServerSentEvent] = []
        for line in lines:
            if not line:
                if self._data:
                    events.append(ServerSentEvent(self._name, "\n".join(self._data)))
                    self._data = []
                self._name = None
            elif line.startswith(b"data:"):
                self._data.append(_value(line, 5))
            elif line.startswith(b"event:"):
                self._name = _value(line, 6)
            elif line == b"data":
                self._data.append("")
        return events


def _value(line: bytes, start: int) -> str:
    """Return the text behind a field's colon, without the one space that may follow it."""
    if line[start : start + 1] == b" ":
        start += 1
    return line[start:].decode(errors="replace")
