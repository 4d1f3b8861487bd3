"""Embeddings as floats or as base64 of little-endian float32: OpenAI's SDK asks for the latter by default."""

from array import array
from base64 import b64decode, b64encode
from collections.abc import Mapping
from sys import byteorder
from typing import Any

from atom_llm.domain.providers.failure_reading import unreadable


def in_wanted_format(embedding: Any, body: Mapping[str, Any]) -> list[float] | str:
    """Return an embedding as the request asks for it; raises `ProviderFailure` for one that is neither."""
    wants_base64 = body.get("encoding_format") == "base64"
    if isinstance(embedding, str):
        return embedding if wants_base64 else _floats(embedding)
    if isinstance(embedding, list) and all(isinstance(each, int | float) for each in embedding):
        return _base64(embedding) if wants_base64 else embedding
    raise unreadable("the provider's answer has an embedding of another kind")


def _base64(numbers: list[float]) -> str:
    packed = array("f", numbers)
    if byteorder == "big":
        packed.byteswap()
    return b64encode(packed.tobytes()).decode()


def _floats(text: str) -> list[float]:
    packed = array("f")
    try:
        packed.frombytes(b64decode(text, validate=True))
    except ValueError:
        raise unreadable("the provider's answer has an embedding that is no base64") from None
    if byteorder == "big":
        packed.byteswap()
    return list(packed)
