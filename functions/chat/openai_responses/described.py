"""Calls of models in OpenAI's Responses dialect, as the document has them."""

from typing import Any

from fastapi import APIRouter

from atom_llm.http.routed.documented import document
from atom_llm.http.routed.responses import problem_responses
from functions.chat.documented import RESPONSE_EVENTS
from functions.chat.openai_responses import schemas
from functions.chat.openai_responses.routes import INPUT_TOKENS, NO_WEBSOCKET, RESPONSES
from functions.chat.schemas import by_hand, call_by_hand

COUNT_FAILURES = problem_responses(400, 403, 404, 413, 415, dialect="responses")
FAILURES = problem_responses(400, 402, 403, 404, 409, 413, 415, 429, 502, 504, dialect="responses")
RESPONSE: dict[int | str, dict[str, Any]] = {
    200: {"model": schemas.ResponsesOut, "content": RESPONSE_EVENTS, "description": "Whole, or a stream of events."}
}

router = APIRouter(tags=["responses"])
document(
    router,
    RESPONSES,
    summary="Response",
    openapi_extra=call_by_hand(schemas.ResponsesIn),
    responses={**FAILURES, **RESPONSE},
)
document(router, NO_WEBSOCKET, include_in_schema=False)
document(
    router,
    INPUT_TOKENS,
    summary="Count of a response's input tokens",
    openapi_extra=by_hand(schemas.InputTokensIn),
    responses={**COUNT_FAILURES, 200: {"model": schemas.InputTokensOut, "description": "The tokens of the prompt."}},
)
