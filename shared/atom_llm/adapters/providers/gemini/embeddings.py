"""Embeddings of OpenAI's shape over Gemini's batchEmbedContents, `ai.google.dev/api/embeddings`."""

from collections.abc import Mapping
from typing import Any, Final

from atom_llm.adapters.providers.embeddings import embeddings_answer, requested_texts
from atom_llm.adapters.providers.gemini.request import path
from atom_llm.domain.providers.exchange import Json, ProviderAnswer, Target, WireRequest

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
    texts = requested_texts(body, "Gemini", MAX_TEXTS)
    options = {theirs: body[name] for name, theirs in _NATIVE.items() if body.get(name) is not None}
    model = f"models/{target.model.removeprefix('models/')}"
    requests = [{"model": model, "content": {"parts": [{"text": text}]}, **options} for text in texts]
    known = _OF_OPENAI | _NATIVE.keys()
    dropped = tuple(name for name, value in body.items() if name not in known and value is not None)
    return WireRequest(path(target.model, "batchEmbedContents"), {"requests": requests}, dropped=dropped)


def embedded(target: Target, body: Mapping[str, Any], content: Json) -> ProviderAnswer:
    """Return the vectors as OpenAI's list, in the encoding asked for; raises `ProviderFailure` for less than all."""
    given = content.get("embeddings")
    vectors = list(map(_values, given)) if isinstance(given, list) else None
    return embeddings_answer(target, body, content, vectors)


def _values(vector: object) -> object:
    return vector.get("values") if isinstance(vector, dict) else None
