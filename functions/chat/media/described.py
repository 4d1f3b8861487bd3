"""Moderation, pictures, speech and transcripts, as the document has them."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from atom_llm.http.routed.documented import document
from atom_llm.http.routed.responses import problem_responses
from functions.chat.media import schemas_media
from functions.chat.media.routes_media import IMAGES, MODERATIONS, SPEECH, TRANSCRIPTIONS
from functions.chat.schemas import call_by_hand

FAILURES = problem_responses(400, 402, 403, 404, 409, 413, 415, 422, 429, 502, 504, dialect="openai")


def _answers(model: type[Any] | None, description: str, content: dict[str, Any] | None = None) -> dict[Any, Any]:
    shown: dict[str, Any] = {"description": description}
    shown |= {} if model is None else {"model": model}
    return {**FAILURES, 200: shown | ({} if content is None else {"content": content})}


router = APIRouter(tags=["media"])
document(
    router,
    MODERATIONS,
    summary="Moderation",
    openapi_extra=call_by_hand(schemas_media.ModerationIn),
    responses=_answers(schemas_media.ModerationOut, "A verdict an input."),
)
document(
    router,
    IMAGES,
    summary="Pictures",
    openapi_extra=call_by_hand(schemas_media.ImageIn),
    responses=_answers(schemas_media.ImageOut, "As many pictures as were asked for."),
)
document(
    router,
    SPEECH,
    summary="Speech",
    response_class=Response,
    openapi_extra=call_by_hand(schemas_media.SpeechIn),
    responses=_answers(None, "The sound.", schemas_media.SOUND),
)
document(
    router,
    TRANSCRIPTIONS,
    summary="Transcripts",
    openapi_extra=schemas_media.form_by_hand(),
    responses=_answers(schemas_media.TranscriptionOut, "The transcript.", schemas_media.TRANSCRIPT),
)
