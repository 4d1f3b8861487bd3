"""Price alerts: from which amount on a tenant is told of changed prices, and what it was told."""

from fastapi import APIRouter

from atom_llm.composition import Container
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger.price_alerts import PriceAlertSettings
from atom_llm.domain.tenancy.service_keys import Scope
from atom_llm.http.auth import requires
from atom_llm.http.deps import CurrentContainer
from atom_llm.http.envelopes import Success, success
from atom_llm.http.routed.on_behalf import ActorForTenant, ConcernedTenant
from atom_llm.http.routed.responses import problem_responses
from functions.byok.prices import schemas_price_alerts as schemas

router = APIRouter(prefix="/price-alerts", tags=["price alerts"])


@router.get(
    "", summary="Price alerts", dependencies=[requires(Scope.USAGE_READ)], responses=problem_responses(403, 404, 422)
)
def price_alerts(container: CurrentContainer, tenant: ConcernedTenant) -> Success[schemas.PriceAlertsOut]:
    """Show the settings in force, and the newest alerts: what changed prices mean for the tenant's own last 30 days."""
    return _answer(container, tenant)


@router.put(
    "",
    summary="Set price alerts",
    dependencies=[requires(Scope.BUDGETS_WRITE)],
    responses=problem_responses(400, 403, 404, 409, 413, 415, 422),
)
def set_price_alerts(
    container: CurrentContainer, by: ActorForTenant, request: schemas.PriceAlertsIn
) -> Success[schemas.PriceAlertsOut]:
    """Set from which amount on the tenant is told, or that it is not. It holds for the next change of prices."""
    container.ledger.price_alert_setter.put(PriceAlertSettings(request.enabled, request.threshold_usd), by)
    return _answer(container, by.acts_for)


@router.delete(
    "",
    summary="Reset price alerts",
    dependencies=[requires(Scope.BUDGETS_WRITE)],
    responses=problem_responses(403, 404, 409, 422),
)
def reset_price_alerts(container: CurrentContainer, by: ActorForTenant) -> Success[schemas.PriceAlertsOut]:
    """Go back to the default, one USD. May be repeated."""
    container.ledger.price_alert_setter.reset(by)
    return _answer(container, by.acts_for)


def _answer(container: Container, tenant: TenantId) -> Success[schemas.PriceAlertsOut]:
    setter = container.ledger.price_alert_setter
    settings, is_set = setter.of(tenant)
    data = schemas.PriceAlertsOut(
        is_default=not is_set,
        enabled=settings.enabled,
        threshold_usd=settings.threshold,
        alerts=[schemas.PriceAlertOut.model_validate(alert) for alert in setter.newest(tenant)],
    )
    return success(data, container.clock())
