"""Why a provider's bill and the ledger differ in a group: explanations whose amounts come to the difference exactly."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from atom_llm.domain.core.money import EXACT, ZERO, plain
from atom_llm.domain.ledger.exports.line import LineKind
from atom_llm.domain.ledger.reconciliation.groups import BilledTotals, BookedTotals, Elsewhere, GroupKey
from atom_llm.domain.ledger.reconciliation.prices import GroupPrices

_BATCH_NOTE: Final = "sent through the provider's batch API, which no call of this service is"
_SWEPT_NOTE: Final = "their processes died, and they were charged at the estimate made before the call"


class Cause(StrEnum):
    """The reason for a difference, or for a part of it."""

    MISSING_CALL = "missing_call"  # the provider counts a call that the ledger has not, or has as failed
    LATE_SETTLEMENT = "late_settlement"  # begun on one day, ended and billed on the next
    PRICE = "price_at_that_time"  # the same usage at another price
    ROUNDING = "rounding"
    TAX = "tax"
    CREDIT = "credit"
    NOT_THROUGH_US = "not_through_us"
    CHARGED_AT_ESTIMATE = "charged_at_estimate"  # its process died, and the ledger has the estimate
    COUNTED_OTHERWISE = "counted_otherwise"  # the same number of calls, other counts of tokens
    NOT_BILLED = "not_billed"  # the ledger has what the provider does not bill, or not yet
    CORRECTED = "corrected_before"  # what corrections of the ledger have settled already
    UNEXPLAINED = "unexplained"


class Explanation(NamedTuple):
    """A cause, the USD of the difference that it explains, in words, and the calls that it is about where known."""

    cause: Cause
    amount: Decimal
    note: str
    calls: int | None = None


@dataclass(slots=True)
class RowEvidence:
    """What a group's ledger rows say beside its sums, in USD and calls.

    `late_out` are rows that were begun on the day and ended on the next, `late_in` those of the day before.
    """

    late_out: Decimal = ZERO
    late_out_calls: int = 0
    late_in: Decimal = ZERO
    late_in_calls: int = 0
    swept: Decimal = ZERO
    corrected: Decimal = ZERO


@dataclass(slots=True)
class Comparison:
    """A group of the bill beside the ledger's, with what is known of both. `tolerance` is in USD.

    `has_costs` says that the bill has amounts, in which case what costs nothing need not be on it.
    """

    key: GroupKey
    billed: BilledTotals | None
    booked: BookedTotals
    tolerance: Decimal
    prices: GroupPrices | None = None
    rows: RowEvidence | None = None
    is_model_known: bool = True
    has_costs: bool = False

    @property
    def evidence(self) -> RowEvidence:
        """The rows' word, or none."""
        return self.rows or RowEvidence()

    @property
    def is_counted(self) -> bool:
        """Return whether the bill counts what it is for, and that has a price here."""
        if self.prices is None or self.billed is None or not self.billed.is_counted:
            return False
        return self.billed.counts.keys() <= self.prices.rates.keys()

    @property
    def volume(self) -> Decimal:
        """The USD, at the ledger's own rates, of what the bill counts more than the ledger; 0 where it counts not."""
        if self.prices is None or self.billed is None or not self.is_counted:
            return ZERO
        billed, booked = self.billed.counts, self.booked.counts
        more = {
            counted: EXACT.subtract(billed.get(counted, ZERO), booked.get(counted, ZERO))
            for counted in billed.keys() | booked.keys()
        }
        return self.prices.worth(more, self._paid)

    @property
    def batch_volume(self) -> Decimal:
        """The USD, at the same rates, of what of it was sent through the provider's batch API."""
        if self.prices is None or self.billed is None or not self.is_counted:
            return ZERO
        return self.prices.worth(self.billed.batch, self._paid)

    @property
    def _paid(self) -> Decimal:
        """The USD that the ledger's own counts were paid with."""
        return EXACT.subtract(EXACT.subtract(self.booked.cost, self.evidence.swept), self.evidence.corrected)

    @property
    def difference(self) -> Decimal | None:
        """The bill less the ledger, in USD: at the ledger's rates where the bill has no amounts; None without any."""
        if self.billed is not None and self.billed.amount is not None:
            return EXACT.subtract(self.billed.amount, self.booked.cost)
        if self.billed is None:
            return EXACT.subtract(ZERO, self.booked.cost)
        return EXACT.subtract(self.volume, self.evidence.swept) if self.is_counted else None

    @property
    def is_equal(self) -> bool:
        """Return whether nothing is to be explained."""
        if self.billed is None:
            return not self.booked.cost and (self.has_costs or not self.booked.calls)
        if self.billed.amount is not None and self.billed.amount != self.booked.cost:
            return False
        if self.booked.corrections and self.billed.amount is not None:
            return True  # usage that the ledger lacks was entered as an amount
        return not self.billed.is_counted or {k: v for k, v in self.billed.counts.items() if v} == self.booked.counts


def explained(found: Comparison) -> list[Explanation]:
    """Return the explanations of a difference; their amounts come to it, and what is left over is said to be so."""
    difference = found.difference
    whole = _whole(found, difference or ZERO)
    if whole is not None:
        return [whole]
    if difference is None:
        return [Explanation(Cause.UNEXPLAINED, ZERO, "it is counted, and has no price here to be compared by")]
    corrected = found.evidence.corrected
    before = EXACT.add(difference, corrected)
    parts = _by_counts(found, before) if found.is_counted else _by_amounts(found, before)
    parts.append(Explanation(Cause.CORRECTED, EXACT.subtract(ZERO, corrected), "entered as corrections already"))
    return [part for part in parts if part.amount] or [
        Explanation(Cause.COUNTED_OTHERWISE, ZERO, "the counts differ, and the amounts do not")
    ]


def _whole(found: Comparison, difference: Decimal) -> Explanation | None:
    """Return the one explanation of a group that no call of the ledger can be part of."""
    key, billed = found.key, found.billed
    if billed is None:
        return None
    if key.kind is LineKind.TAX:
        return Explanation(Cause.TAX, difference, f"a tax, which the ledger does not book: {billed.wording}")
    if key.kind is LineKind.CREDIT:
        return Explanation(Cause.CREDIT, difference, f"money given back, beside what calls cost: {billed.wording}")
    if key.elsewhere is Elsewhere.BATCH:
        return Explanation(Cause.NOT_THROUGH_US, difference, _BATCH_NOTE, billed.requests)
    if key.elsewhere is Elsewhere.OTHER_KEY:
        note = f"made with the key {key.key}, which is none of `keys`"
        return Explanation(Cause.NOT_THROUGH_US, difference, note, billed.requests)
    if found.booked.is_something or found.evidence.late_in_calls:
        return None
    if key.kind is LineKind.SERVICE:
        return Explanation(Cause.NOT_THROUGH_US, difference, f"the ledger books nothing of the kind: {billed.wording}")
    if not found.is_model_known:
        note = "the ledger has no call of this model in the whole period"
        return Explanation(Cause.NOT_THROUGH_US, difference, note, billed.requests)
    return None


def _by_counts(found: Comparison, difference: Decimal) -> list[Explanation]:
    """Take a difference apart into usage that only one side has, and another price of usage that both have."""
    volume, swept = found.volume, found.evidence.swept
    price = EXACT.add(EXACT.subtract(difference, volume), swept)
    billed, booked, batch = found.billed, found.booked, found.batch_volume
    rest = EXACT.subtract(volume, batch)
    parts = _late(found, rest)
    for part in parts:
        rest = EXACT.subtract(rest, part.amount)
    more = None
    if billed is not None and billed.requests is not None:
        late = found.evidence.late_in_calls - found.evidence.late_out_calls if parts else 0
        more = billed.requests - billed.batch_requests - booked.calls - late
    if billed is not None and batch:  # which has prices of its own, so that what is left is its, and not the ledger's
        parts.append(Explanation(Cause.NOT_THROUGH_US, EXACT.add(batch, price), _BATCH_NOTE, billed.batch_requests))
        price = ZERO
    if booked.swept and not (more and more > 0):
        estimate = EXACT.subtract(rest, swept)
        parts.append(Explanation(Cause.CHARGED_AT_ESTIMATE, estimate, _SWEPT_NOTE, booked.swept))
    else:
        parts.append(_usage_part(found, rest, more))
        parts.append(Explanation(Cause.CHARGED_AT_ESTIMATE, EXACT.subtract(ZERO, swept), _SWEPT_NOTE, booked.swept))
    parts.append(_price_part(found, price))
    return parts


def _usage_part(found: Comparison, amount: Decimal, more: int | None) -> Explanation:
    if amount > 0 and (more is None or more > 0):
        failed = found.booked.failed
        note = "the provider counts more usage than the ledger"
        if failed:
            note += f"; {failed} failed attempts of that day may have been billed"
        return Explanation(Cause.MISSING_CALL, amount, note, more)
    if amount < 0 and (more is None or more < 0):
        note = "the ledger has usage that the provider does not bill, or has not billed yet"
        return Explanation(Cause.NOT_BILLED, amount, note, -more if more else None)
    return Explanation(Cause.COUNTED_OTHERWISE, amount, "as many calls, and other counts of tokens")


def _price_part(found: Comparison, amount: Decimal) -> Explanation:
    others = () if found.prices is None or not amount else found.prices.others
    is_another = any(EXACT.subtract(other.total, found.prices.total) == amount for other in others if found.prices)
    if abs(amount) <= found.tolerance and not is_another:
        return Explanation(Cause.ROUNDING, amount, f"{found.billed.lines if found.billed else 0} rounded amounts")
    return Explanation(Cause.PRICE, amount, _price_note(found, amount))


def _price_note(found: Comparison, amount: Decimal) -> str:
    note = "the same usage was billed at another price"
    billed, prices = found.billed, found.prices
    if prices is None:
        return note
    for other in prices.others:
        if abs(EXACT.subtract(EXACT.subtract(other.total, prices.total), amount)) <= found.tolerance:
            return f"{note}: that of the {other.words}"
    if billed is not None and billed.amount is not None and found.booked.cost:
        percent = (billed.amount / found.booked.cost - 1) * 100
        note += (
            f", {plain(abs(percent).quantize(Decimal('0.01')))} % {'above' if percent > 0 else 'below'} the ledger's"
        )
    return note


def _by_amounts(found: Comparison, difference: Decimal) -> list[Explanation]:
    """Explain a difference of amounts alone, where the bill does not count what they are for."""
    if abs(difference) <= found.tolerance:
        return [_price_part(found, difference)]
    billed, booked, prices = found.billed, found.booked, found.prices
    if billed is not None and prices is not None and booked.cost and not booked.swept:
        for other in prices.others:
            if abs(EXACT.subtract(EXACT.subtract(other.total, prices.total), difference)) <= found.tolerance:
                return [Explanation(Cause.PRICE, difference, _price_note(found, difference))]
    parts, rest = _late(found, difference), difference
    for part in parts:
        rest = EXACT.subtract(rest, part.amount)
    if abs(rest) <= found.tolerance:
        parts.append(_price_part(found, rest))
    elif billed is None:
        parts.append(_usage_part(found, rest, -booked.calls))
    elif booked.swept:
        parts.append(Explanation(Cause.CHARGED_AT_ESTIMATE, rest, _SWEPT_NOTE, booked.swept))
    elif rest > 0 and (booked.failed or not booked.calls):
        parts.append(_usage_part(found, rest, None))
    else:
        note = "amounts alone do not tell usage from price: give the provider's usage too"
        parts.append(Explanation(Cause.UNEXPLAINED, rest, note))
    return parts


def _late(found: Comparison, amount: Decimal) -> list[Explanation]:
    """Return what of an amount is of calls that began on one day and ended on the next."""
    rows = found.evidence
    if amount < 0 and rows.late_out:
        moved, note = -min(-amount, rows.late_out), "they ended on the next day, on which the provider bills them"
        return [Explanation(Cause.LATE_SETTLEMENT, moved, note, rows.late_out_calls)]
    if amount > 0 and rows.late_in:
        moved, note = min(amount, rows.late_in), "they began on the day before, on which the ledger has them"
        return [Explanation(Cause.LATE_SETTLEMENT, moved, note, rows.late_in_calls)]
    return []
