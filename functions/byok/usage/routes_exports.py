"""Exports of usage: files of any period, written in the background and fetched in pieces."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from atom_llm.domain.tenancy.service_keys import Scope
from atom_llm.http.auth import requires
from atom_llm.http.deps import CurrentContainer
from atom_llm.http.envelopes import Success, success
from atom_llm.http.files.csv_report import CSV_PIECE, NEXT_PIECE
from atom_llm.http.routed.on_behalf import ConcernedTenant
from atom_llm.http.routed.responses import problem_responses
from atom_llm.http.schemas import Ulid
from functions.byok.usage import present_exports as present
from functions.byok.usage import schemas_exports as schemas
from functions.byok.usage.routes_usage import period_of_days

router = APIRouter(prefix="/usage/exports", tags=["usage"], dependencies=[requires(Scope.USAGE_READ)])


@router.post(
    "",
    summary="Ask for a file of a period",
    status_code=202,
    responses=problem_responses(400, 403, 404, 409, 413, 415, 422),
)
def ask_for_export(
    container: CurrentContainer, tenant: ConcernedTenant, request: schemas.UsageExportIn
) -> Success[schemas.UsageExportOut]:
    """Have a period's calls or usage written to a file, however many calls it has; it is begun within a minute or two.

    Calls are lines in the columns of `GET /usage/calls` as CSV, newest first. Usage is read from the calls, day by day,
    by any dimensions together, hours and tiers too. Both are as the ledger stands when they are written. A file is kept
    for a week.
    """
    now = container.clock()
    first, last = period_of_days(request.start, request.end, now.date())
    made = container.ledger.usage_exports.ask(tenant, request.kind, first, last, request.group_by)
    return success(present.export(made), now)


@router.get("", summary="Files that were asked for", responses=problem_responses(403, 404, 422))
def exports(container: CurrentContainer, tenant: ConcernedTenant) -> Success[schemas.UsageExportsOut]:
    """List the exports of the last week, newest first."""
    found = container.ledger.usage_exports.of(tenant)
    return success(schemas.UsageExportsOut(items=[present.export(each) for each in found]), container.clock())


@router.get("/{export_id}", summary="How far a file is", responses=problem_responses(403, 404, 422))
def export(container: CurrentContainer, tenant: ConcernedTenant, export_id: Ulid) -> Success[schemas.UsageExportOut]:
    """Return one export."""
    return success(present.export(container.ledger.usage_exports.get(tenant, export_id)), container.clock())


@router.get(
    "/{export_id}/file",
    summary="A file, piece by piece",
    responses={**problem_responses(403, 404, 409, 422), **CSV_PIECE},
    response_class=Response,
)
def export_file(
    container: CurrentContainer,
    tenant: ConcernedTenant,
    export_id: Ulid,
    piece: Annotated[int, Query(ge=1, le=99_999, description=f"`{NEXT_PIECE}` of the piece before.")] = 1,
) -> Response:
    """Return a piece of a file as CSV; all of them one behind the other are the file, the headings in the first."""
    exports = container.ledger.usage_exports
    found = exports.get(tenant, export_id)
    text = exports.piece(found, piece)
    name = f"{found.kind}-{tenant}-{found.first}-{found.last}"
    headers = {"content-disposition": f'attachment; filename="{name}.csv"'}
    if piece < found.pieces:
        headers[NEXT_PIECE] = str(piece + 1)
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


@router.delete("/{export_id}", summary="Delete a file", responses=problem_responses(403, 404, 422))
def delete_export(
    container: CurrentContainer, tenant: ConcernedTenant, export_id: Ulid
) -> Success[schemas.UsageExportDeletedOut]:
    """Delete an export and its file; one that is being written is not written on."""
    container.ledger.usage_exports.delete(tenant, export_id)
    return success(schemas.UsageExportDeletedOut(deleted=export_id), container.clock())
