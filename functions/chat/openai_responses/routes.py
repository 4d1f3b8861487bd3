"""Calls of models in OpenAI's Responses dialect."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from atom_llm.composition import Container
from atom_llm.domain.core.errors import NotFound
from atom_llm.domain.tenancy.service_keys import Scope
from atom_llm.http.auth import RouteByHand, requires
from atom_llm.http.body import json_body
from atom_llm.http.problems import problem_responses
from functions.chat.calls import answered
from functions.chat.documented import RESPONSE_EVENTS
from functions.chat.openai_responses import schemas
from functions.chat.openai_responses.answer import ResponsesDialect
from functions.chat.openai_responses.asked import kept_ids, responses_asked
from functions.chat.options import call_options
from functions.chat.schemas import by_hand, call_by_hand

router = APIRouter(tags=["responses"], dependencies=[requires(Scope.CHAT)], route_class=RouteByHand)

COUNT_FAILURES = problem_responses(400, 403, 404, 413, 415, dialect="responses")
FAILURES = problem_responses(400, 402, 403, 404, 409, 413, 415, 429, 502, 504, dialect="responses")
RESPONSE: dict[int | str, dict[str, Any]] = {
    200: {"model": schemas.ResponsesOut, "content": RESPONSE_EVENTS, "description": "Whole, or a stream of events."}
}


@router.post(
    "/responses",
    summary="Response",
    openapi_extra=call_by_hand(schemas.ResponsesIn),
    responses={**FAILURES, **RESPONSE},
)
async def responses(request: Request) -> Response:
    """Answer as a response of OpenAI's, with the model that is asked for or the next one of the chain that answers."""
    container: Container = request.app.state.container()
    asked = await responses_asked(request, *await json_body(request))
    ids = await kept_ids(request, asked)
    return await answered(request, asked.chat, ResponsesDialect(asked, request.state.request_id, container.clock, ids))


@router.get("/responses", include_in_schema=False)
async def no_websocket(request: Request) -> Response:
    """Answer at once to a client that would rather have a websocket: it goes on without one."""
    raise NotFound("a response is asked for by POST: there is no websocket")


@router.post(
    "/responses/input_tokens",
    summary="Count of a response's input tokens",
    openapi_extra=by_hand(schemas.InputTokensIn),
    responses={**COUNT_FAILURES, 200: {"model": schemas.InputTokensOut, "description": "The tokens of the prompt."}},
)
async def input_tokens(request: Request) -> Response:
    """Count a prompt's tokens: by OpenAI where one of its models would answer, else by estimate; spends nothing."""
    container: Container = request.app.state.container()
    asked = await responses_asked(request, *await json_body(request))
    counter = container.calls.prompt_counter
    counted = await counter.count(request.state.caller, asked.chat, call_options(request.headers))
    headers = {"x-llm-token-count": "provider" if counted.is_exact else "estimate"}
    if counted.model is not None:
        headers["x-llm-model"] = counted.model
    return JSONResponse({"object": "response.input_tokens", "input_tokens": counted.tokens}, headers=headers)
