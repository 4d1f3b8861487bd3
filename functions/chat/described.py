"""Calls of models in OpenAI's dialect, as the document has them."""

from typing import Any

from fastapi import APIRouter

from atom_llm.http.routed.documented import document
from atom_llm.http.routed.responses import problem_responses
from functions.chat import schemas
from functions.chat.documented import CHUNKS
from functions.chat.routes import COMPLETIONS, EMBEDDINGS

FAILURES = problem_responses(400, 402, 403, 404, 409, 413, 415, 422, 429, 502, 504, dialect="openai")
CHAT: dict[int | str, dict[str, Any]] = {
    200: {"model": schemas.ChatOut, "content": CHUNKS, "description": "Whole, or a stream of chunks."}
}
VECTORS = {200: {"model": schemas.EmbeddingsOut, "description": "One embedding an input."}}

router = APIRouter(tags=["calls"])
document(
    router,
    COMPLETIONS,
    summary="Chat",
    openapi_extra=schemas.call_by_hand(schemas.ChatIn),
    responses={**FAILURES, **CHAT},
)
document(
    router,
    EMBEDDINGS,
    summary="Embeddings",
    openapi_extra=schemas.call_by_hand(schemas.EmbeddingsIn),
    responses={**FAILURES, **VECTORS},
)
