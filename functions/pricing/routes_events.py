"""Events of prices, a model's history, and the quarantine."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from atom_llm.composition import Container
from atom_llm.domain.catalogue.names import Match, provider_words
from atom_llm.domain.catalogue.price_events import EventKind
from atom_llm.domain.core.errors import ModelNotFound
from atom_llm.http.auth import requires
from atom_llm.http.deps import CurrentContainer
from atom_llm.http.envelopes import Success, success
from atom_llm.http.files.csv_report import AS_CSV_TOO, ReportFormat, csv_report
from atom_llm.http.paging import Paging, cursor
from atom_llm.http.routed.responses import problem_responses
from atom_llm.http.schemas import Instant
from atom_llm.services.catalogue.named_filters import no_model, provider_named
from atom_llm.services.catalogue.price_history import EventPosition, HistoryFilter
from atom_llm.services.catalogue.read_catalogue import CatalogueInForce
from functions.pricing import present, schemas

router = APIRouter(tags=["history"], dependencies=[requires(None)])


@router.get(
    "/changes",
    summary="Price events",
    responses={**problem_responses(422), **AS_CSV_TOO},
    response_model=Success[schemas.PriceEventsOut],
)
def price_changes(
    container: CurrentContainer,
    paging: Paging,
    answer_as: ReportFormat,
    since: Annotated[Instant | None, Query(description="Events at or after this instant (RFC 3339).")] = None,
    provider: Annotated[str | None, Query(max_length=64)] = None,
    model: Annotated[str | None, Query(max_length=256, description="An id or a known spelling.")] = None,
    kind: EventKind | None = None,
) -> Success[schemas.PriceEventsOut] | Response:
    """List events, newest first: rows added and removed, changed prices, deprecations, quarantines with the reason."""
    in_force = container.catalogue.reader.current()
    identity, match = _named(container, in_force, model) if model is not None else (None, "exact")
    if identity is not None and match is None:
        raise no_model(identity, in_force.names.near(identity))
    wanted = HistoryFilter(
        since=since,
        provider=provider and provider_words(in_force.catalogue.by_provider).get(provider.lower(), provider),
        model=identity,
        kind=kind,
    )
    start = paging.position(sequence=int, event=int)
    after = EventPosition(**start) if start else None
    events, following = container.catalogue.price_history.changes(wanted, paging.limit, after)
    if provider is not None and not events and following is None:  # one that is in quarantine has events and no row yet
        provider_named(in_force, provider)
    data = schemas.PriceEventsOut(
        items=[present.event(each) for each in events],
        next_cursor=cursor(**following._asdict()) if following else None,
    )
    if answer_as == "csv":
        return csv_report(
            data.items,
            schemas.PriceEventOut,
            "price-changes",
            is_first=after is None,
            next_cursor=data.next_cursor,
        )
    return success(data, container.clock())


@router.get("/history/{model:path}", summary="A model's prices over time", responses=problem_responses(404, 422))
def price_history(
    container: CurrentContainer, paging: Paging, model: schemas.ModelName
) -> Success[schemas.PriceHistoryOut]:
    """List every span in which the same rates were in force, newest first; also of a model that is gone."""
    in_force = container.catalogue.reader.current()
    identity, match = _named(container, in_force, model)
    spans = container.catalogue.price_history.of(in_force, identity) if match else []
    if not match or not spans:
        raise ModelNotFound(model, in_force.names.near(model))
    start = paging.position(from_span=int)
    first = start["from_span"] if start else 0
    end = first + paging.limit
    data = schemas.PriceHistoryOut(
        model=identity,
        match=match,
        items=[present.period(span) for span in spans[first:end]],
        next_cursor=cursor(from_span=end) if end < len(spans) else None,
    )
    return success(data, container.clock())


@router.get("/quarantine", summary="What waits for confirmation", responses=problem_responses(422))
def quarantine(container: CurrentContainer, paging: Paging) -> Success[schemas.QuarantineOut]:
    """List the sources' proposals that are not believed yet, by subject, with the reason and the first sighting."""
    held = sorted(container.catalogue.refresh_reader.held().items())
    statements = container.catalogue.consensus.current()
    start = paging.position(subject=str)
    rest = [waiting for subject, waiting in held if start is None or subject > start["subject"]]
    page = rest[: paging.limit]
    data = schemas.QuarantineOut(
        items=[present.held(waiting, statements) for waiting in page],
        next_cursor=cursor(subject=page[-1].subject) if len(rest) > len(page) else None,
    )
    return success(data, container.clock())


def _named(container: Container, in_force: CatalogueInForce, name: str) -> tuple[str, Match | None]:
    """Return the id that a name stands for and the kind of match, or the name itself and None.

    The id of a row that is gone stays its own, whatever else it could be read as.
    """
    if in_force.catalogue.get(name) is None and container.catalogue.price_history.has_events(name):
        return name, "exact"
    try:
        found = in_force.find(name)
    except ModelNotFound:
        return name, None
    return found.entry.id, found.match
