"""Prices in force, estimates by them, and the refresh on demand."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from atom_llm.composition import Container
from atom_llm.domain.catalogue.names import provider_words
from atom_llm.domain.catalogue.own_prices import OwnPrices
from atom_llm.domain.catalogue.quarantine import EVERYTHING, Approval
from atom_llm.domain.core.choices import check_choice
from atom_llm.domain.core.errors import InvalidUsage, NotFound, ScopeMissing
from atom_llm.domain.core.money import given_decimal, plain
from atom_llm.domain.tenancy.service_keys import Caller, Scope
from atom_llm.http.auth import CurrentActor, CurrentCaller, operator_only, requires
from atom_llm.http.deps import CurrentContainer
from atom_llm.http.envelopes import Success, success
from atom_llm.http.files.csv_report import AS_CSV_TOO, ReportFormat, csv_report
from atom_llm.http.paging import MAX_FIGURE_DIGITS, Paging, cursor
from atom_llm.http.routed.responses import problem_responses
from atom_llm.http.schemas import Instant
from atom_llm.services.catalogue.estimate_cost import estimate_cost, own_total
from atom_llm.services.catalogue.list_models import WITHOUT_FIGURE, ModelPlace, SortBy, models_of_provider
from atom_llm.services.catalogue.named_filters import mode_named
from atom_llm.services.catalogue.price_summary import summary
from atom_llm.services.catalogue.read_catalogue import CatalogueInForce
from functions.pricing import present, schemas
from functions.pricing.estimate_request import in_wire_words, prompt_of, reported_usage, terms_of

router = APIRouter(tags=["prices"], dependencies=[requires(None)])

VALID_FOR: Final = timedelta(hours=25)  # a daily refresh, with an hour for its schedule's jitter and its retries
_NO_FIGURE: Final = "none"  # in a cursor
MAX_ACCEPTED: Final = 200  # subjects that one refresh can let through by name

At = Annotated[Instant | None, Query(description="The prices believed at this instant (RFC 3339).")]


@router.get("", summary="The catalogue in force", responses=problem_responses())
def overview(container: CurrentContainer) -> Success[schemas.PricingOverviewOut]:
    """Show the catalogue: number of models, age and sources; the cheapest chat models; providers side by side."""
    now = container.clock()
    in_force, state = container.catalogue.reader.current(), container.catalogue.refresh_reader.state()
    held = container.catalogue.refresh_reader.held()
    age = container.catalogue.reader.age(state)
    summed = summary(in_force.catalogue, now.date())
    data = schemas.PricingOverviewOut(
        model_count=summed.models,
        last_updated=container.catalogue.reader.updated_at(state),
        cache_valid=age <= VALID_FOR and not in_force.is_seed,
        age_seconds=max(0, int(age.total_seconds())),
        origin=present.origin(in_force),
        snapshot_version=in_force.catalogue.version,
        sources=present.sources(state.sources),
        quarantined=len(held),
        unread_cost_keys=dict(summed.unread),
        cheapest_models=present.cheapest(summed),
        provider_comparison=present.comparison(summed),
    )
    return success(data, now, _provenance(in_force))


def approval_of(
    container: CurrentContainer,
    caller: CurrentCaller,
    accept: Annotated[
        list[str] | None,
        Query(
            max_length=MAX_ACCEPTED,
            description="Quarantined subjects to let through, `*` for all; needs the scope `admin`.",
        ),
    ] = None,
) -> Approval:
    """Return the admin's approval of proposals in quarantine; raises `InvalidRequest` for what is not in it."""
    if accept and Scope.ADMIN not in caller.scopes:
        raise ScopeMissing("accepting quarantined prices needs the scope admin", scope=str(Scope.ADMIN))
    held = container.catalogue.refresh_reader.held() if accept else ()
    for subject in accept or ():
        check_choice("accept", subject, (EVERYTHING, *held))
    return Approval(frozenset(accept or ()))


@router.post(
    "/refresh",
    summary="Refresh the prices now",
    dependencies=[requires(Scope.CATALOG_WRITE), operator_only("refresh the prices, which all tenants share")],
    responses=problem_responses(403, 409, 422, 502),
)
def refresh(
    container: CurrentContainer,
    by: CurrentActor,
    approval: Annotated[Approval, Depends(approval_of)],
    force: bool = False,
) -> Success[schemas.RefreshOut]:
    """Refresh as the schedule does, as the operator, for prices are everybody's.

    Within 24 h of the last one and without `force`, nothing is fetched.
    """
    report = container.catalogue.refresh.run(force=force or bool(approval.subjects), by=by, approval=approval)
    message = "refreshed less than 24 h ago: nothing was fetched" if report.outcome == "fresh" else None
    return success(present.refresh(report), container.clock(), message)


@router.get("/model/{model:path}", summary="A model's price", responses=problem_responses(404, 422), tags=["models"])
def model(
    container: CurrentContainer, caller: CurrentCaller, model: schemas.ModelName, at: At = None
) -> Success[schemas.ModelPriceOut]:
    """Show a model's rates by id or by any known spelling; the answer says how the name was understood."""
    in_force = container.catalogue.reader.current() if at is None else _in_force_at(container, at)
    now = container.clock()
    found = in_force.find(model)
    agreed = container.catalogue.consensus.of(found.entry) if at is None else None
    own = present.own(in_force, found.entry, _own_prices(container, caller), now) if at is None else None
    return success(present.model_price(in_force, found, agreed, now.date(), own), now, _provenance(in_force))


@router.get(
    "/models",
    summary="All models",
    responses={**problem_responses(422), **AS_CSV_TOO},
    response_model=Success[schemas.AllModelsOut],
    tags=["models"],
)
def all_models(container: CurrentContainer, answer_as: ReportFormat) -> Success[schemas.AllModelsOut] | Response:
    """List every row of the catalogue in one answer, also those that no source lists any more."""
    in_force, now = container.catalogue.reader.current(), container.clock()
    today = now.date()
    items = [
        present.listed_model(in_force, entry, today)
        for _, entries in sorted(in_force.catalogue.by_provider.items())
        for entry in entries
    ]
    if answer_as == "csv":
        return csv_report(items, schemas.ListedModelOut, f"prices-{in_force.catalogue.version}")
    data = schemas.AllModelsOut(total=len(items), snapshot_version=in_force.catalogue.version, items=items)
    return success(data, now, _provenance(in_force))


@router.get(
    "/provider/{provider}",
    summary="A provider's models",
    responses={**problem_responses(404, 422), **AS_CSV_TOO},
    response_model=Success[schemas.ProviderModelsOut],
    tags=["models"],
)
def provider(
    container: CurrentContainer,
    caller: CurrentCaller,
    paging: Paging,
    answer_as: ReportFormat,
    provider: schemas.ProviderName,
    mode: Annotated[str | None, Query(max_length=64, examples=["chat"])] = None,
    sort: SortBy = "id",
    include_deprecated: bool = False,
) -> Success[schemas.ProviderModelsOut] | Response:
    """List a provider's models, sorted and paged; `total` counts every model that matches."""
    in_force, now = container.catalogue.reader.current(), container.clock()
    catalogue = in_force.catalogue
    identity = provider_words(catalogue.by_provider).get(provider.lower(), provider)
    if identity not in catalogue.by_provider:
        raise NotFound(f"no provider is known as {provider[:64]!r}", provider=provider[:64])
    matching = models_of_provider(
        catalogue,
        identity,
        mode=mode and mode_named(in_force, mode),
        sort=sort,
        include_deprecated=include_deprecated,
        today=now.date(),
    )
    start = paging.position(figure=str, id=str)
    after = ModelPlace(_figure(start["figure"]), start["id"]) if start else None
    rest = [each for each in matching if after is None or each[0] > after]
    page = rest[: paging.limit]
    last = page[-1][0] if len(rest) > len(page) else None
    prices = _own_prices(container, caller)
    shown = ((entry, present.own(in_force, entry, prices, now)) for _, entry in page)
    data = schemas.ProviderModelsOut(
        provider=identity,
        total=len(matching),
        items=[schemas.ModelOut(**present.model_fields(in_force, entry, now.date(), own)) for entry, own in shown],
        next_cursor=cursor(figure=_spelt_figure(last.figure), id=last.id) if last else None,
    )
    if answer_as == "csv":
        return csv_report(
            data.items,
            schemas.ModelOut,
            f"prices-{identity}",
            is_first=start is None,
            next_cursor=data.next_cursor,
        )
    return success(data, now, _provenance(in_force))


@router.post("/estimate", summary="What a call would cost", responses=problem_responses(400, 402, 404, 413, 415, 422))
def estimate(
    container: CurrentContainer, caller: CurrentCaller, request: schemas.EstimateIn
) -> Success[schemas.EstimateOut]:
    """Estimate a cost line by line, from counts or from a text; `at` takes the prices in force at that instant.

    Lines are the list's; beside their total stands the one by the caller's own price.
    """
    now = container.clock()
    in_the_past = request.at is not None and request.at <= now
    in_force = (
        _in_force_at(container, request.at) if in_the_past and request.at else container.catalogue.reader.current()
    )
    terms = terms_of(request)
    if terms.at is None:
        terms = terms._replace(at=now)
    try:
        priced = estimate_cost(in_force, request.model, reported_usage(request), prompt_of(request), terms)
    except InvalidUsage as error:
        raise in_wire_words(error) from None
    own = None if in_the_past else own_total(in_force, priced, _own_prices(container, caller), terms, now)
    return success(present.estimate(in_force, priced, own), now, _provenance(in_force))


def _own_prices(container: Container, caller: Caller) -> OwnPrices | None:
    """Return the caller's own prices where its key may know them."""
    if Scope.USAGE_READ not in caller.scopes:
        return None
    return container.catalogue.own_prices.of(caller.tenant)


def _in_force_at(container: Container, at: datetime) -> CatalogueInForce:
    in_force = container.catalogue.reader.at(at)
    if in_force is None:
        raise NotFound("no price was believed at that instant", at=at.isoformat())
    return in_force


def _provenance(in_force: CatalogueInForce) -> str | None:
    return f"seed, of {in_force.as_of.date().isoformat()}: nothing was fetched yet" if in_force.is_seed else None


def _spelt_figure(figure: Decimal) -> str:
    return plain(figure) if figure.is_finite() else _NO_FIGURE


def _figure(text: str) -> Decimal:
    return WITHOUT_FIGURE if text == _NO_FIGURE else given_decimal("cursor", text, MAX_FIGURE_DIGITS)
