"""Embeddings of OpenAI's shape over Cohere's second version, `docs.cohere.com/reference/embed`."""

from collections.abc import Mapping
from typing import Any, Final

from atom_llm.adapters.providers.embeddings import embeddings_answer, requested_texts
from atom_llm.domain.providers.exchange import Json, ProviderAnswer, Target, WireRequest
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure

MAX_TEXTS: Final = 96  # of one call, the API's own
USUAL_INPUT_TYPE: Final = "search_document"  # the API wants one; queries have to say that they are one

_OF_OPENAI: Final = frozenset({"model", "input", "dimensions", "encoding_format", "user"})


def embed_request(target: Target, body: Mapping[str, Any]) -> WireRequest:
    """Translate a request for embeddings; fields that are Cohere's own (`input_type`, `truncate`) pass.

    Vectors are asked for as numbers, which every model has. Raises `ProviderFailure(UNSUPPORTED)` for tokens, and for
    more texts than a call takes.
    """
    texts = requested_texts(body, "Cohere", MAX_TEXTS)
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
    return embeddings_answer(target, body, content, given.get("float") if isinstance(given, dict) else given)
