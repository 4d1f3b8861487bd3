"""Calls of models in OpenAI's dialect."""

from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from atom_llm.composition import Container
from atom_llm.domain.routing.chat_request import chat_request
from atom_llm.domain.tenancy.service_keys import Scope
from atom_llm.http.body import json_body
from atom_llm.http.by_hand import RouteByHand
from functions.chat.calls import answered, once, whole
from functions.chat.completions import OpenAIDialect
from functions.chat.options import call_options


async def completions(request: Request) -> Response:
    """Complete a chat in OpenAI's shape, with the model that is asked for or the next one of the chain that answers."""
    container: Container = request.app.state.container()
    asked = chat_request(*await json_body(request))
    return await answered(request, asked, OpenAIDialect(container.clock, include_usage=asked.include_usage))


async def embeddings(request: Request) -> Response:
    """Embed texts in OpenAI's shape, at the providers that have embeddings."""
    container: Container = request.app.state.container()
    (body, _), options = await json_body(request), call_options(request.headers)

    async def answer() -> Response:
        ask = partial(container.calls.llm.embed, request.state.caller, body)
        return await whole(request, options, ask, OpenAIDialect(container.clock))

    return await once(request, options, answer)


COMPLETIONS: Final = RouteByHand("POST", "/chat/completions", completions, Scope.CHAT)
EMBEDDINGS: Final = RouteByHand("POST", "/embeddings", embeddings, Scope.CHAT)

BY_HAND: Final = (COMPLETIONS, EMBEDDINGS)
