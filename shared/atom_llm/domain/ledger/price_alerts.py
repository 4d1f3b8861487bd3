"""The meaning of a change of prices for a tenant: what its own last thirty days would cost by what is new."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final, Literal, NamedTuple

from atom_llm.domain.core.errors import InvalidRate
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.core.money import EXACT, ONE, ZERO
from atom_llm.domain.ledger.rows import Settlement
from atom_llm.domain.pricing.cost import Unpriced, cost
from atom_llm.domain.pricing.rates import Rates

ChangeKind = Literal["price", "deprecation", "quarantined"]

LOOKS_BACK: Final = 30  # days of a tenant's own traffic
MOST_TOLD: Final = 20  # changes that one alert lists, the greatest first: an event of EventBridge's takes 256 KB
MAX_REASON: Final = 300  # characters


@dataclass(frozen=True, slots=True)
class PriceAlertSettings:
    """A tenant's wish to be told: whether, and from which amount in USD a month on."""

    enabled: bool = True
    threshold: Decimal = ONE


DEFAULT_SETTINGS: Final = PriceAlertSettings()


@dataclass(frozen=True, slots=True)
class ModelChange:
    """A change of one row: its rates before and after, or the date from which it is deprecated.

    `after` are the rates in force since, or those that wait in quarantine for a `reason`; None for a deprecation.
    """

    model: str
    kind: ChangeKind
    before: Rates
    after: Rates | None = None
    deprecation_date: date | None = None
    reason: str | None = None

    @property
    def name(self) -> str:
        """Its name among the changes of one activation: a row may get a price and a date at once."""
        return f"{self.kind} {self.model}"


@dataclass(slots=True)
class Impact:
    """A tenant's own calls of a changed model, and their cost in USD by both rates.

    `calls_not_priced` have no price by one of them, and stand in no sum.
    """

    calls: int = 0
    calls_not_priced: int = 0
    cost: Decimal = ZERO
    would_cost: Decimal = ZERO

    def add(self, call: Settlement, before: Rates, after: Rates | None) -> None:
        """Cost what the model itself used for a call by both rates; without `after` the second is nothing."""
        usage = call.own.usage
        try:
            was = cost(usage, before, call.terms).total
            would = ZERO if after is None else cost(usage, after, call.terms).total
        except (Unpriced, InvalidRate):
            self.calls_not_priced += 1
            return
        self.calls += 1
        self.cost = EXACT.add(self.cost, was)
        self.would_cost = EXACT.add(self.would_cost, would)

    @property
    def difference(self) -> Decimal:
        """USD more, or with a minus less, by the new rates."""
        return EXACT.subtract(self.would_cost, self.cost)


class Told(NamedTuple):
    """A change with what it means for one tenant."""

    change: ModelChange
    impact: Impact

    @property
    def amount(self) -> Decimal:
        """USD that it is about: a price's difference either way, or all that was spent on a model that goes."""
        return self.impact.cost if self.change.after is None else EXACT.abs(self.impact.difference)


def worth_telling(told: list[Told], settings: PriceAlertSettings) -> list[Told]:
    """Return the changes to tell of, the greatest first: those of a kind whose amounts together reach the threshold."""
    if not settings.enabled:
        return []
    amounts: dict[ChangeKind, Decimal] = {}
    for each in told:
        amounts[each.change.kind] = EXACT.add(amounts.get(each.change.kind, ZERO), each.amount)
    reached = {kind for kind, amount in amounts.items() if amount and amount >= settings.threshold}
    found = [each for each in told if each.change.kind in reached and each.amount]
    return sorted(found, key=lambda each: (-each.amount, each.change.name))


@dataclass(frozen=True, slots=True)
class TenantInWork:
    """A tenant whose rows are half read: those of `day` and of all days before it are in `impacts`, by change."""

    tenant: TenantId
    day: date
    impacts: Mapping[str, Impact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AlertProgress:
    """How far telling came: all tenants know of the activation `sequence`, those up to `after` of the one behind it.

    `revision` counts the writes, so that of two processes one goes on.
    """

    sequence: int
    after: TenantId | None = None
    in_work: TenantInWork | None = None
    revision: int = 0


def days_of(activated_at: datetime) -> tuple[date, date]:
    """Return the first and the last day (UTC) whose calls are costed: whole days, over when the prices changed."""
    last = activated_at.date() - timedelta(days=1)
    return last - timedelta(days=LOOKS_BACK - 1), last
