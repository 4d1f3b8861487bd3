"""The sync of quality scores on demand."""

from typing import Annotated

from fastapi import APIRouter, Query

from atom_llm.domain.tenancy.service_keys import Scope
from atom_llm.http.auth import CurrentActor, operator_only, requires
from atom_llm.http.deps import CurrentContainer
from atom_llm.http.envelopes import Success, success
from atom_llm.http.routed.responses import problem_responses
from atom_llm.services.registry.sync_quality import AUTO
from functions.registry import present, schemas

router = APIRouter(tags=["quality"])


@router.post(
    "/sync-quality",
    summary="Sync the quality scores now",
    dependencies=[requires(Scope.CATALOG_WRITE), operator_only("sync the quality scores, which all tenants share")],
    responses=problem_responses(403, 409, 422, 502),
)
def sync_quality(
    container: CurrentContainer,
    by: CurrentActor,
    source: Annotated[str, Query(max_length=64, description="`auto`, or a source's name.", examples=["auto"])] = AUTO,
) -> Success[schemas.SyncOut]:
    """Sync the scores as the weekly schedule does, as the operator, for scores are everybody's.

    Whatever is wrong with the board, the scores in force stay.
    """
    report = container.registry.llm_registry.sync_quality(source, by=by)
    message = None if report.has_changed else "the board is the one in force: nothing changed"
    return success(present.synced(report), container.clock(), message)
