"""Calls of models in Anthropic's dialect."""

from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from atom_llm.composition import Container
from atom_llm.domain.tenancy.service_keys import Scope
from atom_llm.http.body import json_body
from atom_llm.http.by_hand import RouteByHand
from functions.chat.calls import answered
from functions.chat.messages.answer import MessagesDialect
from functions.chat.messages.request import messages_request
from functions.chat.options import call_options


async def messages(request: Request) -> Response:
    """Answer in Anthropic's shape, with the model that is asked for or the next one of the chain that answers."""
    container: Container = request.app.state.container()
    asked = messages_request(*await json_body(request), request.headers)
    return await answered(request, asked, MessagesDialect(request.state.request_id, container.clock))


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


BETA: Final = frozenset({"beta"})  # what Anthropic's SDKs put into the query

MESSAGES: Final = RouteByHand("POST", "/messages", messages, Scope.CHAT, BETA)
COUNT_TOKENS: Final = RouteByHand("POST", "/messages/count_tokens", count_tokens, Scope.CHAT, BETA)

BY_HAND: Final = (MESSAGES, COUNT_TOKENS)
