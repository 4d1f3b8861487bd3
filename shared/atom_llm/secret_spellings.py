"""Finding a secret in a text however it is spelt there: in another case, split up, or escaped."""

import re
import string
from typing import Final

LEAST_TELLING: Final = 8  # letters and digits of a secret; fewer stand in ordinary words too
_LETTERS: Final = frozenset((string.ascii_letters + string.digits).encode())
_LOWER: Final = bytes(range(256)).lower()
_OTHERS: Final = bytes(each for each in range(256) if each not in _LETTERS)  # all of UTF-8 beyond ASCII among them
# JSON's, Python's, a URL's and HTML's escapes, escaped again any number of times.
_ESCAPE: Final = re.compile(
    r"\\++(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|[nrtbfv])|%(?:25)*([0-9a-fA-F]{2})|&#x([0-9a-fA-F]{1,4});|&#([0-9]{1,5});"
)
_PIECE: Final = re.compile(rf"{_ESCAPE.pattern}|(.)", re.DOTALL)
_PLAIN: Final = re.compile("(.)", re.DOTALL)
_DECIMAL: Final = 5  # the group of `_ESCAPE` that is not hexadecimal


def letters(text: str) -> bytes:
    """Return the ASCII letters and digits of a text, in lower case."""
    return text.encode("utf-8", "replace").translate(_LOWER, _OTHERS)


def holds(text: str, secret: bytes) -> bool:
    """Return whether a text holds a secret, given as its `letters`, as it stands or behind escapes."""
    if secret in letters(text):
        return True
    is_escaped = "\\" in text or "%" in text or "&#" in text
    return is_escaped and secret in letters(_ESCAPE.sub(_unescaped, text))


def without(text: str, secret: bytes, instead: str) -> str:
    """Return a text with `instead` in the place of a secret, given as its `letters`, and of whatever splits it up."""
    if not holds(text, secret):
        return text
    for pieces in (_PLAIN, _PIECE):  # a percent sign before a secret may be read as an escape of its beginning, or not
        found: list[tuple[int, int]] = []
        spelt = bytearray()
        for piece in pieces.finditer(text):
            said = letters(piece[0] if pieces is _PLAIN else _unescaped(piece))
            spelt += said
            found += [piece.span()] * len(said)
        kept, start = [], 0
        while (place := spelt.find(secret, start)) >= 0:
            kept.append((found[place][0], found[place + len(secret) - 1][1]))
            start = place + len(secret)
        for begin, end in reversed(kept):
            text = text[:begin] + instead + text[end:]
    return text


def _unescaped(piece: re.Match[str]) -> str:
    group = piece.lastindex
    if group is None:
        return ""
    if group > _DECIMAL:
        return piece[0]
    return chr(int(piece[group], 10 if group == _DECIMAL else 16))
