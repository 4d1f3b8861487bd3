"""Ledger rows and sums as the usage routes answer them."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from atom_llm.domain.catalogue.errors import SnapshotCorrupt, SnapshotMissing
from atom_llm.domain.catalogue.own_prices import OwnPrice
from atom_llm.domain.core.ids import TenantId, instant_of
from atom_llm.domain.core.money import EXACT, exact_sum
from atom_llm.domain.ledger.rows import Attempt, AttemptStatus, LedgerRow, Settlement
from atom_llm.domain.ledger.sums import Histogram, Sums, percentile
from atom_llm.domain.pricing.cost import Cost, CostLine, Unpriced, cost, is_of_other_model
from atom_llm.domain.pricing.units import Unit
from atom_llm.domain.pricing.usage import Quantity
from atom_llm.domain.providers.unknown_counters import unknown_counters
from atom_llm.http.published import plain_rates
from atom_llm.http.routed.cost_lines import cost_lines
from atom_llm.services.catalogue.read_catalogue import CatalogueInForce, CatalogueReader
from atom_llm.services.ledger.reports.report_usage import UsageReport
from atom_llm.services.ledger.reports.reprice_usage import RepricedUsage
from functions.byok.prices import present_prices
from functions.byok.usage import schemas_usage as schemas


def usage_series(report: UsageReport, group_by: Sequence[str]) -> list[schemas.UsageGroupOut]:
    """Return the groups of a report, as they are shown."""
    return [
        schemas.UsageGroupOut(group=dict(zip(group_by, group, strict=True)), **sums_out(sums).model_dump())
        for group, sums in report.groups.items()
    ]


def whole_group(report: UsageReport) -> schemas.UsageGroupOut:
    """Return the total of a report as the one group of no dimension."""
    return schemas.UsageGroupOut(group={}, **sums_out(report.total).model_dump())


def sums_out(sums: Sums) -> schemas.SumsOut:
    """Return a group's sums, as they are shown."""
    return schemas.SumsOut(
        calls=sums.calls,
        failed_attempts=sums.failed,
        refused=sums.refused,
        swept=sums.swept,
        corrections=sums.corrections,
        cost_usd=sums.cost,
        units=_units(sums.units),
        latency_ms=_percentiles(sums.latency),
        first_token_ms=_percentiles(sums.first_token),
    )


def call(row: LedgerRow) -> schemas.CallOut:
    """Return a row as it is shown in a list."""
    return schemas.CallOut(**_fields(row.attempt, row.settlement))


def pending(attempt: Attempt) -> schemas.CallOut:
    """Return an attempt that is under way, as it is shown in a list."""
    return schemas.CallOut(**_fields(attempt, None))


def call_detail(
    rows: Sequence[LedgerRow],
    waiting: Sequence[Attempt],
    catalogue: CatalogueReader,
    own_price: Callable[[TenantId, str], OwnPrice | None],
) -> schemas.CallDetailOut:
    """Return a call with the proof of each row; `own_price` returns a tenant's price by its id, ended ones included."""
    attempts = [
        schemas.AttemptOut(
            **_fields(row.attempt, row.settlement),
            budgets=_budgets(row.attempt),
            proof=_proof(row, catalogue, own_price),
        )
        for row in rows
    ]
    attempts += [
        schemas.AttemptOut(**_fields(attempt, None), budgets=_budgets(attempt), proof=None) for attempt in waiting
    ]
    call_id = attempts[0].call_id
    spent = exact_sum(row.settlement.cost for row in rows)
    return schemas.CallDetailOut(call_id=call_id, at=instant_of(call_id), cost_usd=spent, attempts=attempts)


def repricing(answer: RepricedUsage) -> schemas.RepricedOut:
    """Return one model's answer, as it is shown."""
    return schemas.RepricedOut(
        model=answer.model,
        calls=answer.rows,
        actual_usd=answer.actual,
        hypothetical_usd=answer.hypothetical,
        difference_usd=EXACT.subtract(answer.hypothetical, answer.actual),
        not_priced=answer.not_priced,
    )


def _fields(attempt: Attempt, ended: Settlement | None) -> dict[str, Any]:
    return {
        "call_id": attempt.call_id,
        "attempt": attempt.label,
        "status": str(ended.status if ended is not None else AttemptStatus.PENDING),
        "at": attempt.opened_at,
        "settled_at": ended.settled_at if ended is not None else None,
        "provider": attempt.provider,
        "model": attempt.model,
        "model_asked": attempt.model_asked,
        "tier": attempt.tier,
        "service_key": attempt.service_key,
        "provider_key": attempt.provider_key,
        "tags": dict(attempt.tags),
        "user": attempt.end_user.user,
        "session": attempt.end_user.session,
        "units": _units(ended.usage if ended is not None else {}),
        "cost_usd": ended.cost if ended is not None else Decimal(0),
        "held_usd": attempt.hold,
        "latency_ms": ended.latency_ms if ended is not None else None,
        "first_token_ms": ended.first_token_ms if ended is not None else None,
        "price_version": attempt.price_version,
        "reason": ended.reason if ended is not None else None,
    }


def _proof(
    row: LedgerRow, catalogue: CatalogueReader, own_price: Callable[[TenantId, str], OwnPrice | None]
) -> schemas.ProofOut | None:
    ended = row.settlement
    if not ended.lines and ended.raw_usage is None:
        return None
    terms = {name: value for name, value in ended.terms._asdict().items() if value is not None}
    return schemas.ProofOut(
        raw_usage=dict(ended.raw_usage) if ended.raw_usage is not None else None,
        unknown_counters=unknown_counters(ended.raw_usage or {}),
        units=_units(ended.usage),
        context_tokens=ended.context_tokens,
        terms=terms,
        price=_price(row.attempt, catalogue),
        own_price=_own_price(row, catalogue, own_price),
        lines=cost_lines(ended.lines),
        charged_at=row.charged_at,
        hold_factor=row.attempt.hold_factor,
        total_usd=ended.cost,
    )


def _price(attempt: Attempt, catalogue: CatalogueReader) -> schemas.ProofPriceOut:
    """Return the catalogue's row of that very version, while it can be read; the lines also stand without it."""
    in_force = _in_force_for(attempt, catalogue)
    entry = in_force.costed_by(attempt.model) if in_force is not None else None
    return schemas.ProofPriceOut(
        version=attempt.price_version,
        believed_since=in_force.as_of if in_force is not None else None,
        source=entry.source if entry is not None else None,
        source_key=entry.source_key if entry is not None else None,
        published=plain_rates(entry.published or {}) if entry is not None else None,
    )


def _own_price(
    row: LedgerRow, catalogue: CatalogueReader, own_price: Callable[[TenantId, str], OwnPrice | None]
) -> schemas.ProofOwnPriceOut | None:
    """Return the own price that a row names, with the cost of the same usage by the list of that very version."""
    attempt, ended = row.attempt, row.settlement
    price = None if attempt.own_price is None else own_price(attempt.tenant, attempt.own_price)
    if price is None:
        return None
    in_force = _in_force_for(attempt, catalogue)
    entry = in_force.costed_by(attempt.model) if in_force is not None else None
    by_list: Cost | None = None
    lines: Sequence[CostLine] = ()
    if in_force is not None and entry is not None:
        try:
            by_list = cost(ended.own.usage, in_force.catalogue.rates(entry), ended.terms)
            lines = by_list.lines
        except Unpriced as error:
            lines = error.priced.lines
    return schemas.ProofOwnPriceOut(
        price=present_prices.own_price(price),
        list_lines=cost_lines([*lines, *filter(is_of_other_model, ended.lines)]),
        list_total_usd=None if by_list is None else EXACT.add(by_list.total, ended.own.others),
        display_total=None if price.display is None else EXACT.multiply(ended.cost, price.display.per_usd),
    )


def _in_force_for(attempt: Attempt, catalogue: CatalogueReader) -> CatalogueInForce | None:
    """Return the catalogue of the version that an attempt was costed by; None where it cannot be read."""
    try:
        return catalogue.of_version(attempt.price_version, attempt.opened_at)
    except (SnapshotMissing, SnapshotCorrupt):
        return None


def _budgets(attempt: Attempt) -> list[str]:
    return [f"{ref.scope} {ref.window}" for ref in attempt.windows]


def _units(usage: Mapping[Unit, Quantity] | Mapping[Unit, Decimal]) -> dict[str, Decimal]:
    return {str(unit): Decimal(quantity) for unit, quantity in sorted(usage.items())}


def _percentiles(histogram: Histogram) -> schemas.LatencyOut:
    return schemas.LatencyOut(
        p50=percentile(histogram, 0.5), p95=percentile(histogram, 0.95), p99=percentile(histogram, 0.99)
    )
