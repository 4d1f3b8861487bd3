"""Narrowed holds: a model that was billed above its hold is held for so many times over, until a person has looked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_UP, Context, Decimal
from typing import Final

from atom_llm.domain.core.ids import CallId, TenantId
from atom_llm.domain.core.money import EXACT, ONE
from atom_llm.domain.ledger.rows import Attempt

MOST_TIMES: Final = Decimal(1_000)  # that a hold is raised by
_UP: Final = Context(prec=60, rounding=ROUND_UP)
TENANTS_KEPT: Final = 5  # the factors of all others follow from the two highest; the rest is for the person who looks


@dataclass(frozen=True, slots=True)
class ExcessBill:
    """A bill above its hold, in USD; `times` is how many of the model's worst cases it came to, rounded up."""

    tenant: TenantId
    call_id: CallId
    label: str
    at: datetime
    held: Decimal
    cost: Decimal
    times: Decimal


@dataclass(frozen=True, slots=True)
class Narrowing:
    """The bills above their holds of one model, since a person last looked: the highest of each tenant, highest first.

    `revision` changes with every write, so that nobody acknowledges what they have not seen.
    """

    model: str
    since: datetime
    bills: Sequence[ExcessBill]
    revision: str = ""

    def factor(self, tenant: TenantId) -> Decimal:
        """Return how many times its worst case is held for a tenant's call of the model.

        That is what the tenant's own highest bill came to, or the second highest of the others where that is more: one
        tenant alone makes no hold of another dearer.
        """
        own = next((bill.times for bill in self.bills if bill.tenant == tenant), ONE)
        others = [bill.times for bill in self.bills if bill.tenant != tenant]
        return max(own, others[1]) if len(others) > 1 else own

    def with_bill(self, bill: ExcessBill) -> "Narrowing":
        """Return the narrowing with a bill, or itself where the tenant had a bill as high, or so many others had."""
        known = next((each.times for each in self.bills if each.tenant == bill.tenant), ONE)
        if bill.times <= known:
            return self
        others = [each for each in self.bills if each.tenant != bill.tenant]
        kept = sorted((*others, bill), key=lambda each: each.times, reverse=True)[:TENANTS_KEPT]
        return self if bill not in kept else replace(self, bills=tuple(kept))


def excess_bill(attempt: Attempt, cost: Decimal, at: datetime) -> ExcessBill | None:
    """Return the excess of a cost in USD over an attempt's hold; None where the hold covers it.

    A hold of nothing cannot be multiplied, and is left to the person who hears of it.
    """
    if cost <= attempt.hold or not attempt.hold:
        return None
    times = _UP.divide(EXACT.multiply(cost, attempt.hold_factor), attempt.hold).quantize(ONE, context=_UP)
    return ExcessBill(
        attempt.tenant, attempt.call_id, attempt.label, at, attempt.hold, cost, min(max(times, ONE), MOST_TIMES)
    )
