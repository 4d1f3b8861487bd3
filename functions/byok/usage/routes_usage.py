"""Usage and spending: totals, ledger rows, the proof of a cost, and the cost it would have had elsewhere."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from atom_llm.composition import Container
from atom_llm.domain.core.choices import check_choice
from atom_llm.domain.core.errors import InvalidRequest, NotFound
from atom_llm.domain.core.ids import CallId, TenantId, instant_of
from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.domain.ledger.rows import MAX_TAGS, AttemptStatus
from atom_llm.domain.tenancy.service_keys import Scope
from atom_llm.domain.tiers.tier import Tier
from atom_llm.http.auth import CurrentActor, operator_only, requires
from atom_llm.http.deps import CurrentContainer
from atom_llm.http.envelopes import Success, success
from atom_llm.http.files.csv_report import AS_CSV_TOO, ReportFormat, csv_report
from atom_llm.http.paging import Page, Paging, Part, cursor
from atom_llm.http.routed.on_behalf import ActorForTenant, ConcernedTenant
from atom_llm.http.routed.responses import problem_responses
from atom_llm.http.schemas import Instant
from atom_llm.services.catalogue.named_filters import check_asked_model
from atom_llm.services.ledger.reports.list_calls import CallFilter, CallPosition, OutcomeBounds
from atom_llm.services.ledger.reports.report_usage import EVERYBODY, Dimension, EndUserFilter
from atom_llm.services.ledger.reports.reprice_usage import repriced, rows_of_a_part
from atom_llm.services.routing.usage_frontier import AlternativeFilter
from functions.byok.usage import present_usage as present
from functions.byok.usage import schemas_usage as schemas
from functions.byok.usage.present_frontier import frontier_picture, usage_frontier

router = APIRouter(prefix="/usage", tags=["usage"])
reads: Final = [requires(Scope.USAGE_READ)]

AS_A_PICTURE: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "content": {"image/svg+xml": {"schema": {"type": "string"}}},
        "description": "The costs, or the frontier as a picture.",
    }
}
DEFAULT_SPAN: Final = timedelta(days=30)
MAX_SPAN: Final = timedelta(days=schemas.MAX_DAYS)
KEYS_LOOKED_AT: Final = 1_000  # of a tenant, where a filter by one lets nothing pass
ONE_DAY: Final = timedelta(days=1)
EARLIEST: Final = date(2020, 1, 1)  # no deployment is older; keeps the calendar's ends out of the arithmetic
EARLIEST_INSTANT: Final = datetime(2020, 1, 1, tzinfo=UTC)


@router.get(
    "",
    summary="Usage and spending",
    dependencies=reads,
    responses={**problem_responses(403, 404, 422), **AS_CSV_TOO},
    response_model=Success[schemas.UsageOut],
)
def usage(
    container: CurrentContainer,
    tenant: ConcernedTenant,
    answer_as: ReportFormat,
    start: Annotated[date | None, Query(alias="from", description="First day (UTC); 30 days ago by default.")] = None,
    end: Annotated[date | None, Query(alias="to", description="Last day, included; today by default.")] = None,
    group_by: Annotated[list[Dimension] | None, Query(max_length=8, description="May be repeated.")] = None,
    user: Annotated[schemas.EndUserName | None, Query(description="Only calls for this end user.")] = None,
    session: Annotated[schemas.EndUserName | None, Query(description="Only calls of this agent's session.")] = None,
) -> Success[schemas.UsageOut] | Response:
    """Total a period, with a series by day, hour, model, provider, service or provider key, tag, tier, user or session.

    Several may be asked for at once, but end users and sessions only beside days, models, providers and service keys.
    With hours or tiers all go together: it is read from the ledger's rows, of which there may be 20,000. As CSV a group
    is a line; without `group_by` the total is the only one.
    """
    now = container.clock()
    first, last = period_of_days(start, end, now.date())
    dimensions = list(dict.fromkeys(group_by or []))
    of = _end_users(container, tenant, user, session)
    report = container.ledger.usage_reader.report(tenant, first, last, dimensions, of)
    data = schemas.UsageOut(
        from_day=first,
        to_day=last,
        group_by=list(dimensions),
        total=present.sums_out(report.total),
        series=present.usage_series(report, dimensions),
    )
    if answer_as == "csv":
        lines = data.series if dimensions else [present.whole_group(report)]
        name = f"usage-{tenant}-{first}-{last}"
        return csv_report(lines, schemas.UsageGroupOut, name, spread={"group": dimensions})
    return success(data, now)


@router.get(
    "/tenants",
    summary="Usage by tenant",
    dependencies=[requires(Scope.USAGE_READ), operator_only("see the usage of all tenants")],
    responses={**problem_responses(403, 422), **AS_CSV_TOO},
    response_model=Success[schemas.TenantsUsageOut],
)
def usage_by_tenant(
    request: Request,
    container: CurrentContainer,
    by: CurrentActor,
    paging: Paging,
    answer_as: ReportFormat,
    start: Annotated[date | None, Query(alias="from", description="First day (UTC); 30 days ago by default.")] = None,
    end: Annotated[date | None, Query(alias="to", description="Last day, included; today by default.")] = None,
) -> Success[schemas.TenantsUsageOut] | Response:
    """Total a period for each tenant, deleted ones included, as the operator; each tenant's audit log tells of it."""
    now = container.clock()
    first, last = period_of_days(start, end, now.date())
    position = paging.position(tenant=str)
    after = TenantId(position["tenant"]) if position else None
    found = container.tenancy.directory.listed(by.tenant, after=after, limit=paging.limit + 1)
    items = []
    for tenant in found[: paging.limit]:
        if tenant.id != by.tenant:
            container.tenancy.operator_reads.record(replace(by, named=tenant.id), request.url.path)
        total = container.ledger.usage_reader.report(tenant.id, first, last, []).total
        items.append(schemas.TenantUsageOut(tenant=tenant.id, name=tenant.name, **present.sums_out(total).model_dump()))
    following = cursor(tenant=items[-1].tenant) if len(found) > len(items) else None
    if answer_as == "csv":
        name = f"usage-by-tenant-{first}-{last}"
        return csv_report(items, schemas.TenantUsageOut, name, is_first=paging.after is None, next_cursor=following)
    return success(schemas.TenantsUsageOut(from_day=first, to_day=last, items=items, next_cursor=following), now)


@router.get(
    "/calls",
    summary="Ledger rows",
    dependencies=reads,
    responses={**problem_responses(403, 404, 422), **AS_CSV_TOO},
    response_model=Success[schemas.CallsOut],
)
def calls(
    container: CurrentContainer,
    tenant: ConcernedTenant,
    paging: Paging,
    answer_as: ReportFormat,
    model: Annotated[schemas.Name | None, Query(description="The model that answered, or the one asked for.")] = None,
    provider: Annotated[str | None, Query(max_length=64)] = None,
    status: AttemptStatus | None = None,
    start: Annotated[Instant | None, Query(alias="from", description="At or after; 30 days ago by default.")] = None,
    end: Annotated[Instant | None, Query(alias="to", description="Before; now by default.")] = None,
    user: Annotated[schemas.EndUserName | None, Query(description="Only calls for this end user.")] = None,
    session: Annotated[schemas.EndUserName | None, Query(description="Only calls of this agent's session.")] = None,
    key: Annotated[schemas.KeyName | None, Query(description="Only calls with the service key of this id.")] = None,
    tier: Annotated[Tier | None, Query(description="Only calls that a tier answered.")] = None,
    tag: Annotated[
        list[schemas.TagName] | None,
        Query(max_length=MAX_TAGS, description="`name=value`; of several, calls that have all of them."),
    ] = None,
    min_cost_usd: Annotated[schemas.CostBound | None, Query(description="USD that an attempt cost, at least.")] = None,
    max_cost_usd: Annotated[schemas.CostBound | None, Query(description="At most.")] = None,
    min_latency_ms: Annotated[int | None, Query(ge=0, le=schemas.MAX_MS, description="Milliseconds, at least.")] = None,
    max_latency_ms: Annotated[int | None, Query(ge=0, le=schemas.MAX_MS, description="At most.")] = None,
) -> Success[schemas.CallsOut] | Response:
    """List calls, newest first. Attempts that are under way are listed with `status=pending`, all on one page.

    They have neither cost nor latency yet, so that bounds of these let none of them pass.
    """
    now = container.clock()
    _check_bounds("min_cost_usd", min_cost_usd, max_cost_usd)
    _check_bounds("min_latency_ms", min_latency_ms, max_latency_ms)
    wanted = replace(
        _filter(start, end, now, model, provider, status),
        of=_end_users(container, tenant, user, session),
        service_key=key,
        tier=tier,
        tags=frozenset(_tag(each) for each in tag or ()),
        outcome=OutcomeBounds(min_cost_usd, max_cost_usd, min_latency_ms, max_latency_ms),
    )
    if status is AttemptStatus.PENDING:
        waiting = container.ledger.usage_reader.under_way(tenant, wanted)
        if not waiting:
            _check_named(container, tenant, wanted)
        under_way = schemas.CallsOut(items=[present.pending(attempt) for attempt in waiting], next_cursor=None)
        return _calls_file(under_way, tenant, paging) if answer_as == "csv" else success(under_way, now)
    after = _position(paging.position(day=str, place=str))
    found = container.ledger.usage_reader.page(tenant, wanted, after, paging.limit)
    if not found.rows and found.next is None:
        _check_named(container, tenant, wanted)
    following = cursor(day=found.next.day.isoformat(), place=found.next.place) if found.next else None
    data = schemas.CallsOut(items=[present.call(row) for row in found.rows], next_cursor=following)
    return _calls_file(data, tenant, paging) if answer_as == "csv" else success(data, now)


@router.get(
    "/calls/{call_id}", summary="A call and its proof", dependencies=reads, responses=problem_responses(403, 404, 422)
)
def call(
    container: CurrentContainer, tenant: ConcernedTenant, call_id: schemas.CallName
) -> Success[schemas.CallDetailOut]:
    """Show every attempt with the provider's own usage, the price's version, and the multiplication line by line."""
    rows, waiting = container.ledger.usage_reader.call(tenant, CallId(call_id))
    detail = present.call_detail(
        rows, waiting, container.catalogue.reader, container.catalogue.own_price_setter.version
    )
    return success(detail, container.clock())


@router.post(
    "/reprice",
    summary="What a period would have cost",
    dependencies=reads,
    responses={**problem_responses(400, 403, 404, 413, 415, 422), **AS_A_PICTURE},
    response_model=Success[schemas.RepricingOut],
)
def reprice(
    container: CurrentContainer,
    tenant: ConcernedTenant,
    request: schemas.RepriceIn,
    part: Part,
    format: Annotated[Literal["json", "svg"], Query(description="`svg`: the frontier as a picture.")] = "json",
) -> Success[schemas.RepricingOut] | Response:
    """Cost a period on other models, or at the prices of another time, call by call. History is not touched.

    A large period is answered in parts: while there is a `next_cursor`, the same request with it as `cursor` has the
    next part, at the same prices, and the sums of all parts are the period's.

    With `at_least_as_good` it shows the frontier of quality and cost of these very calls, and what moving would save
    and lose.
    """
    now = container.clock()
    if format == "svg" and request.at_least_as_good is None:
        raise InvalidRequest("format", "is a picture of `at_least_as_good` alone")
    following = part.position(day=str, place=str, at=str, prices=str)
    at = request.at if request.at is not None and request.at <= now else None
    own_at = at or now
    if following is not None:
        own_at, at = _instant(following["at"], now), _instant(following["prices"], now)
    in_force = container.catalogue.reader.current() if at is None else container.catalogue.reader.at(at)
    if in_force is None:
        raise NotFound("no price was believed at that instant")
    wanted = _filter(request.start, request.end, now, request.model, request.provider)
    own = container.catalogue.own_price_setter.history(tenant) if request.prices == "own" else None
    version = str(in_force.catalogue.version)
    if request.at_least_as_good is not None:
        rows = container.ledger.usage_reader.rows(tenant, wanted)
        if not rows:
            _check_named(container, tenant, wanted)
        found = container.routing.usage_frontier.of(tenant, rows, _alternatives(request.at_least_as_good), own)
        if format == "svg":
            return Response(frontier_picture(found, request.start, request.end), media_type="image/svg+xml")
        data = schemas.RepricingOut(
            price_version=version, believed_since=in_force.as_of, answers=[], frontier=usage_frontier(found)
        )
        return success(data, now)
    models: list[str | None] = [*request.models] or [None]
    at_most = min(part.limit, rows_of_a_part(len(models)))
    read = container.ledger.usage_reader.part(tenant, wanted, _position(following), at_most)
    if following is None and not read.rows and read.next is None:
        _check_named(container, tenant, wanted)
    rest = None
    if read.next is not None:
        instants = {"at": own_at.isoformat(), "prices": in_force.as_of.isoformat()}
        rest = cursor(day=read.next.day.isoformat(), place=read.next.place, **instants)
    data = schemas.RepricingOut(
        price_version=version,
        believed_since=in_force.as_of,
        answers=[present.repricing(repriced(read.rows, in_force, model, own, own_at)) for model in models],
        next_cursor=rest,
    )
    return success(data, now)


@router.post(
    "/calls/{call_id}/corrections",
    summary="Correct what a call cost",
    status_code=201,
    dependencies=[requires(Scope.ADMIN), operator_only("correct what a call cost")],
    responses=problem_responses(400, 403, 404, 409, 413, 415, 422),
)
def correction(
    container: CurrentContainer, by: ActorForTenant, call_id: schemas.CallName, request: schemas.CorrectionIn
) -> Success[schemas.CallOut]:
    """Enter a signed amount beside an attempt's row, as the operator; the row itself is never changed.

    With what was corrected before, an attempt costs no less than nothing and no more than 1,000 USD.
    """
    row = container.ledger.corrections.enter(
        by.acts_for,
        CallId(call_id),
        request.attempt,
        request.correction_id,
        request.amount_usd,
        request.reason,
        by,
    )
    return success(present.call(row), container.clock())


def period_of_days(start: date | None, end: date | None, today: date) -> tuple[date, date]:
    """Return the first and the last day of a report; raises `InvalidRequest` for a period that is none, or too long."""
    last = min(end or today, today)
    first = max(start or max(last, EARLIEST) - DEFAULT_SPAN, EARLIEST)
    _check_period(first, last, start, end)
    return first, last


def _calls_file(listed: schemas.CallsOut, tenant: TenantId, paging: Page) -> Response:
    is_first = paging.after is None
    return csv_report(
        listed.items, schemas.CallOut, f"calls-{tenant}", is_first=is_first, next_cursor=listed.next_cursor
    )


def _alternatives(wanted: schemas.AlternativesIn) -> AlternativeFilter:
    return AlternativeFilter(
        frozenset(wanted.capabilities),
        wanted.may_lose,
        wanted.min_context,
        only_with_key=wanted.only_with_key,
        free=wanted.free,
    )


def _end_users(container: Container, tenant: TenantId, user: str | None, session: str | None) -> EndUserFilter:
    """Return the filter of what the query names; a tenant may have hashed its end users, now or then."""
    if user is None and session is None:
        return EVERYBODY
    spellings = container.tenancy.end_user_names.spellings
    return EndUserFilter(
        users=None if user is None else spellings(tenant, user),
        sessions=None if session is None else spellings(tenant, session),
    )


def _tag(text: str) -> tuple[str, str]:
    """Return the name and the value of a tag; raises `InvalidRequest` for a text without both."""
    name, separator, value = text.partition("=")
    if not separator:
        raise InvalidRequest("tag", "must be a name and a value, as in team=a")
    return name, value


def _instant(text: str, now: datetime) -> datetime:
    """Return an instant of a cursor; raises `InvalidRequest` for what is none, or is to come."""
    try:
        found = datetime.fromisoformat(text)
        if EARLIEST_INSTANT <= found <= now:
            return found
    except (ValueError, TypeError):
        pass
    raise InvalidRequest("cursor", "is not one that this list gave out")


def _position(given: dict[str, str] | None) -> CallPosition | None:
    if given is None:
        return None
    try:
        day = date.fromisoformat(given["day"])
        instant_of(given["place"][:26])
    except ValueError:
        raise InvalidRequest("cursor", "is not one that this list gave out") from None
    return CallPosition(day, given["place"])


def _filter(
    start: datetime | None,
    end: datetime | None,
    now: datetime,
    model: str | None,
    provider: str | None,
    status: AttemptStatus | None = None,
) -> CallFilter:
    """Return the filter of a period; instants before any deployment, or in the future, are left out of it."""
    last = min(end or now + ONE_DAY, now + ONE_DAY)
    first = max(start or max(last, EARLIEST_INSTANT) - DEFAULT_SPAN, EARLIEST_INSTANT)
    _check_period(first, last, start, end)
    return CallFilter(first, last, model, provider, status)


def _check_named(container: Container, tenant: TenantId, wanted: CallFilter) -> None:
    """Raise `InvalidRequest` where a filter let no row pass because there is nothing that it names."""
    if wanted.provider is not None:
        check_choice("provider", wanted.provider, PROVIDER_BY_ID)
    if wanted.model is not None:
        own = container.catalogue.own_price_setter.history(tenant)
        check_asked_model(container.catalogue.reader.current(), own, wanted.model, container.clock())
    if wanted.service_key is not None:
        keys = container.tenancy.issued_service_keys.listed(tenant, after=None, limit=KEYS_LOOKED_AT)
        check_choice("key", wanted.service_key, [str(each.key_id) for each in keys])


def _check_bounds[Bound: (int, Decimal)](field: str, least: Bound | None, most: Bound | None) -> None:
    if least is not None and most is not None and least > most:
        raise InvalidRequest(field, f"is above `{field.replace('min', 'max', 1)}`")


def _check_period[Moment: (date, datetime)](
    first: Moment, last: Moment, start: Moment | None, end: Moment | None
) -> None:
    """Raise `InvalidRequest` for a period that is none, or too long; `start` and `end` are what was asked for."""
    if start is not None and end is not None and start > end:
        raise InvalidRequest("from", "is after `to`")
    if start is not None and start > last:
        raise InvalidRequest("from", "is in the future; days and instants are of UTC")
    if first > last:
        raise InvalidRequest("to", "is before any deployment")
    if last - first > MAX_SPAN:
        raise InvalidRequest("from", f"is more than {schemas.MAX_DAYS} days before `to`")
