"""Calls of models in OpenAI's dialect. Both routes read their requests by hand: they are called far more than any."""

from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from atom_llm.composition import Container
from atom_llm.domain.routing.chat_request import chat_request
from atom_llm.domain.tenancy.service_keys import Scope
from atom_llm.http.auth import RouteByHand, requires
from atom_llm.http.body import json_body
from atom_llm.http.problems import problem_responses
from functions.chat import schemas
from functions.chat.calls import answered, once, whole
from functions.chat.completions import OpenAIDialect
from functions.chat.documented import CHUNKS
from functions.chat.options import call_options

router = APIRouter(tags=["calls"], dependencies=[requires(Scope.CHAT)], route_class=RouteByHand)

FAILURES = problem_responses(400, 402, 403, 404, 409, 413, 415, 422, 429, 502, 504, dialect="openai")
CHAT: dict[int | str, dict[str, Any]] = {
    200: {"model": schemas.ChatOut, "content": CHUNKS, "description": "Whole, or a stream of chunks."}
}


@router.post(
    "/chat/completions",
    summary="Chat",
    openapi_extra=schemas.call_by_hand(schemas.ChatIn),
    responses={**FAILURES, **CHAT},
)
async def completions(request: Request) -> Response:
    """Complete a chat in OpenAI's shape, with the model that is asked for or the next one of the chain that answers."""
    container: Container = request.app.state.container()
    asked = chat_request(*await json_body(request))
    return await answered(request, asked, OpenAIDialect(container.clock, include_usage=asked.include_usage))


@router.post(
    "/embeddings",
    summary="Embeddings",
    openapi_extra=schemas.call_by_hand(schemas.EmbeddingsIn),
    responses={**FAILURES, 200: {"model": schemas.EmbeddingsOut, "description": "One embedding an input."}},
)
async def embeddings(request: Request) -> Response:
    """Embed texts in OpenAI's shape, at the providers that have embeddings."""
    container: Container = request.app.state.container()
    (body, _), options = await json_body(request), call_options(request.headers)

    async def answer() -> Response:
        ask = partial(container.calls.llm.embed, request.state.caller, body)
        return await whole(request, options, ask, OpenAIDialect(container.clock))

    return await once(request, options, answer)
