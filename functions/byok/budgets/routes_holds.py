"""Narrowed holds: the models that were billed above what was held, and the word of a person who has looked."""

from typing import Final

from fastapi import APIRouter

from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger.narrowing import Narrowing
from atom_llm.domain.tenancy.service_keys import Scope
from atom_llm.http.auth import CurrentActor, operator_only, requires
from atom_llm.http.deps import CurrentContainer
from atom_llm.http.envelopes import Success, success
from atom_llm.http.routed.responses import problem_responses
from functions.byok.budgets import schemas_holds as schemas

router = APIRouter(prefix="/holds", tags=["holds"])
ANY_OTHER: Final = TenantId("")  # no tenant is called so: what holds for those that met no such bill themselves


@router.get(
    "/narrowed",
    summary="Models billed above their holds",
    dependencies=[requires(Scope.ADMIN), operator_only("list what was billed above its hold, whoever's it was")],
    responses=problem_responses(403, 422),
)
def narrowed(container: CurrentContainer) -> Success[schemas.NarrowedHoldsOut]:
    """List the models whose next holds are narrowed, the one with the highest bill first, as the operator."""
    found = container.ledger.narrowed_holds.listed()
    return success(schemas.NarrowedHoldsOut(items=[_narrowed(each) for each in found]), container.clock())


@router.post(
    "/narrowed/acknowledge",
    summary="Hold as before",
    dependencies=[requires(Scope.ADMIN), operator_only("end a model's narrowing, which all tenants share")],
    responses=problem_responses(400, 403, 409, 413, 415, 422),
)
def acknowledge(
    container: CurrentContainer, by: CurrentActor, request: schemas.AcknowledgeIn
) -> Success[schemas.AcknowledgedOut]:
    """End a model's narrowing for all tenants, as the operator; every process hears of it within 30 seconds.

    May be repeated. 409 where `revision` is not the present one: it was billed above its hold again.
    """
    found = container.ledger.narrowed_holds.acknowledge(request.model, request.revision, by)
    answer = schemas.AcknowledgedOut(model=request.model, was_narrowed=found is not None)
    return success(answer, container.clock())


def _narrowed(each: Narrowing) -> schemas.NarrowedHoldOut:
    bills = [
        schemas.ExcessBillOut(
            tenant=bill.tenant,
            call_id=bill.call_id,
            attempt=bill.label,
            at=bill.at,
            held_usd=bill.held,
            cost_usd=bill.cost,
            times=bill.times,
        )
        for bill in each.bills
    ]
    return schemas.NarrowedHoldOut(
        model=each.model, since=each.since, revision=each.revision, times=each.factor(ANY_OTHER), bills=bills
    )
