"""The ledger's records: an open attempt, the row that it ends as, and amounts as the ledger keeps them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_UP, Context, Decimal
from enum import StrEnum
from typing import Any, Final, Literal, NamedTuple

from atom_llm.domain.core.ids import CallId, ProviderKeyId, ServiceKeyId, TenantId, instant_of
from atom_llm.domain.core.money import EXACT, ONE, ZERO, exact_sum
from atom_llm.domain.ledger.budgets import BudgetUnit, WindowRef
from atom_llm.domain.ledger.end_users import NOBODY, EndUser
from atom_llm.domain.ledger.scopes import CallScopes
from atom_llm.domain.pricing.cost import STANDARD_TERMS, CostLine, PricingTerms, is_of_other_model
from atom_llm.domain.pricing.units import RATES_OF_TOKENS, SIDE_OF, Unit
from atom_llm.domain.pricing.usage import Quantity, Usage

QUANTUM: Final = Decimal("1e-28")  # USD; with it ten thousand million fit into the 38 digits of a DynamoDB number
MAX_AMOUNT: Final = Decimal(10) ** 9  # USD of one attempt; keeps every sum within those digits
_UP: Final = Context(prec=1000, rounding=ROUND_UP)

MAX_TAGS: Final = 10  # docs/security.md, "Limits"
MAX_TAG_LENGTH: Final = 64  # characters of a tag's name, and of its value
MAX_RAW_USAGE: Final = 2_000  # characters of a provider's usage object; real ones have up to 600


class AttemptStatus(StrEnum):
    """The state of an attempt, or its outcome."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REFUSED = "refused"  # by a budget; the provider was not called
    CANCELLED = "cancelled"  # the caller went away
    SWEPT = "swept"  # its process never came back; it is charged at the estimate
    CORRECTION = "correction"  # a signed amount beside the row that it corrects


ChargedAt = Literal["lines", "hold", "most"]
LEAST_HELD: Final = Decimal("1E-12")  # USD, far below what any token costs
ANSWERED: Final = frozenset({AttemptStatus.SUCCEEDED, AttemptStatus.CANCELLED, AttemptStatus.SWEPT})


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt as it is before the provider is called.

    `label` tells the attempts of a call apart: `1`, `2` …, and `1-late` for a correction. `hold` is the worst case and
    `estimate` what is charged if the process dies, in USD (`hold_tokens`, `estimate_tokens`: in tokens, where a budget
    counts them); from `deadline` on it is taken for dead. `windows` are the
    budgets' windows that carry the hold, and `maker` names the process that made it, whose lease says until when it is
    known to live. `own_price` is the id of the own price that costs it, None for the list's. `end_user` names whom its
    caller made it for, as the books have that, and `team` the one that a token names. `hold_factor` is how many times
    the model's own worst case `hold` is.
    For a correction, `estimate` is the signed amount and `note` its reason.
    """

    tenant: TenantId
    call_id: CallId
    label: str
    service_key: ServiceKeyId
    provider: str
    model: str
    model_asked: str
    price_version: str
    opened_at: datetime
    deadline: datetime
    hold: Decimal
    estimate: Decimal
    windows: tuple[WindowRef, ...] = ()
    provider_key: ProviderKeyId | None = None
    tier: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    is_correction: bool = False
    note: str | None = None
    maker: str | None = None
    own_price: str | None = None
    end_user: EndUser = NOBODY
    hold_factor: Decimal = ONE
    hold_tokens: int = 0
    estimate_tokens: int = 0
    team: str | None = None

    @property
    def scopes(self) -> CallScopes:
        """The scopes whose budgets it counts in, beside the teams that have its key or its end user."""
        user, session = self.end_user.user, self.end_user.session
        teams = () if self.team is None else (self.team,)
        return CallScopes(self.service_key, self.provider, self.model, user, session, self.tags, teams)

    def held(self, unit: BudgetUnit) -> Decimal:
        """Return its hold in the unit of a budget; one that may cost nothing holds too, for a limit of 0 stops it."""
        if unit == "usd":
            return self.hold or (ZERO if self.is_correction else LEAST_HELD)
        return Decimal(self.hold_tokens if unit == "tokens" else not self.is_correction)

    @property
    def hold_id(self) -> str:
        """The id of the hold in every window: unique for ever, so that each step can be repeated."""
        return self.call_id if self.label == "1" else f"{self.call_id}.{self.label}"

    @property
    def counts_from(self) -> datetime:
        """The instant that says in which windows it counts; of a correction, which counts where its attempt does, that
        of the call, which is no later."""
        return instant_of(self.call_id) if self.is_correction else self.opened_at

    @property
    def place(self) -> str:
        """The key of its row among those of its day, which sorts by time."""
        return f"{self.call_id}.{self.label}"

    @property
    def day(self) -> date:
        """The day (UTC) that the row belongs to: the one its call began on."""
        return instant_of(self.call_id).date()


@dataclass(frozen=True, slots=True)
class Settlement:
    """The outcome of an attempt: the exact cost in USD, and all that it was computed from.

    `usage` are disjoint classes and `context_tokens` the whole prompt; `raw_usage` is the provider's own object.
    """

    status: AttemptStatus
    settled_at: datetime
    cost: Decimal = ZERO
    usage: Mapping[Unit, Quantity] = field(default_factory=dict)
    context_tokens: int = 0
    raw_usage: Mapping[str, Any] | None = None
    lines: tuple[CostLine, ...] = ()
    terms: PricingTerms = STANDARD_TERMS
    latency_ms: int | None = None
    first_token_ms: int | None = None
    reason: str | None = None

    @property
    def own(self) -> "OwnUsage":
        """What the model that was called used by itself."""
        return own_usage(self.usage, self.context_tokens, self.lines)


class OwnUsage(NamedTuple):
    """What a call's own model used, and the USD that other models' usage for it came to."""

    usage: Usage
    others: Decimal


def own_usage(usage: Mapping[Unit, Quantity], context_tokens: int, lines: Iterable[CostLine]) -> OwnUsage:
    """Return what the model that was called used by itself, of all that was used for the call and its cost's lines.

    Advisors, fallbacks and guardrails beside it have rates of their own. Its prompt is no longer than its own counts.
    """
    theirs = [line for line in lines if is_of_other_model(line)]
    if not theirs:
        return OwnUsage(Usage(usage, context_tokens), ZERO)
    counts = dict(usage)
    for line in theirs:
        counts[line.unit] = _less(counts.get(line.unit, 0), line.quantity)
    left = {unit: count for unit, count in counts.items() if count > 0}
    prompt = sum(int(count) for unit, count in left.items() if unit in RATES_OF_TOKENS and SIDE_OF[unit] == "input")
    return OwnUsage(Usage(left, min(context_tokens, prompt)), exact_sum(line.amount for line in theirs))


def _less(whole: Quantity, part: Quantity) -> Quantity:
    return whole - part if isinstance(whole, int) and isinstance(part, int) else EXACT.subtract(whole, part)


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """An attempt and its settlement; written once, never changed.

    The sums hold it once its attempt is no longer open. `is_marked`: it says itself that they do, and an attempt that
    is still open, or again, is to be closed; `of_earlier_build`: the roll-ups of that one go by the mark alone.
    """

    attempt: Attempt
    settlement: Settlement
    is_marked: bool = field(default=False, compare=False)
    of_earlier_build: bool = field(default=False, compare=False)

    @property
    def takes_mark(self) -> bool:
        """Return whether the sums' transaction marks it too, beside ending its attempt.

        So of earlier builds' rows, and of attempts whose process may not know whether they are open: it died, or was
        not answered, and might open them once more.
        """
        return self.of_earlier_build or self.settlement.latency_ms is None

    @property
    def charged_at(self) -> ChargedAt:
        """Return what its cost is: the sum of its lines, or, where that bounds an estimate or stands for what has no
        price, the model's own worst case, or the most that an attempt can cost."""
        cost, attempt = self.settlement.cost, self.attempt
        summed = exact_sum(line.amount for line in self.settlement.lines)
        if cost == MAX_AMOUNT < summed:
            return "most"
        is_sum = summed <= MAX_AMOUNT and cost == ledger_amount(summed)
        is_held = ledger_amount(EXACT.multiply(cost, attempt.hold_factor)) == attempt.hold
        return "hold" if is_held and not is_sum else "lines"

    def spent(self, unit: BudgetUnit) -> Decimal:
        """Return what it spent in the unit of a budget; a correction is of USD alone."""
        ended = self.settlement
        if unit == "usd":
            return ended.cost
        if unit == "calls":
            return ONE if ended.status in ANSWERED else ZERO
        if ended.status is AttemptStatus.SWEPT:
            return Decimal(self.attempt.estimate_tokens)
        return exact_sum(Decimal(ended.usage.get(each, 0)) for each in RATES_OF_TOKENS)


def ledger_amount(amount: Decimal) -> Decimal:
    """Return an amount in USD as the ledger keeps it: exact, or rounded up at the 28th decimal where it is finer.

    Raises `ValueError` beyond `MAX_AMOUNT`, more than one attempt can cost.
    """
    if abs(amount) > MAX_AMOUNT:
        raise ValueError("an amount beyond anything that one attempt costs")
    if int(amount.as_tuple().exponent) >= -28:
        return amount
    return amount.quantize(QUANTUM, context=_UP)
