"""The reconciliation of a provider's bill with the ledger: compared by sums, explained by prices and a few rows."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from atom_llm.domain.catalogue.own_prices import OwnPrices
from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.core.money import EXACT, ZERO, exact_sum
from atom_llm.domain.ledger.exports.line import ExportReading, LineKind
from atom_llm.domain.ledger.exports.model_groups import model_groups
from atom_llm.domain.ledger.reconciliation.drafts import Drafted, drafted
from atom_llm.domain.ledger.reconciliation.explain import Cause, Comparison, Explanation, explained
from atom_llm.domain.ledger.reconciliation.groups import (
    SEARCHES,
    BilledTotals,
    BookedTotals,
    GroupKey,
    are_searches_apart,
    billed_groups,
    step_of,
)
from atom_llm.domain.pricing.units import Unit
from atom_llm.ports.core import Clock
from atom_llm.ports.ledger import Ledger, UsageSums
from atom_llm.services.catalogue.read_catalogue import CatalogueReader
from atom_llm.services.ledger.correct_spending import MAX_CORRECTED_COST
from atom_llm.services.ledger.day_prices import DayPrices
from atom_llm.services.ledger.reconciliation.reconciled_rows import RowsOfGroups

MAX_SPAN: Final = timedelta(days=92)  # of one export
FINAL_AFTER: Final = timedelta(days=3)  # providers' reports of a day are still filled up to here

Booked = dict[tuple[date, str, str | None], BookedTotals]


@dataclass(frozen=True, slots=True)
class ProviderBill:
    """An uploaded export: costs, usage, or both, and its names of keys with the provider keys' ids here."""

    provider: str
    costs: ExportReading | None
    usage: ExportReading | None
    keys: Mapping[str, str] | None = None

    @property
    def days(self) -> frozenset[date]:
        """The days (UTC) that it covers."""
        return frozenset().union(*(each.days for each in (self.costs, self.usage) if each is not None))


@dataclass(frozen=True, slots=True)
class ExplainedGroup:
    """A group that differs, why, and the corrections of it; None where none were asked for."""

    comparison: Comparison
    explanations: list[Explanation]
    drafted: Drafted | None


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """A bill beside the ledger. `matched` counts the groups without a difference; amounts are USD.

    `rows_complete` is False where more rows stood behind the differences than are read at once.
    """

    first: date
    last: date
    lines: int
    matched: int
    billed: Decimal | None
    booked: Decimal
    groups: list[ExplainedGroup]
    unread: frozenset[str]
    rows_complete: bool

    @property
    def by_cause(self) -> dict[Cause, Decimal]:
        """The USD that each cause explains."""
        found: dict[Cause, Decimal] = {}
        for group in self.groups:
            for each in group.explanations:
                found[each.cause] = EXACT.add(found.get(each.cause, ZERO), each.amount)
        return found


class UsageReconciler:
    """The comparison of bills with the ledger; it changes nothing."""

    def __init__(self, ledger: Ledger, sums: UsageSums, clock: Clock) -> None:
        self._ledger = ledger
        self._sums = sums
        self._clock = clock

    def reconcile(
        self, tenant: TenantId, bill: ProviderBill, catalogue: CatalogueReader, own: OwnPrices, *, drafts: bool
    ) -> Reconciliation:
        """Compare a bill with a tenant's ledger, by day and model, and by key where the bill says which are whose.

        Raises `InvalidRequest` for one without a day, or of more than `MAX_SPAN`.
        """
        days = bill.days
        if not days:
            raise InvalidRequest("costs" if bill.costs else "usage", "has no day in it")
        first, last = min(days), max(days)
        if last - first > MAX_SPAN:
            raise InvalidRequest("costs" if bill.costs else "usage", f"covers more than {MAX_SPAN.days} days")
        raw = self._booked(
            tenant, bill, first - timedelta(days=1), last
        )  # whose last calls may have ended on the first day
        lines = [*(bill.costs.lines if bill.costs else ()), *(bill.usage.lines if bill.usage else ())]
        names = model_groups(
            bill.provider, {line.model for line in lines if line.model}, {model for _, model, _ in raw}
        )
        billed = billed_groups(
            bill.costs.lines if bill.costs else (),
            bill.usage.lines if bill.usage else None,
            names.__getitem__,
            bill.keys,
        )
        prices = DayPrices(catalogue, own, self._clock(), bill.provider)
        apart = bill.costs is not None and are_searches_apart(bill.costs.lines)
        booked = _grouped(raw, days, names, prices if apart else None)
        siblings: defaultdict[str, set[str]] = defaultdict(set)
        for _, model, _ in raw:
            siblings[names[model]].add(model)
        step = step_of(bill.costs.lines) if bill.costs else ZERO
        compared = _compared(billed, booked, step, siblings.keys(), has_costs=bill.costs is not None)
        differ = [each for each in compared if not each.is_equal]
        whole = {each.key.day for each in differ if each.booked.failed or each.booked.swept or each.booked.corrections}
        rows = RowsOfGroups(self._ledger, tenant, bill.provider, names, whole, by_key=bill.keys is not None)
        groups = [self._explained(each, prices, siblings, rows, drafts=drafts) for each in differ]
        return Reconciliation(
            first,
            last,
            len(lines),
            len(compared) - len(groups),
            exact_sum(line.amount or ZERO for line in bill.costs.lines) if bill.costs else None,
            exact_sum(each.cost for each in booked.values()),
            groups,
            frozenset().union(*(each.unread for each in (bill.costs, bill.usage) if each)),
            rows.are_complete,
        )

    def _booked(self, tenant: TenantId, bill: ProviderBill, first: date, last: date) -> Booked:
        """Return the ledger's sums by day, model and, for a bill by key, provider key: one query a month."""
        found: Booked = {}
        if bill.keys is None:
            for day, provider, model, sums in self._sums.by_model(tenant, first, last):
                if provider == bill.provider:
                    found.setdefault((day, model, None), BookedTotals()).add(model, sums)
        else:
            for day, cell, sums in self._sums.by_cell(tenant, first, last):
                if cell.provider == bill.provider:
                    place = day, cell.model, str(cell.provider_key or "")
                    found.setdefault(place, BookedTotals()).add(cell.model, sums)
        return found

    def _explained(
        self,
        found: Comparison,
        prices: DayPrices,
        siblings: Mapping[str, Collection[str]],
        rows: RowsOfGroups,
        *,
        drafts: bool,
    ) -> ExplainedGroup:
        key, now = found.key, self._clock()
        is_ours = key.elsewhere is None and key.kind is LineKind.USAGE
        if key.elsewhere is None and key.kind in (LineKind.USAGE, LineKind.SERVICE):
            found.prices = prices.of(found, siblings.get(key.model, ()))
        if is_ours and (found.booked.is_something or found.is_model_known):
            found.rows = rows.evidence(found, with_attempts=drafts)
        explanations = explained(found)
        if not drafts or not is_ours:
            return ExplainedGroup(found, explanations, Drafted([], ZERO) if drafts else None)
        is_final = now - datetime.combine(key.day, time(), UTC) > FINAL_AFTER
        made = drafted(key, explanations, rows.correctable(key), MAX_CORRECTED_COST, is_final=is_final)
        return ExplainedGroup(found, explanations, made)


def _grouped(
    raw: Booked, days: frozenset[date], names: Mapping[str, str], searches: DayPrices | None
) -> dict[GroupKey, BookedTotals]:
    """Return the ledger's sums by the groups of the bill; with `searches` they stand in a group of their own."""
    groups: dict[GroupKey, BookedTotals] = {}
    for (day, model, key), totals in raw.items():
        if day not in days:
            continue
        place = GroupKey(day, LineKind.USAGE, names[model], key)
        units = totals.units[model]
        number = units.get(Unit.WEB_SEARCHES, ZERO)
        fee = searches.searches(day, model, number) if searches is not None and number else None
        if fee is not None:
            beside = groups.setdefault(GroupKey(day, LineKind.SERVICE, SEARCHES), BookedTotals())
            beside.cost = EXACT.add(beside.cost, fee)
            counted = beside.units.setdefault(model, {})
            counted[Unit.WEB_SEARCHES] = EXACT.add(counted.get(Unit.WEB_SEARCHES, ZERO), number)
            totals.cost = EXACT.subtract(totals.cost, fee)
            del units[Unit.WEB_SEARCHES]
        found = groups.setdefault(place, BookedTotals())
        found.cost = EXACT.add(found.cost, totals.cost)
        for name in ("calls", "failed", "swept", "corrections"):
            setattr(found, name, getattr(found, name) + getattr(totals, name))
        found.units.setdefault(model, {}).update(units)
    return groups


def _compared(
    billed: Mapping[GroupKey, BilledTotals],
    booked: Mapping[GroupKey, BookedTotals],
    step: Decimal,
    known: Collection[str],
    *,
    has_costs: bool,
) -> list[Comparison]:
    """Return every group of either side, in the order of days."""
    found = []
    for key in sorted(billed.keys() | booked.keys(), key=lambda key: (key.day, key.kind, key.model, key.key or "")):
        bill = billed.get(key)
        tolerance = EXACT.multiply(step / 2, Decimal(bill.lines if bill is not None else 0))
        ours = booked.get(key, BookedTotals())
        is_known = key.model in known
        found.append(Comparison(key, bill, ours, tolerance, is_model_known=is_known, has_costs=has_costs))
    return found
