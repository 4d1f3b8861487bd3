"""Calls of models in Anthropic's dialect."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from atom_llm.composition import Container
from atom_llm.domain.tenancy.service_keys import Scope
from atom_llm.http.auth import RouteByHand, requires
from atom_llm.http.body import json_body
from atom_llm.http.problems import problem_responses
from functions.chat.calls import answered
from functions.chat.documented import MESSAGE_EVENTS
from functions.chat.messages import schemas
from functions.chat.messages.answer import MessagesDialect
from functions.chat.messages.request import messages_request
from functions.chat.options import call_options
from functions.chat.schemas import by_hand, call_by_hand

router = APIRouter(tags=["messages"], dependencies=[requires(Scope.CHAT)], route_class=RouteByHand)

FAILURES = problem_responses(400, 402, 403, 404, 409, 413, 415, 429, 502, 504, dialect="anthropic")
COUNT_FAILURES = problem_responses(400, 403, 404, 413, 415, dialect="anthropic")
MESSAGE: dict[int | str, dict[str, Any]] = {
    200: {"model": schemas.MessageOut, "content": MESSAGE_EVENTS, "description": "Whole, or a stream of events."}
}


@router.post(
    "/messages",
    summary="Message",
    openapi_extra=call_by_hand(schemas.MessageIn, schemas.BETA_QUERY),
    responses={**FAILURES, **MESSAGE},
)
async def messages(request: Request) -> Response:
    """Answer in Anthropic's shape, with the model that is asked for or the next one of the chain that answers."""
    container: Container = request.app.state.container()
    asked = messages_request(*await json_body(request), request.headers)
    return await answered(request, asked, MessagesDialect(request.state.request_id, container.clock))


@router.post(
    "/messages/count_tokens",
    summary="Count of a message's tokens",
    openapi_extra=by_hand(schemas.CountIn, schemas.BETA_QUERY),
    responses={**COUNT_FAILURES, 200: {"model": schemas.CountOut, "description": "The tokens of the prompt."}},
)
async def count_tokens(request: Request) -> Response:
    """Count a prompt's tokens: by the provider where it speaks this dialect, else by estimate, as a header says."""
    container: Container = request.app.state.container()
    asked = messages_request(*await json_body(request), request.headers, is_count=True)
    counter = container.calls.prompt_counter
    counted = await counter.count(request.state.caller, asked, call_options(request.headers))
    headers = {"x-llm-token-count": "provider" if counted.is_exact else "estimate"}
    if counted.model is not None:
        headers["x-llm-model"] = counted.model
    return JSONResponse({"input_tokens": counted.tokens}, headers=headers)
