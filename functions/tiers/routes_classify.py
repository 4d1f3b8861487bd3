"""The classification of prompts by how much model they need."""

from dataclasses import asdict

from fastapi import APIRouter

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.routing.chat_request import chat_request
from atom_llm.domain.tiers.classify import Classification, classify, classify_prompt
from atom_llm.domain.tiers.tier import AUTO, BOUNDS
from atom_llm.http.auth import requires
from atom_llm.http.deps import CurrentContainer
from atom_llm.http.envelopes import Success, success
from atom_llm.http.routed.responses import problem_responses
from functions.tiers import schemas

router = APIRouter(tags=["classification"])


@router.post(
    "/classify",
    summary="Classify a prompt",
    dependencies=[requires(None)],
    responses=problem_responses(400, 413, 415, 422),
)
def classification(container: CurrentContainer, request: schemas.ClassifyIn) -> Success[schemas.ClassificationOut]:
    """Classify a prompt: its tier before any preference, the score, and all reasons with weights. Stores nothing."""
    found = _classified(request)
    answer = schemas.ClassificationOut(
        tier=found.tier,
        score=found.score,
        tokens=found.tokens,
        confidence=found.confidence,
        minimum_quality=BOUNDS[found.tier].minimum_quality,
        signals=[schemas.SignalOut(**asdict(signal)) for signal in found.signals],
    )
    return success(answer, container.clock())


def _classified(request: schemas.ClassifyIn) -> Classification:
    """Classify; raises `InvalidRequest` unless there is exactly one of prompt and messages, each of them valid."""
    if request.prompt is not None and request.messages is not None:
        raise InvalidRequest("prompt", "stands beside messages: give one of them")
    if request.prompt is not None:
        return classify_prompt(request.prompt)
    if request.messages is None:
        raise InvalidRequest("prompt", "is missing: give a prompt or messages")
    chat_request({"model": AUTO, "messages": request.messages})  # the same is a message here as in a call
    return classify(request.messages)
