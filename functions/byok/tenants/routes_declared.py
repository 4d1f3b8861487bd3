"""Tenants as a document declares them, by one request."""

from fastapi import APIRouter

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger.near_limit import NearStep
from atom_llm.domain.ledger.price_alerts import PriceAlertSettings
from atom_llm.domain.tenancy.service_keys import Scope
from atom_llm.http.auth import CurrentActor, requires
from atom_llm.http.deps import CurrentContainer
from atom_llm.http.envelopes import Success, success
from atom_llm.http.routed.responses import problem_responses
from atom_llm.services.ledger.budgets.set_budget import WantedBudget, WantedRaise
from atom_llm.services.routing.declared.document import DeclaredTeam, DeclaredTenant
from functions.byok.budgets.schemas_budgets import BudgetIn
from functions.byok.prices.wanted_price import wanted_price
from functions.byok.tenants import schemas_declared as schemas

router = APIRouter(tags=["tenants"], dependencies=[requires(Scope.ADMIN)])


@router.post(
    "/declaration",
    summary="Declare tenants",
    responses=problem_responses(400, 403, 404, 409, 413, 415, 422),
)
def declare(
    container: CurrentContainer, by: CurrentActor, request: schemas.DeclarationIn
) -> Success[schemas.DeclaredOut]:
    """Bring tenants, their teams, budgets, allow-lists, prices and price alerts to what a document says.

    All of it is checked before anything is changed, and the same document again changes nothing. An admin declares its
    own tenant; the operator's any, and those that are to be made. A table that fails amid leaves changes made, which
    the error counts: the same request makes the rest.
    """
    document = [_tenant(tenant, declared) for tenant, declared in request.tenants.items()]
    declarer = container.routing.declarer
    changes = declarer.plan(document, by) if request.dry_run else declarer.apply(document, by)
    data = schemas.DeclaredOut(
        dry_run=request.dry_run,
        changes=[
            schemas.DeclaredChangeOut(
                tenant=each.tenant,
                how=each.how,
                what=each.what,
                subject=each.subject,
                differences=list(each.differences),
            )
            for each in changes
        ],
    )
    return success(data, container.clock())


def _tenant(tenant: str, declared: schemas.DeclaredTenantIn) -> DeclaredTenant:
    teams, budgets, lists, prices = declared.teams, declared.budgets, declared.allow_lists, declared.prices
    alerts = declared.price_alerts
    return DeclaredTenant(
        id=TenantId(tenant),
        name=declared.name,
        time_zone=declared.time_zone,
        teams=None
        if teams is None
        else {each: DeclaredTeam(team.name, team.service_keys, team.people) for each, team in teams.items()},
        budgets=None
        if budgets is None
        else [_budget(f"tenants.{tenant}.budgets.{place}", each) for place, each in enumerate(budgets)],
        allow_lists=None
        if lists is None
        else [
            (each.scope, _given(f"tenants.{tenant}.allow_lists.{place}.models", each.models))
            for place, each in enumerate(lists)
        ],
        prices=None if prices is None else [(wanted_price(each), each.confirm) for each in prices],
        price_alerts=None if alerts is None else PriceAlertSettings(alerts.enabled, alerts.threshold_usd),
    )


def _budget(place: str, given: BudgetIn) -> WantedBudget:
    raised = given.raised
    return WantedBudget(
        scope=given.scope,
        window=given.window,
        unit=given.unit,
        limit=_given(f"{place}.{'limit_usd' if given.unit == 'usd' else 'limit'}", given.amount),
        mode=given.mode,
        alert_at=given.alert_at,
        more=None if raised is None else WantedRaise(raised.amount, raised.until, raised.why),
        near=tuple(NearStep(each.at, each.do, each.to_percent) for each in given.near),
        overflow=given.overflow,
        carry_over=None if given.carry_over is None else given.carry_over.at_most,
    )


def _given[Value](place: str, value: Value | None) -> Value:
    """Return a value that a document has to have: what is to go is left out of it."""
    if value is None:
        raise InvalidRequest(place, "must be given: what a document leaves out is removed")
    return value
