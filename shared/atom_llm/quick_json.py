"""JSON of calls, by orjson: in whatever it reads or writes otherwise than the standard library, that one does it."""

import json
from typing import Any, Final

import orjson

# Integers beyond 64 bits become doubles in orjson; any other number is read as Python reads it.
_LONG: Final = b"0" * 19
_DIGITS: Final = bytes(ord("0") if chr(each).isascii() and chr(each).isdigit() else ord(" ") for each in range(256))

_spell: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


def parsed(text: bytes | str) -> Any:
    """Return what a JSON text says, every integer exact; raises `ValueError` and `RecursionError`."""
    said = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if _LONG in said.translate(_DIGITS):
        return json.loads(text)
    try:
        return orjson.loads(said)
    except orjson.JSONDecodeError:  # NaN, halves of characters, or no JSON at all
        return json.loads(text)


def spelt(content: Any) -> bytes:
    """Return content as JSON without spaces, in UTF-8; raises `TypeError` for what JSON has no word for."""
    try:
        return orjson.dumps(content)
    except TypeError:  # an integer beyond 64 bits, or half a character
        return _spell(content).encode()
