"""The wire models of the budget routes."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Self

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from atom_llm.domain.ledger.budgets import MAX_ALERTS, MAX_THRESHOLD, TENANT_SCOPE, USD, BudgetUnit, Mode
from atom_llm.domain.ledger.near_limit import Deed
from atom_llm.domain.ledger.scopes import MAX_SCOPE
from atom_llm.domain.ledger.windows import WindowKind
from atom_llm.http.schemas import GIVEN, SHOWN, ControlModel, Plain, Usd

MAX_POOL = MAX_SCOPE - len("pool:")
DEFAULT_ALERTS = (50, 80, 100)  # per cent


def _ascending(thresholds: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted(set(thresholds)))


def _fault(field: str, fault: str) -> ValidationError:
    """Return an error about one field, which a validator of the whole model has found."""
    line = InitErrorDetails(type=PydanticCustomError("budget", "{fault}", {"fault": fault}), loc=(field,), input=None)
    return ValidationError.from_exception_data("BudgetIn", [line])


ScopeName = Annotated[
    str,
    StringConstraints(min_length=1, max_length=MAX_SCOPE),
    Field(
        description=(
            "`tenant`, or a kind and a member: `team:ID`, `person:NAME` (an end user), `service-key:ID`, "
            "`session:RUN`, `model:PROVIDER/MODEL`, `provider:ID`, `tag:NAME=VALUE`, `pool:NAME`; with `*` for "
            "the member, each one by itself that has no budget of its own."
        ),
        examples=[TENANT_SCOPE, "person:*", "tag:feature=search"],
    ),
]
PoolName = Annotated[str, StringConstraints(min_length=1, max_length=MAX_POOL), SHOWN]
Limit = Annotated[Decimal, Field(ge=0, le=10**9, max_digits=21, decimal_places=12)]
Threshold = Annotated[int, Field(ge=1, le=MAX_THRESHOLD)]


class RaiseIn(ControlModel):
    """More of a limit for a time: `amount` in the budget's unit."""

    amount: Annotated[Decimal, Field(gt=0, le=10**9, max_digits=21, decimal_places=12)]
    until: AwareDatetime
    why: Annotated[str, StringConstraints(min_length=1, max_length=300), SHOWN]


class RaiseOut(ControlModel):
    """A raise as it was set, and by which service key. It is shown until the budget is set without it."""

    amount: Plain
    until: datetime
    why: str
    by: str


class CarryOver(ControlModel):
    """The most of what a window has left that moves into the next one, in the budget's unit; at most the limit."""

    at_most: Annotated[Decimal, Field(gt=0, le=10**9, max_digits=21, decimal_places=12)]


class CarryOverOut(ControlModel):
    """What is carried over at most, as it was set."""

    at_most: Plain


class NearIn(ControlModel):
    """A step that begins when `at` per cent are spent: `slow_down` leaves `to_percent` of the service key's rate limit,
    where it has one; `prefer_cheaper` has `auto` and tiers step down by one, cost before quality."""

    at: Annotated[int, Field(ge=1, le=99)]
    do: Deed
    to_percent: Annotated[int, Field(ge=1, le=99)] | None = None


class BudgetIn(ControlModel):
    """A budget to be set; a limit of null clears it, 0 lets nothing pass. `limit_usd` is a limit in USD; other units
    have `unit` and `limit`."""

    scope: ScopeName = TENANT_SCOPE
    window: WindowKind
    unit: BudgetUnit = USD
    limit_usd: Annotated[Limit, GIVEN] | None = None
    limit: Annotated[Limit, GIVEN] | None = None
    mode: Mode = "hard"
    raised: RaiseIn | None = None
    carry_over: CarryOver | None = None
    overflow: Annotated[
        PoolName | None,
        Field(description="The pool that is drawn on once it is full: what stands behind `pool:` in the pool's scope."),
    ] = None
    near: Annotated[
        tuple[NearIn, ...], Field(max_length=2, description="What happens before it is full, each at most once.")
    ] = ()
    alert_at: Annotated[
        tuple[Threshold, ...], Field(max_length=MAX_ALERTS, description="Per cent."), AfterValidator(_ascending)
    ] = DEFAULT_ALERTS

    @model_validator(mode="after")
    def _one_limit(self) -> Self:
        wanted, other = ("limit_usd", "limit") if self.unit == USD else ("limit", "limit_usd")
        if wanted not in self.model_fields_set:
            raise _fault(wanted, "is missing: USD are said in limit_usd, tokens and calls in limit")
        if other in self.model_fields_set:
            raise _fault(other, f"is not said of a budget in {self.unit}: {wanted} is")
        if self.limit is not None and self.limit != int(self.limit):
            raise _fault("limit", "must be a whole number of tokens or calls")
        if self.unit != USD and self.carry_over is not None and self.carry_over.at_most % 1:
            raise _fault("carry_over", "must be a whole number of tokens or calls")
        return self

    @property
    def amount(self) -> Decimal | None:
        """The limit in its unit."""
        return self.limit_usd if self.unit == USD else self.limit


class NextFreeOut(ControlModel):
    """What leaves a rolling window next, in the budget's unit, and when: it may be spent again from then on."""

    at: datetime
    amount: Plain


class BudgetOut(ControlModel):
    """A budget and the state of its present window. `remaining_usd` is what a new call may still hold; amounts are in
    `unit`, whatever their names say. A default (`person:*`) has no window of its own: its members have."""

    scope: str
    window: WindowKind
    unit: BudgetUnit
    window_id: str
    limit_usd: Usd
    mode: Mode
    raised: RaiseOut | None
    carry_over: CarryOverOut | None
    overflow: str | None
    carried_usd: Annotated[Usd, Field(description="What the window before had left, in addition to the limit.")]
    near: list[NearIn]
    alert_at: list[int]
    alerted_at: list[int]
    spent_usd: Usd
    held_usd: Usd
    open_holds: int
    remaining_usd: Usd
    refused_since: datetime | None
    resets_at: Annotated[datetime | None, Field(description="None of `total` and of rolling windows.")]
    next_free: NextFreeOut | None
    runs_out_at: datetime | None
    set_at: datetime


class BudgetsOut(ControlModel):
    """All budgets of a tenant and of its service keys."""

    items: list[BudgetOut]
    next_cursor: str | None = None


class BudgetSetOut(ControlModel):
    """The result of setting or clearing a budget; `budget` is None once it is cleared."""

    scope: str
    window: WindowKind
    unit: BudgetUnit
    cleared: bool
    budget: BudgetOut | None
