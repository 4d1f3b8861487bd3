"""Finding a secret in a text however it is spelt there: in another case, split up, or escaped."""

import re
import string
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

LEAST_TELLING: Final = 8  # letters and digits of a secret; fewer stand in ordinary words too
_LETTERS: Final = frozenset((string.ascii_letters + string.digits).encode())
_LOWER: Final = bytes(range(256)).lower()
_OTHERS: Final = bytes(each for each in range(256) if each not in _LETTERS)  # all of UTF-8 beyond ASCII among them
# JSON's, Python's, a URL's and HTML's escapes, escaped again any number of times.
_ESCAPES: Final = (
    r"\\++(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|[nrtbfv])|%(?:25)*([0-9a-fA-F]{2})"
    r"|&#x([0-9a-fA-F]{1,4});|&#([0-9]{1,5});"
)
_ESCAPE: Final = re.compile(_ESCAPES.encode())
_PIECE: Final = re.compile(rf"{_ESCAPES}|(.)", re.DOTALL)
_PLAIN: Final = re.compile("(.)", re.DOTALL)
_DECIMAL: Final = 5  # the group of `_ESCAPES` that is not hexadecimal
# No escape has such a byte before its last, and no character of several bytes has it at all.
_IN_NO_ESCAPE: Final = re.compile(rb"[^\\%&#xu0-9a-fA-F\x80-\xff]")
WINDOW: Final = 64 * 1024  # bytes that are looked through at once


def letters(text: str) -> bytes:
    """Return the ASCII letters and digits of a text, in lower case."""
    return _letters(text.encode("utf-8", "replace"))


def holds(text: bytes, secrets: Sequence[bytes]) -> bool:
    """Return whether a text in UTF-8 holds any of some secrets, given as their `letters`, as it stands or behind
    escapes.

    It is read in windows: a large answer is not there several times meanwhile.
    """
    if not secrets:
        return False
    if _are_in(secrets, map(_letters, _windows(text))):
        return True
    is_escaped = b"\\" in text or b"%" in text or b"&#" in text
    return is_escaped and _are_in(secrets, (_letters(_ESCAPE.sub(_unescaped, each)) for each in _windows(text)))


def without(text: str, secret: bytes, instead: str) -> str:
    """Return a text with `instead` in the place of a secret, given as its `letters`, and of whatever splits it up."""
    if not holds(text.encode("utf-8", "replace"), (secret,)):
        return text
    for pieces in (_PLAIN, _PIECE):  # a percent sign before a secret may be read as an escape of its beginning, or not
        found: list[tuple[int, int]] = []
        spelt = bytearray()
        for piece in pieces.finditer(text):
            said = letters(piece[0] if pieces is _PLAIN else _unescaped_text(piece))
            spelt += said
            found += [piece.span()] * len(said)
        kept, start = [], 0
        while (place := spelt.find(secret, start)) >= 0:
            kept.append((found[place][0], found[place + len(secret) - 1][1]))
            start = place + len(secret)
        for begin, end in reversed(kept):
            text = text[:begin] + instead + text[end:]
    return text


def _letters(text: bytes) -> bytes:
    return text.translate(_LOWER, _OTHERS)


def _windows(text: bytes) -> Iterator[bytes]:
    """Return the pieces of a text, none of which ends within an escape or a character."""
    start = 0
    while start < len(text):
        end = start + WINDOW
        if end < len(text):
            no_escape = _IN_NO_ESCAPE.search(text, end)
            end = len(text) if no_escape is None else no_escape.end()
        yield text[start:end]
        start = end


def _are_in(secrets: Sequence[bytes], pieces: Iterable[bytes]) -> bool:
    """Return whether pieces, joined, hold any of some secrets."""
    longest = max(map(len, secrets))
    last = b""
    for piece in pieces:
        said = last + piece
        for secret in secrets:
            if secret in said:
                return True
        last = said[1 - longest :]
    return False


def _unescaped(piece: re.Match[bytes]) -> bytes:
    group = piece.lastindex
    if group is None:
        return b""
    return chr(int(piece[group], 10 if group == _DECIMAL else 16)).encode("utf-8", "replace")


def _unescaped_text(piece: re.Match[str]) -> str:
    group = piece.lastindex
    if group is None:
        return ""
    if group > _DECIMAL:
        return piece[0]
    return chr(int(piece[group], 10 if group == _DECIMAL else 16))
