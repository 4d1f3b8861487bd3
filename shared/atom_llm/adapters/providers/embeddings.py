"""Embeddings of OpenAI's shape, for every dialect: the texts of a request, and the list that answers it."""

import struct
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from atom_llm.domain.pricing.usage import usage_in_openai_words
from atom_llm.domain.providers.exchange import Json, ProviderAnswer, Target
from atom_llm.domain.providers.failure_reading import error_within, unreadable
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from atom_llm.domain.providers.reported_usage import embeddings_usage

FLOAT_BYTES = 4


def requested_texts(body: Mapping[str, Any], provider: str, most: int) -> Sequence[str]:
    """Return the texts of a request; raises `ProviderFailure(UNSUPPORTED)` for token ids, or more than `most` texts."""
    given = body["input"]
    texts = [given] if isinstance(given, str) else given
    if not all(isinstance(text, str) for text in texts):
        raise ProviderFailure(FailureKind.UNSUPPORTED, f"{provider} embeds texts, and no token ids", param="input")
    if len(texts) > most:
        raise ProviderFailure(FailureKind.UNSUPPORTED, f"{provider} embeds no more than {most} texts", param="input")
    return texts


def embeddings_answer(target: Target, body: Mapping[str, Any], content: Json, vectors: object) -> ProviderAnswer:
    """Return a provider's vectors as OpenAI's list; raises `ProviderFailure` for none, or fewer than were asked for.

    Not every model tells its usage.
    """
    if not isinstance(vectors, list):
        raise error_within(target.provider.id, content) or unreadable("the provider answered with no embeddings")
    check_number(vectors, body)
    data = [
        {"object": "embedding", "index": index, "embedding": in_wanted_format(vector, body)}
        for index, vector in enumerate(vectors)
    ]
    answer: Json = {"object": "list", "data": data, "model": target.model}
    reported = embeddings_usage(target.provider.id, content)
    if reported is not None:
        usage = usage_in_openai_words(reported.usage)
        answer["usage"] = {"prompt_tokens": usage["prompt_tokens"], "total_tokens": usage["total_tokens"]}
    return ProviderAnswer(answer, reported)


def check_number(found: Sequence[object], body: Mapping[str, Any]) -> None:
    """Raise `ProviderFailure` where an answer has not one embedding an input; a list of token ids is one input."""
    given = body["input"]
    expected = 1 if isinstance(given, str) or all(isinstance(each, int) for each in given) else len(given)
    if len(found) != expected:
        raise unreadable(f"the provider answered {expected} texts with {len(found)} embeddings")


def in_wanted_format(embedding: object, body: Mapping[str, Any]) -> list[float] | str:
    """Return an embedding as the request asks for it: as numbers, or in base64, which OpenAI's SDK asks for by default.

    Raises `ProviderFailure` for one that is neither.
    """
    wants_base64 = body.get("encoding_format") == "base64"
    if isinstance(embedding, str):
        return embedding if wants_base64 else _floats(embedding)
    if isinstance(embedding, list) and embedding and all(type(each) in (int, float) for each in embedding):
        return _base64(embedding) if wants_base64 else embedding
    raise unreadable("the provider answered with an embedding that is no list of numbers")


def _base64(numbers: Sequence[float]) -> str:
    """Pack numbers as OpenAI does: 32-bit floats, little-endian."""
    try:
        return b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode()
    except (OverflowError, struct.error):
        raise unreadable("the provider answered with an embedding out of range") from None


def _floats(text: str) -> list[float]:
    try:
        packed = b64decode(text, validate=True)
        return list(struct.unpack(f"<{len(packed) // FLOAT_BYTES}f", packed))
    except (ValueError, struct.error):
        raise unreadable("the provider answered with an embedding that is no base64") from None
