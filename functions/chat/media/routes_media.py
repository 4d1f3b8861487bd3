"""Moderation, pictures, speech and transcripts in OpenAI's dialect; each answer comes whole."""

from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from atom_llm.composition import Container
from atom_llm.domain.routing.media_request import (
    MediaRequest,
    image_request,
    moderation_request,
    speech_request,
    transcription_request,
)
from atom_llm.domain.tenancy.service_keys import Scope
from atom_llm.http.auth import RouteByHand, requires
from atom_llm.http.body import json_body
from atom_llm.http.problems import problem_responses
from functions.chat import schemas
from functions.chat.calls import once, whole
from functions.chat.completions import OpenAIDialect
from functions.chat.media import schemas_media
from functions.chat.options import call_options

router = APIRouter(tags=["media"], dependencies=[requires(Scope.CHAT)], route_class=RouteByHand)

FAILURES = problem_responses(400, 402, 403, 404, 409, 413, 415, 422, 429, 502, 504, dialect="openai")


def _answers(model: type[Any] | None, description: str, content: dict[str, Any] | None = None) -> dict[Any, Any]:
    shown: dict[str, Any] = {"description": description}
    shown |= {} if model is None else {"model": model}
    return {**FAILURES, 200: shown | ({} if content is None else {"content": content})}


@router.post(
    "/moderations",
    summary="Moderation",
    openapi_extra=schemas.call_by_hand(schemas_media.ModerationIn),
    responses=_answers(schemas_media.ModerationOut, "A verdict an input."),
)
async def moderations(request: Request) -> Response:
    """Judge texts, and pictures where the model can, by categories of harm."""
    return await _made(request, moderation_request((await json_body(request))[0]))


@router.post(
    "/images/generations",
    summary="Pictures",
    openapi_extra=schemas.call_by_hand(schemas_media.ImageIn),
    responses=_answers(schemas_media.ImageOut, "As many pictures as were asked for."),
)
async def images(request: Request) -> Response:
    """Draw pictures of a prompt."""
    return await _made(request, image_request((await json_body(request))[0]))


@router.post(
    "/audio/speech",
    summary="Speech",
    response_class=Response,
    openapi_extra=schemas.call_by_hand(schemas_media.SpeechIn),
    responses=_answers(None, "The sound.", schemas_media.SOUND),
)
async def speech(request: Request) -> Response:
    """Speak a text."""
    return await _made(request, speech_request((await json_body(request))[0]))


@router.post(
    "/audio/transcriptions",
    summary="Transcripts",
    openapi_extra=schemas_media.form_by_hand(),
    responses=_answers(schemas_media.TranscriptionOut, "The transcript.", schemas_media.TRANSCRIPT),
)
async def transcriptions(request: Request) -> Response:
    """Write down what is said in a recording, as an object, plain text or subtitles."""
    from functions.chat.media.form import form_of  # rare: it loads a parser of forms

    return await _made(request, transcription_request(*await form_of(request)))


async def _made(request: Request, asked: MediaRequest) -> Response:
    container: Container = request.app.state.container()
    options = call_options(request.headers)

    async def answer() -> Response:
        ask = partial(container.calls.llm.make, request.state.caller, asked)
        return await whole(request, options, ask, OpenAIDialect(container.clock))

    return await once(request, options, answer)
