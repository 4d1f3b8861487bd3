"""Budgets: what may be spent in a scope, from a tenant to a run, in a minute, a day, a quarter or ever; calendar or
rolling."""

from decimal import Decimal

from fastapi import APIRouter

from atom_llm.domain.ledger.near_limit import NearStep
from atom_llm.domain.tenancy.service_keys import Scope
from atom_llm.http.auth import requires
from atom_llm.http.deps import CurrentContainer
from atom_llm.http.envelopes import Success, success
from atom_llm.http.routed.on_behalf import ActorForTenant, ConcernedTenant
from atom_llm.http.routed.responses import problem_responses
from atom_llm.services.ledger.budgets.set_budget import BudgetStatus, WantedRaise
from functions.byok.budgets import schemas_budgets as schemas

router = APIRouter(prefix="/budgets", tags=["budgets"])


@router.get(
    "",
    summary="Budgets as they stand",
    dependencies=[requires(Scope.USAGE_READ)],
    responses=problem_responses(403, 404, 422),
)
def budgets(container: CurrentContainer, tenant: ConcernedTenant) -> Success[schemas.BudgetsOut]:
    """List every budget with what is spent, held and left, when it resets, and when it would run out."""
    found = container.ledger.budget_setter.all(tenant)
    return success(schemas.BudgetsOut(items=[_budget(each) for each in found]), container.clock())


@router.put(
    "",
    summary="Set or clear a budget",
    dependencies=[requires(Scope.BUDGETS_WRITE)],
    responses=problem_responses(400, 403, 404, 409, 413, 415, 422),
)
def set_budget(
    container: CurrentContainer, by: ActorForTenant, request: schemas.BudgetIn
) -> Success[schemas.BudgetSetOut]:
    """Set one budget by scope and window. A hard one refuses calls that do not fit; a soft one only alerts.

    A changed limit binds the next call everywhere; a new budget within 30 seconds.
    """
    setter = container.ledger.budget_setter
    scope, window, unit = request.scope, request.window, request.unit
    if request.amount is None:
        cleared = setter.clear(by.acts_for, scope, window, by, unit)
        data = schemas.BudgetSetOut(scope=scope, window=window, unit=unit, cleared=cleared, budget=None)
        return success(data, container.clock())
    wanted = request.raised
    more = None if wanted is None else WantedRaise(wanted.amount, wanted.until, wanted.why)
    near = tuple(NearStep(each.at, each.do, each.to_percent) for each in request.near)
    carried = None if request.carry_over is None else request.carry_over.at_most
    wanted_near = (more, near, carried, request.overflow)
    status = setter.put(
        by.acts_for, scope, window, request.amount, request.mode, request.alert_at, by, unit, *wanted_near
    )
    data = schemas.BudgetSetOut(scope=scope, window=window, unit=unit, cleared=False, budget=_budget(status))
    return success(data, container.clock())


def _budget(status: BudgetStatus) -> schemas.BudgetOut:
    budget, state = status.budget, status.state
    leaving = state.leaving[:1] if state else ()
    return schemas.BudgetOut(
        scope=budget.scope,
        window=budget.window,
        unit=budget.unit,
        window_id=status.window_id,
        limit_usd=budget.limit,
        mode=budget.mode,
        raised=None if budget.raised is None else schemas.RaiseOut.model_validate(budget.raised._asdict()),
        carry_over=None if budget.carry_over is None else schemas.CarryOverOut(at_most=budget.carry_over),
        overflow=budget.overflow,
        carried_usd=min(state.carried, budget.carry_over or Decimal(0)) if state else Decimal(0),
        near=[schemas.NearIn.model_validate(each._asdict()) for each in budget.near],
        alert_at=list(budget.alert_at),
        alerted_at=sorted(state.fired) if state else [],
        spent_usd=state.spent if state else Decimal(0),
        held_usd=state.held if state else Decimal(0),
        open_holds=len(state.holds) if state else 0,
        remaining_usd=state.available if state else budget.limit,
        refused_since=state.refused_at if state else None,
        resets_at=status.resets_at,
        next_free=next((schemas.NextFreeOut(at=at, amount=amount) for at, amount in leaving), None),
        runs_out_at=status.runs_out_at,
        set_at=budget.set_at,
    )
