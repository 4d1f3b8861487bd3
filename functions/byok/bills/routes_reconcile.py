"""Reconciliation: a provider's bill beside the ledger, each difference explained."""

from fastapi import APIRouter

from atom_llm.domain.ledger.exports.line import ExportReading
from atom_llm.domain.ledger.exports.read_export import ExportContent, read_export
from atom_llm.domain.tenancy.service_keys import Scope
from atom_llm.http.auth import CurrentCaller, requires
from atom_llm.http.deps import CurrentContainer
from atom_llm.http.envelopes import Success, success
from atom_llm.http.routed.on_behalf import ConcernedTenant
from atom_llm.http.routed.responses import problem_responses
from atom_llm.services.ledger.reconciliation.reconcile_usage import ProviderBill
from functions.byok.bills import schemas_reconcile as schemas
from functions.byok.bills.present_reconcile import reconciliation

router = APIRouter(prefix="/usage", tags=["usage"])


@router.post(
    "/reconcile",
    summary="A provider's bill beside the ledger",
    dependencies=[requires(Scope.USAGE_READ)],
    responses=problem_responses(400, 403, 404, 413, 415, 422),
)
def reconcile(
    container: CurrentContainer, caller: CurrentCaller, tenant: ConcernedTenant, request: schemas.ReconcileIn
) -> Success[schemas.ReconciliationOut]:
    """Compare a provider's export with the ledger by day and model, and explain what differs; nothing is changed.

    To the operator, corrections of the ledger are drafted, to be entered as corrections of calls are.
    """
    bill = ProviderBill(
        request.provider,
        _read(request, "costs", request.costs),
        _read(request, "usage", request.usage),
        request.keys,
    )
    found = container.ledger.usage_reconciler.reconcile(
        tenant,
        bill,
        container.catalogue.reader,
        container.catalogue.own_price_setter.history(tenant),
        drafts=container.tenancy.directory.is_operator(caller.tenant),
    )
    return success(reconciliation(request.provider, found), container.clock())


def _read(request: schemas.ReconcileIn, content: ExportContent, given: schemas.ExportIn | None) -> ExportReading | None:
    if given is None:
        return None
    return read_export(request.provider, content, given.pages or given.csv or "")
