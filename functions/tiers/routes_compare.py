"""The tiers side by side: for a request of the caller's, and for a usual one of each tier."""

from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from atom_llm.composition import Container
from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.registry.quality import ATTRIBUTION
from atom_llm.domain.routing.chat_request import chat_request
from atom_llm.domain.tiers.tier import AUTO
from atom_llm.http.auth import CurrentCaller, requires
from atom_llm.http.deps import CurrentContainer
from atom_llm.http.envelopes import Success, success
from atom_llm.http.files.frontier_svg import drawn
from atom_llm.http.routed.responses import problem_responses
from atom_llm.services.routing.compare_tiers import TierComparison
from functions.tiers import present, schemas

router = APIRouter(tags=["comparison"], dependencies=[requires(None)])

SIDE_BY_SIDE: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"image/svg+xml": {"schema": {"type": "string"}}},
        "description": "Side by side, or the frontier as a picture.",
    }
}


@router.post(
    "/estimate-cost",
    summary="What each tier would cost",
    responses=problem_responses(400, 413, 415, 422),
)
def estimate_cost(
    container: CurrentContainer, caller: CurrentCaller, request: schemas.EstimateCostIn
) -> Success[schemas.EstimateCostOut]:
    """Show for each tier the model that would be chosen for this tenant now, with its cost, or the reason for none."""
    found = _compared(container, caller.tenant, request)
    return success(present.estimate(found), container.clock())


@router.get(
    "/compare",
    summary="The tiers side by side",
    responses={**problem_responses(422), **SIDE_BY_SIDE},
    response_model=Success[schemas.CompareOut],
)
def compare(
    container: CurrentContainer,
    caller: CurrentCaller,
    format: Annotated[Literal["json", "svg"], Query(description="`svg`: the frontier as a picture.")] = "json",
) -> Success[schemas.CompareOut] | Response:
    """Show quality, cost and latency of each tier for a usual prompt, and the models that nothing beats in both."""
    comparer, now = container.routing.tier_comparer, container.clock()
    if format == "svg":
        published = container.registry.quality_reader.current().published
        picture = drawn(comparer.reachable(caller.tenant), f"{ATTRIBUTION}{f', {published}' if published else ''}")
        return Response(picture, media_type="image/svg+xml")
    latency_ms = partial(comparer.latency_ms, caller.tenant)
    data = present.compare(comparer.usual(caller.tenant), comparer.frontier(caller.tenant), latency_ms)
    return success(data, now)


def _compared(container: Container, tenant: Any, request: schemas.EstimateCostIn) -> TierComparison:
    """Compare; raises `InvalidRequest` unless there is exactly one of prompt, messages and estimated_tokens."""
    given = [name for name in ("prompt", "messages", "estimated_tokens") if getattr(request, name) is not None]
    if len(given) != 1:
        wrong = "is missing: give a prompt, messages or estimated_tokens" if not given else f"stands beside {given[-1]}"
        raise InvalidRequest(given[0] if given else "prompt", wrong)
    comparer, expected = container.routing.tier_comparer, request.expected_output_tokens
    if request.estimated_tokens is not None:
        return comparer.of_tokens(tenant, request.estimated_tokens, expected)
    messages = request.messages or [{"role": "user", "content": request.prompt}]
    return comparer.of_request(tenant, chat_request({"model": AUTO, "messages": messages}), expected)
