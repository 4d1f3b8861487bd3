"""What the sources say of prices, and what their disagreement would cost."""

from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Query

from atom_llm.domain.catalogue.consensus import VERDICTS, Verdict
from atom_llm.domain.tenancy.service_keys import Scope
from atom_llm.http.auth import CurrentCaller, requires
from atom_llm.http.deps import CurrentContainer
from atom_llm.http.envelopes import Success, success
from atom_llm.http.paging import Paging, cursor
from atom_llm.http.routed.responses import problem_responses
from atom_llm.services.catalogue.named_filters import provider_named
from functions.pricing import present_consensus, schemas_consensus

router = APIRouter(tags=["prices"], dependencies=[requires(None)])

DAYS_OF_USAGE: Final = 30


@router.get("/consensus", summary="How the sources agree", responses=problem_responses(422))
def consensus(
    container: CurrentContainer,
    caller: CurrentCaller,
    paging: Paging,
    provider: Annotated[str | None, Query(max_length=64)] = None,
    verdict: Annotated[
        list[Verdict] | None,
        Query(max_length=len(VERDICTS), description="Rows whose most doubtful rate is judged so; any without it."),
    ] = None,
) -> Success[schemas_consensus.ConsensusOut]:
    """List the rows that independent lists speak of, rate by rate, with every source's word.

    What the disagreement comes to on the caller's usage of the last 30 days comes first, where its key reads usage.
    """
    in_force, now = container.catalogue.reader.current(), container.clock()
    identity = provider_named(in_force, provider) if provider is not None else None
    today = now.date()
    first = today - timedelta(days=DAYS_OF_USAGE - 1)
    usage = container.ledger.usage_reader
    used = usage.units_of_models(caller.tenant, first, today) if Scope.USAGE_READ in caller.scopes else None
    rows = container.catalogue.consensus.about(in_force.catalogue, identity, verdict or VERDICTS, used)
    position = paging.position(first=int)
    start = position["first"] if position else 0
    end = start + paging.limit
    data = schemas_consensus.ConsensusOut(
        days_of_usage=DAYS_OF_USAGE,
        total=len(rows),
        items=[present_consensus.row(each) for each in rows[start:end]],
        next_cursor=cursor(first=end) if end < len(rows) else None,
    )
    return success(data, now)
