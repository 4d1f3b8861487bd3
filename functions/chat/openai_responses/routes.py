"""Calls of models in OpenAI's Responses dialect."""

from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from atom_llm.composition import Container
from atom_llm.domain.core.errors import NotFound
from atom_llm.domain.tenancy.service_keys import Scope
from atom_llm.http.body import json_body
from atom_llm.http.by_hand import RouteByHand
from functions.chat.calls import answered
from functions.chat.openai_responses.answer import ResponsesDialect
from functions.chat.openai_responses.asked import kept_ids, responses_asked
from functions.chat.options import call_options


async def responses(request: Request) -> Response:
    """Answer as a response of OpenAI's, with the model that is asked for or the next one of the chain that answers."""
    container: Container = request.app.state.container()
    asked = await responses_asked(request, *await json_body(request))
    ids = await kept_ids(request, asked)
    return await answered(request, asked.chat, ResponsesDialect(asked, request.state.request_id, container.clock, ids))


async def no_websocket(request: Request) -> Response:
    """Answer at once to a client that would rather have a websocket: it goes on without one."""
    raise NotFound("a response is asked for by POST: there is no websocket")


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


RESPONSES: Final = RouteByHand("POST", "/responses", responses, Scope.CHAT)
NO_WEBSOCKET: Final = RouteByHand("GET", "/responses", no_websocket, Scope.CHAT)
INPUT_TOKENS: Final = RouteByHand("POST", "/responses/input_tokens", input_tokens, Scope.CHAT)

BY_HAND: Final = (RESPONSES, NO_WEBSOCKET, INPUT_TOKENS)
