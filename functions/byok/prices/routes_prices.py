"""Own prices: what a tenant has negotiated, or what the operator bills it, in place of list prices."""

from fastapi import APIRouter

from atom_llm.domain.tenancy.service_keys import Scope
from atom_llm.http.auth import requires
from atom_llm.http.deps import CurrentContainer
from atom_llm.http.envelopes import Success, success
from atom_llm.http.routed.on_behalf import ActorForTenant, ConcernedTenant
from atom_llm.http.routed.responses import problem_responses
from functions.byok.prices import schemas_prices as schemas
from functions.byok.prices.present_prices import own_price
from functions.byok.prices.wanted_price import wanted_price

router = APIRouter(prefix="/prices", tags=["own prices"])


@router.get(
    "", summary="Own prices", dependencies=[requires(Scope.USAGE_READ)], responses=problem_responses(403, 404, 422)
)
def prices(container: CurrentContainer, tenant: ConcernedTenant) -> Success[schemas.OwnPricesOut]:
    """List the prices that are in force or to come; of several for a model the first that is in force holds."""
    found = container.catalogue.own_price_setter.all(tenant)
    return success(schemas.OwnPricesOut(items=[own_price(each) for each in found]), container.clock())


@router.post(
    "",
    summary="Set an own price",
    status_code=201,
    dependencies=[requires(Scope.BUDGETS_WRITE)],
    responses=problem_responses(400, 403, 404, 409, 413, 415, 422),
)
def set_price(
    container: CurrentContainer, by: ActorForTenant, request: schemas.PriceIn
) -> Success[schemas.OwnPriceOut]:
    """Set a price. Calls are planned, held for and charged by it within 30 seconds; list prices stay in proofs.

    The same price again is a 409 that names it.
    """
    found = container.catalogue.own_price_setter.set(wanted_price(request), by, confirmed=request.confirm)
    return success(own_price(found), container.clock())


@router.delete(
    "/{price_id}",
    summary="End an own price",
    dependencies=[requires(Scope.BUDGETS_WRITE)],
    responses=problem_responses(403, 404, 409, 422),
)
def end_price(
    container: CurrentContainer, by: ActorForTenant, price_id: schemas.PriceName
) -> Success[schemas.OwnPriceOut]:
    """End a price now. What was charged by it stays, and can be proved; may be repeated."""
    return success(own_price(container.catalogue.own_price_setter.end(price_id, by)), container.clock())
