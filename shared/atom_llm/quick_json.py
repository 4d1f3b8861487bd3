"""JSON of calls, by orjson: in whatever it reads or writes otherwise than the standard library, that one does it."""

import json
from collections.abc import Callable
from typing import Any, Final

import orjson

# Integers beyond 64 bits become doubles in orjson; any other number is read as Python reads it.
_LONG: Final = b"0" * 19
WINDOW: Final = 64 * 1024  # bytes that are looked through at once: a large text is not there twice meanwhile
_DIGITS: Final = bytes(ord("0") if chr(each).isascii() and chr(each).isdigit() else ord(" ") for each in range(256))

_spell: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


def parsed(text: bytes | str) -> Any:
    """Return what a JSON text says, every integer exact; raises `ValueError` and `RecursionError`."""
    said = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return _parsed(said, lambda: json.loads(text))


def parsed_mended(text: bytes) -> Any:
    """Return the same of a text that may begin with a byte order mark or hold bytes that are no UTF-8 (U+FFFD each)."""
    return _parsed(text, lambda: json.loads(text.decode("utf-8-sig", errors="replace")))


def _parsed(said: bytes, otherwise: Callable[[], Any]) -> Any:
    for at in range(0, len(said), WINDOW):
        if _LONG in said[at : at + WINDOW + len(_LONG)].translate(_DIGITS):
            return otherwise()
    try:
        return orjson.loads(said)
    except orjson.JSONDecodeError:  # NaN, halves of characters, or no JSON at all
        return otherwise()


def spelt(content: Any) -> bytes:
    """Return content as JSON without spaces, in UTF-8; raises `TypeError` for what JSON has no word for."""
    try:
        return orjson.dumps(content)
    except TypeError:  # an integer beyond 64 bits, or half a character
        return _spell(content).encode()
