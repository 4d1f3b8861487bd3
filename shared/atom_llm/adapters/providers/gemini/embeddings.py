"""Embeddings of OpenAI's shape over Gemini's batchEmbedContents, `ai.google.dev/api/embeddings`."""

from collections.abc import Mapping
from typing import Any, Final

from atom_llm.adapters.providers.embedding_formats import in_wanted_format
from atom_llm.adapters.providers.gemini.request import path
from atom_llm.domain.providers.chunks import usage_in_openai_words
from atom_llm.domain.providers.exchange import Json, ProviderAnswer, Target, WireRequest
from atom_llm.domain.providers.failure_reading import error_within, unreadable
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from atom_llm.domain.providers.reported_usage import embeddings_usage

MAX_TEXTS: Final = 100  # "at most 100 requests can be in one batch"

_NATIVE: Final[Mapping[str, str]] = {
    "task_type": "taskType",
    "taskType": "taskType",
    "title": "title",
    "dimensions": "outputDimensionality",
}
_OF_OPENAI: Final = frozenset({"model", "input", "encoding_format"})


def embed_request(target: Target, body: Mapping[str, Any]) -> WireRequest:
    """Translate a request for embeddings; Google's own `task_type` and `title` pass.

    Raises `ProviderFailure(UNSUPPORTED)` for tokens, and for more texts than a call takes.
    """
    given = body["input"]
    texts = [given] if isinstance(given, str) else given
    if not all(isinstance(text, str) for text in texts):
        raise ProviderFailure(FailureKind.UNSUPPORTED, "Gemini embeds texts, and no token ids", param="input")
    if len(texts) > MAX_TEXTS:
        raise ProviderFailure(FailureKind.UNSUPPORTED, f"Gemini embeds no more than {MAX_TEXTS} texts", param="input")
    options = {theirs: body[name] for name, theirs in _NATIVE.items() if body.get(name) is not None}
    model = f"models/{target.model.removeprefix('models/')}"
    requests = [{"model": model, "content": {"parts": [{"text": text}]}, **options} for text in texts]
    known = _OF_OPENAI | _NATIVE.keys()
    dropped = tuple(name for name, value in body.items() if name not in known and value is not None)
    return WireRequest(path(target.model, "batchEmbedContents"), {"requests": requests}, dropped=dropped)


def embedded(target: Target, body: Mapping[str, Any], content: Json) -> ProviderAnswer:
    """Return the vectors as OpenAI's list, in the encoding asked for; raises `ProviderFailure` for less than all.

    Not every model tells its usage.
    """
    vectors = content.get("embeddings")
    if not isinstance(vectors, list):
        raise error_within(target.provider.id, content) or unreadable("the provider answered with no embeddings")
    expected = 1 if isinstance(body["input"], str) else len(body["input"])
    if len(vectors) != expected:
        raise unreadable(f"the provider answered {expected} texts with {len(vectors)} embeddings")
    data = [
        {"object": "embedding", "index": index, "embedding": in_wanted_format(_values(vector), body)}
        for index, vector in enumerate(vectors)
    ]
    answer: Json = {"object": "list", "data": data, "model": target.model}
    reported = embeddings_usage(target.provider.id, content)
    if reported is not None:
        usage = usage_in_openai_words(reported.usage)
        answer["usage"] = {"prompt_tokens": usage["prompt_tokens"], "total_tokens": usage["total_tokens"]}
    return ProviderAnswer(answer, reported)


def _values(vector: object) -> list[float]:
    values = vector.get("values") if isinstance(vector, dict) else None
    if not isinstance(values, list) or not values:
        raise unreadable("the provider answered with an embedding that has no values")
    return values
