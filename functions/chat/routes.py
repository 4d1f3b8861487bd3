"""Calls of models in OpenAI's dialect. Both routes read their requests by hand: they are called far more than any."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from atom_llm.composition import Container
from atom_llm.domain.calls.idempotency import HEADER
from atom_llm.domain.routing.chat_request import chat_request
from atom_llm.domain.tenancy.service_keys import Scope
from atom_llm.http.auth import RouteByHand, requires
from atom_llm.http.body import json_body
from atom_llm.http.problems import problem_responses
from atom_llm.services.calls.byok_handler import CompletedCall
from atom_llm.services.calls.llm_service import CallOptions
from functions.chat import schemas
from functions.chat.idempotency import answer_once
from functions.chat.options import call_options
from functions.chat.responses import StreamedAnswer, WholeAnswer, gone, opened

router = APIRouter(tags=["calls"], dependencies=[requires(Scope.CHAT)], route_class=RouteByHand)

FAILURES = problem_responses(400, 402, 403, 404, 409, 413, 415, 422, 429, 502, 504, dialect="openai")
CHAT: dict[int | str, dict[str, Any]] = {
    200: {"model": schemas.ChatOut, "content": schemas.STREAM, "description": "Whole, or a stream of chunks."}
}


@router.post(
    "/chat/completions",
    summary="Chat",
    openapi_extra=schemas.by_hand(schemas.ChatIn),
    responses={**FAILURES, **CHAT},
)
async def chat(request: Request) -> Response:
    """Complete a chat in OpenAI's shape, with the model that is asked for or the next one of the chain that answers."""
    container: Container = request.app.state.container()
    asked, options = chat_request(*await json_body(request)), call_options(request.headers)

    async def answer() -> Response:
        if not asked.stream:
            return await _whole(request, options, partial(container.calls.llm.answer, request.state.caller, asked))
        leaving = asyncio.ensure_future(gone(request.receive))
        of_caller = replace(options, has_left=leaving.done)
        try:
            call = container.calls.llm.chat_call(request.state.caller, asked, of_caller)
            opening = asyncio.ensure_future(container.calls.llm.open_stream(call, buffer=options.buffer))
            await opened(opening)
        except BaseException:
            leaving.cancel()
            raise
        return StreamedAnswer(call, opening, leaving, include_usage=asked.include_usage, clock=container.clock)

    if HEADER not in request.headers:
        return await answer()
    return await answer_once(request, container, container.calls.llm.deadline_s(options), answer)


@router.post(
    "/embeddings",
    summary="Embeddings",
    openapi_extra=schemas.by_hand(schemas.EmbeddingsIn),
    responses={**FAILURES, 200: {"model": schemas.EmbeddingsOut, "description": "One embedding an input."}},
)
async def embeddings(request: Request) -> Response:
    """Embed texts in OpenAI's shape, at the providers that have embeddings."""
    container: Container = request.app.state.container()
    (body, _), options = await json_body(request), call_options(request.headers)

    async def answer() -> Response:
        return await _whole(request, options, partial(container.calls.llm.embed, request.state.caller, body))

    if HEADER not in request.headers:
        return await answer()
    return await answer_once(request, container, container.calls.llm.deadline_s(options), answer)


async def _whole(
    request: Request, options: CallOptions, ask: Callable[[CallOptions], Awaitable[CompletedCall]]
) -> Response:
    """Return a whole answer, while it is watched whether its caller is still there."""
    leaving = asyncio.ensure_future(gone(request.receive))
    try:
        return WholeAnswer(await ask(replace(options, has_left=leaving.done)))
    finally:
        leaving.cancel()
