"""The standing of a caller: its key, its scopes and limits, its budgets, and its session's sum."""

from fastapi import APIRouter, Request

from atom_llm.composition import Container
from atom_llm.domain.ledger.end_users import EndUser, run_of
from atom_llm.domain.tenancy.service_keys import Caller
from atom_llm.http.auth import CurrentCaller, requires
from atom_llm.http.deps import CurrentContainer
from atom_llm.http.routed.responses import problem_responses
from atom_llm.services.ledger.budgets.budgets_of_caller import CallerBudget, least_left
from functions.chat import schemas_me as schemas

router = APIRouter(tags=["me"], dependencies=[requires(None)])


@router.get("/me", summary="Where the caller stands", responses=problem_responses(422, dialect="openai"))
def me(request: Request, container: CurrentContainer, caller: CurrentCaller) -> schemas.MeOut:
    """Show the caller's key, scopes and limits, the budgets that its calls count in, and its session's sum.

    The session is the one that a call's headers would name (`x-llm-run-id`, `x-session-id` and those of agents).
    Budgets of single models, providers and tag values stand by themselves: a call counts in those that it goes to, or
    names.
    """
    stored, session = container.tenancy.issued_service_keys.of_caller(caller), run_of(request.headers)
    limit = container.tenancy.rate_limiter.limit_of(caller)
    budgets, person = container.ledger.budgets_of_caller, EndUser(caller.person, session)
    found = budgets.of(caller.tenant, caller.key_id, person, caller.team)
    return schemas.MeOut(
        tenant=caller.tenant,
        service_key=caller.key_id,
        label=stored.label if stored is not None else None,
        expires_at=stored.expires_at if stored is not None else None,
        person=caller.person,
        team=caller.team,
        issuer=caller.holder.issuer if caller.holder is not None else None,
        scopes=sorted(caller.scopes),
        limits=schemas.MyLimitsOut(requests_per_minute=limit.requests, tokens_per_minute=limit.tokens),
        allowed_models=[
            schemas.MyAllowListOut(scope=each.scope, models=list(each.models))
            for each in container.routing.allow_list_book.of_caller(caller).lists
        ],
        budgets=[_budget(each) for each in found],
        budgets_of_calls=[_budget(each) for each in budgets.of_calls(caller.tenant)],
        budget_remaining_usd=least_left(found),
        session=_session(container, caller, session) if session is not None else None,
    )


def _session(container: Container, caller: Caller, session: str) -> schemas.SessionOut:
    budgets = container.ledger.budgets_of_caller
    sums, run_cost = budgets.session_sums(caller.tenant, session), budgets.run_cost(caller.tenant, session)
    return schemas.SessionOut(id=session, calls=sums.calls, cost_usd=sums.cost, run_cost_usd=run_cost)


def _budget(each: CallerBudget) -> schemas.MyBudgetOut:
    return schemas.MyBudgetOut(
        scope=each.scope,
        set_for=each.budget.scope,
        window=each.budget.window,
        window_id=each.window,
        unit=each.budget.unit,
        mode=each.budget.mode,
        limit=each.budget.limit,
        spent=each.spent,
        held=each.held,
        remaining=each.remaining,
        resets_at=each.resets_at,
        next_free=None if each.next_free is None else schemas.MyNextFreeOut(**each.next_free._asdict()),
        runs_out_at=each.runs_out_at,
    )
