"""Plans and models as the routes show them."""

from atom_llm.domain.money import plain
from atom_llm.domain.routing import Candidate, Excluded
from atom_llm.services.callable_models import CallableModel
from atom_llm.services.plan_call import Plan
from functions.chat.documented import CallableModelOut, CandidateOut, ExcludedOut, RouteOut


def route(plan: Plan) -> RouteOut:
    """A plan with its reasons."""
    candidates = [_candidate(each) for each in plan.candidates]
    return RouteOut(
        object="route",
        asked=plan.asked,
        chosen=candidates[0].model if candidates else None,
        runner_up=candidates[1] if len(candidates) > 1 else None,
        candidates=candidates,
        excluded=[_excluded(each) for each in plan.excluded],
        prompt_tokens_estimated=plan.about_tokens,
        price_version=plan.price_version,
    )


def callable_model(model: CallableModel) -> CallableModelOut:
    """A model in OpenAI's shape, with what else helps to choose one."""
    entry = model.entry
    return CallableModelOut(
        id=entry.id,
        object="model",
        created=int(model.since.timestamp()),
        owned_by=entry.provider,
        mode=entry.mode or "chat",
        max_input_tokens=entry.limits.max_input_tokens,
        max_output_tokens=entry.limits.max_output_tokens,
        capabilities=sorted(entry.capabilities),
    )


def _candidate(candidate: Candidate) -> CandidateOut:
    return CandidateOut(
        model=candidate.id,
        provider=candidate.entry.provider,
        expected_cost_usd=plain(candidate.expected),
        most_cost_usd=plain(candidate.hold),
        output_limit=candidate.output_limit,
    )


def _excluded(excluded: Excluded) -> ExcludedOut:
    return ExcludedOut(
        model=excluded.model,
        reason=str(excluded.reason),
        detail=excluded.detail,
        field=excluded.field,
        expected_cost_usd=None if excluded.expected is None else plain(excluded.expected),
    )
