"""Embeddings of OpenAI's shape over Cohere's second version, `docs.cohere.com/reference/embed`."""

import struct
from base64 import b64encode
from collections.abc import Mapping
from typing import Any, Final

from atom_llm.domain.providers.chunks import usage_in_openai_words
from atom_llm.domain.providers.exchange import Json, ProviderAnswer, Target, WireRequest
from atom_llm.domain.providers.failure_reading import error_within, unreadable
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from atom_llm.domain.providers.reported_usage import embeddings_usage

MAX_TEXTS: Final = 96  # of one call, the API's own
USUAL_INPUT_TYPE: Final = "search_document"  # the API wants one; queries have to say that they are one

_OF_OPENAI: Final = frozenset({"model", "input", "dimensions", "encoding_format", "user"})


def embed_request(target: Target, body: Mapping[str, Any]) -> WireRequest:
    """Translate a request for embeddings; fields that are Cohere's own (`input_type`, `truncate`) pass.

    Vectors are asked for as numbers, which every model has. Raises `ProviderFailure(UNSUPPORTED)` for tokens, and for
    more texts than a call takes.
    """
    given = body["input"]
    texts = [given] if isinstance(given, str) else given
    if not all(isinstance(text, str) for text in texts):
        raise ProviderFailure(FailureKind.UNSUPPORTED, "Cohere embeds texts, and no token ids", param="input")
    if len(texts) > MAX_TEXTS:
        raise ProviderFailure(FailureKind.UNSUPPORTED, f"Cohere embeds no more than {MAX_TEXTS} texts", param="input")
    if body.get("embedding_types") not in (None, ["float"]):
        raise ProviderFailure(FailureKind.UNSUPPORTED, "only numbers fit OpenAI's shape", param="embedding_types")
    wire: Json = {"model": target.model, "input_type": USUAL_INPUT_TYPE, "texts": texts}
    wire |= {name: value for name, value in body.items() if name not in _OF_OPENAI and value is not None}
    wire["embedding_types"] = ["float"]
    if body.get("dimensions") is not None:
        wire["output_dimension"] = body["dimensions"]
    return WireRequest("embed", wire, dropped=("user",) if body.get("user") is not None else ())


def embedded(target: Target, body: Mapping[str, Any], content: Json) -> ProviderAnswer:
    """Return the vectors as OpenAI's list, in the encoding asked for; raises `ProviderFailure` for less than all."""
    given = content.get("embeddings")
    vectors = given.get("float") if isinstance(given, dict) else given
    if not isinstance(vectors, list):
        raise error_within(target.provider.id, content) or unreadable("the provider answered with no embeddings")
    expected = 1 if isinstance(body["input"], str) else len(body["input"])
    if len(vectors) != expected:
        raise unreadable(f"the provider answered {expected} texts with {len(vectors)} embeddings")
    in_base64 = body.get("encoding_format") == "base64"
    data = [
        {"object": "embedding", "index": index, "embedding": _in_base64(vector) if in_base64 else vector}
        for index, vector in enumerate(map(_vector, vectors))
    ]
    answer: Json = {"object": "list", "data": data, "model": target.model}
    reported = embeddings_usage(target.provider.id, content)
    if reported is not None:
        usage = usage_in_openai_words(reported.usage)
        answer["usage"] = {"prompt_tokens": usage["prompt_tokens"], "total_tokens": usage["total_tokens"]}
    return ProviderAnswer(answer, reported)


def _vector(given: object) -> list[float]:
    if not isinstance(given, list) or not given or not all(type(each) in (int, float) for each in given):
        raise unreadable("the provider answered with an embedding that is no list of numbers")
    return given


def _in_base64(vector: list[float]) -> str:
    """Pack a vector as OpenAI does: 32-bit floats, little-endian, in base64."""
    try:
        return b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
    except (OverflowError, struct.error):
        raise unreadable("the provider answered with an embedding out of range") from None
