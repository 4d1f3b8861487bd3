"""Calls of models in Anthropic's dialect, as the document has them."""

from typing import Any

from fastapi import APIRouter

from atom_llm.http.routed.documented import document
from atom_llm.http.routed.responses import problem_responses
from functions.chat.documented import MESSAGE_EVENTS
from functions.chat.messages import schemas
from functions.chat.messages.routes import COUNT_TOKENS, MESSAGES
from functions.chat.schemas import by_hand, call_by_hand

FAILURES = problem_responses(400, 402, 403, 404, 409, 413, 415, 429, 502, 504, dialect="anthropic")
COUNT_FAILURES = problem_responses(400, 403, 404, 413, 415, dialect="anthropic")
MESSAGE: dict[int | str, dict[str, Any]] = {
    200: {"model": schemas.MessageOut, "content": MESSAGE_EVENTS, "description": "Whole, or a stream of events."}
}

router = APIRouter(tags=["messages"])
document(
    router,
    MESSAGES,
    summary="Message",
    openapi_extra=call_by_hand(schemas.MessageIn, schemas.BETA_QUERY),
    responses={**FAILURES, **MESSAGE},
)
document(
    router,
    COUNT_TOKENS,
    summary="Count of a message's tokens",
    openapi_extra=by_hand(schemas.CountIn, schemas.BETA_QUERY),
    responses={**COUNT_FAILURES, 200: {"model": schemas.CountOut, "description": "The tokens of the prompt."}},
)
