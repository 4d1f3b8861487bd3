"""Moderation, pictures, speech and transcripts in OpenAI's dialect; each answer comes whole."""

from functools import partial
from typing import Final

from starlette.requests import Request
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
from atom_llm.http.body import json_body
from atom_llm.http.by_hand import RouteByHand
from functions.chat.calls import once, whole
from functions.chat.completions import OpenAIDialect
from functions.chat.options import call_options


async def moderations(request: Request) -> Response:
    """Judge texts, and pictures where the model can, by categories of harm."""
    return await _made(request, moderation_request((await json_body(request))[0]))


async def images(request: Request) -> Response:
    """Draw pictures of a prompt."""
    return await _made(request, image_request((await json_body(request))[0]))


async def speech(request: Request) -> Response:
    """Speak a text."""
    return await _made(request, speech_request((await json_body(request))[0]))


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


MODERATIONS: Final = RouteByHand("POST", "/moderations", moderations, Scope.CHAT)
IMAGES: Final = RouteByHand("POST", "/images/generations", images, Scope.CHAT)
SPEECH: Final = RouteByHand("POST", "/audio/speech", speech, Scope.CHAT)
TRANSCRIPTIONS: Final = RouteByHand("POST", "/audio/transcriptions", transcriptions, Scope.CHAT)

BY_HAND: Final = (MODERATIONS, IMAGES, SPEECH, TRANSCRIPTIONS)
