"""The wire models of the usage routes."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, WithJsonSchema, model_validator

from atom_llm.domain.ledger.end_users import MAX_READ
from atom_llm.domain.ledger.rows import MAX_TAG_LENGTH, ChargedAt
from atom_llm.http.routed.cost_lines import CostLineOut
from atom_llm.http.schemas import GIVEN, SHOWN, ControlModel, Instant, Plain, Ulid, Usd
from functions.byok.prices.schemas_prices import OwnPriceOut

MAX_DAYS = 400  # of a report: thirteen months
MAX_NAME = 256  # characters of a model's name
MAX_CAPABILITIES = 20  # that one request asks for; the catalogue names some forty
MAX_MODELS = 10  # that one request re-costs a period on
MAX_REASON = 500  # characters
MAX_TAG = 2 * MAX_TAG_LENGTH + 1  # characters of a tag's name, its sign and its value
MAX_BOUND_USD = 10**9  # that one attempt can cost
MAX_MS = 86_400_000  # of a latency: a day

Name = Annotated[str, StringConstraints(max_length=MAX_NAME)]
EndUserName = Annotated[str, StringConstraints(min_length=1, max_length=MAX_READ)]
KeyName = Annotated[str, StringConstraints(max_length=64)]
TagName = Annotated[str, StringConstraints(min_length=2, max_length=MAX_TAG)]
CostBound = Annotated[
    Decimal,
    Field(ge=0, le=MAX_BOUND_USD),
    GIVEN,
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": MAX_BOUND_USD}),
]
CallName = Ulid
"""A call id as it stands in `x-llm-call-id`."""


class LatencyOut(ControlModel):
    """Percentiles in milliseconds, to within 12 per cent; None without a measured call."""

    p50: int | None
    p95: int | None
    p99: int | None


class SumsOut(ControlModel):
    """The sums of a group of calls: `calls` answered, `failed_attempts` failed at a provider, budgets `refused`.

    Of the calls that a budget's window refuses only the first is counted. `units` are disjoint classes: tokens of each
    kind, seconds, pictures.
    """

    calls: int
    failed_attempts: int
    refused: int
    swept: int
    corrections: int
    cost_usd: Usd
    units: dict[str, Plain]
    latency_ms: LatencyOut
    first_token_ms: LatencyOut


class UsageGroupOut(SumsOut):
    """One group: its word for every dimension that was asked for."""

    group: dict[str, str]


class UsageOut(ControlModel):
    """A period, both days included (UTC). `series` has a group for each combination that occurred.

    A day tells 500 users and 500 sessions apart; the word of all further ones begins with `(others`.
    """

    from_day: date
    to_day: date
    group_by: list[str]
    total: SumsOut
    series: list[UsageGroupOut]


class TenantUsageOut(SumsOut):
    """A tenant's sums."""

    tenant: str
    name: str


class TenantsUsageOut(ControlModel):
    """A page of tenants, by their ids, with the sums of a period, both days included (UTC)."""

    from_day: date
    to_day: date
    items: list[TenantUsageOut]
    next_cursor: str | None


class CallOut(ControlModel):
    """An attempt of a call, as its ledger row has it."""

    call_id: str
    attempt: str
    status: str
    at: datetime
    settled_at: datetime | None
    provider: str
    model: str
    model_asked: str
    tier: str | None
    service_key: str
    provider_key: str | None
    tags: dict[str, str]
    user: str | None
    session: str | None
    units: dict[str, Plain]
    cost_usd: Usd
    held_usd: Usd
    latency_ms: int | None
    first_token_ms: int | None
    price_version: str
    reason: str | None


class CallsOut(ControlModel):
    """Ledger rows, newest first."""

    items: list[CallOut]
    next_cursor: str | None


class ProofPriceOut(ControlModel):
    """The row of the catalogue that the cost rests on; `published` are its cost keys as its source published them."""

    version: str
    believed_since: datetime | None
    source: str | None
    source_key: str | None
    published: dict[str, Any] | None


class ProofOwnPriceOut(ControlModel):
    """The tenant's own price that the cost rests on, and what the same usage costs by the list, line by line.

    `list_total_usd` is None where the list has no price for something used, or cannot be read any more. `display_total`
    is the cost in the price's currency for display.
    """

    price: OwnPriceOut
    list_lines: list[CostLineOut]
    list_total_usd: Usd | None
    display_total: Plain | None


class ProofOut(ControlModel):
    """All that is needed to compute an attempt's cost again, without us: `make proof FILE=` does.

    `unknown_counters` are those of `raw_usage` that nobody here knows, by their places: what they cost is not in it.
    `charged_at` says what `total_usd` is: what the lines come to, or, for the attempt's `reason`, the model's own worst
    case, of which `held_usd` is `hold_factor` times, or the most that an attempt can cost.
    """

    raw_usage: dict[str, Any] | None
    unknown_counters: dict[str, int]
    units: dict[str, Plain]
    context_tokens: int
    terms: dict[str, Any]
    price: ProofPriceOut
    own_price: ProofOwnPriceOut | None
    lines: list[CostLineOut]
    charged_at: ChargedAt
    hold_factor: Plain
    total_usd: Usd


class AttemptOut(CallOut):
    """An attempt with its proof; None while it is pending, and for what was charged without usage."""

    budgets: list[str]
    proof: ProofOut | None


class CallDetailOut(ControlModel):
    """One call with every attempt and correction."""

    call_id: str
    at: datetime
    cost_usd: Usd
    attempts: list[AttemptOut]


class AlternativesIn(ControlModel):
    """Any model at least as good as the one that was called, with all of these capabilities."""

    capabilities: Annotated[tuple[Name, ...], Field(max_length=MAX_CAPABILITIES, examples=[["vision"]])] = ()
    may_lose: Annotated[
        float, Field(ge=0, le=20, description="Points of quality, of 100, that a model may be worse.")
    ] = 0
    min_context: Annotated[int | None, Field(ge=1, le=10**9, description="Tokens of the window, at least.")] = None
    only_with_key: Annotated[bool, Field(description="Only models that the tenant's keys reach.")] = False
    free: Annotated[bool, Field(description="Also models that cost nothing: their providers limit them.")] = False


class RepriceIn(ControlModel):
    """A period's calls, costed anew: on other models, at the prices of another time, or both."""

    start: Annotated[Instant, Field(alias="from", description="Calls begun at or after this instant.")]
    end: Annotated[Instant, Field(alias="to", description="Calls begun before this instant.")]
    models: Annotated[tuple[Name, ...], Field(max_length=MAX_MODELS, examples=[["openai/gpt-4o-mini"]])] = ()
    at: Annotated[Instant | None, Field(description="Prices believed at this instant; now by default.")] = None
    at_least_as_good: Annotated[
        AlternativesIn | None,
        Field(description="The frontier of quality and cost of these calls, in place of `models` and `at`."),
    ] = None
    prices: Annotated[
        Literal["own", "list"], Field(description="The tenant's own prices where it has any, or the lists' alone.")
    ] = "own"
    model: Annotated[Name | None, Field(description="Only calls of this model.")] = None
    provider: Annotated[Name | None, Field(description="Only calls of this provider.")] = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.start >= self.end:
            raise ValueError("`from` must be before `to`")
        if self.at_least_as_good is not None and (self.models or self.at is not None):
            raise ValueError("`at_least_as_good` stands beside neither `models` nor `at`")
        return self


class RepricedOut(ControlModel):
    """The calls' actual and hypothetical cost; `model` None: each on its own model.

    `not_priced` are calls in neither sum, by reason: `other_kind` could not have gone there, as
    pictures to a chat model.
    """

    model: str | None
    calls: int
    actual_usd: Usd
    hypothetical_usd: Usd
    difference_usd: Usd
    not_priced: dict[str, int]


class MovedOut(ControlModel):
    """Calls as they would be at a model: those that can go there, what they cost, and would cost.

    `calls_too_long` do not fit into its window, `calls_not_priced` use something that it has no price for, or does not
    make: they stay. `has_key` says whether the tenant's keys reach it, `is_measured` whether a leaderboard rates it.
    """

    model: str
    quality: float
    is_measured: bool
    has_key: bool
    calls: int
    calls_too_long: int
    calls_not_priced: int
    actual_usd: Usd
    would_cost_usd: Usd
    saves_usd: Usd


class MoveOut(ControlModel):
    """A model that was called, and the move of its calls that saves most; `to` null where none as good saves anything.

    `loses_quality` are points that the other model is worse (with a minus: better), `loses_capabilities` what the
    catalogue says of the model that was called and not of the other. `quality` null: nobody rates it.
    """

    model: str
    quality: float | None
    calls: int
    actual_usd: Usd
    to: MovedOut | None
    loses_quality: float | None
    loses_capabilities: list[str]


class UsageFrontierOut(ControlModel):
    """The quality-cost frontier of the period's own calls.

    `quality` is the mean over the calls, `frontier` the models that all calls can go to and no other one beats in both
    quality and cost, cheapest first; `moves` is by model that was called, the dearest first. `calls_left_out` were no
    chat, or of models that are no longer known. Qualities bear `attribution`.
    """

    calls: int
    calls_left_out: int
    actual_usd: Usd
    quality: float | None
    models_considered: int
    frontier: list[MovedOut]
    moves: list[MoveOut]
    saves_usd: Usd
    attribution: str


class RepricingOut(ControlModel):
    """The answers, in the order that was asked; prices of `price_version`. `frontier`: where it was asked for.

    With a `next_cursor` these are the sums of a part of the calls; that of all parts is exact.
    """

    price_version: str
    believed_since: datetime
    answers: list[RepricedOut]
    frontier: UsageFrontierOut | None = None
    next_cursor: str | None = None


class CorrectionIn(ControlModel):
    """A signed amount to be entered beside an attempt's row, and why."""

    attempt: Annotated[str, StringConstraints(max_length=16, pattern=r"^[0-9]+$")] = "1"
    amount_usd: Annotated[Decimal, Field(max_digits=20, decimal_places=12, ge=-1_000_000, le=1_000_000), GIVEN]
    reason: Annotated[str, StringConstraints(min_length=3, max_length=MAX_REASON), SHOWN]
    correction_id: Annotated[
        str,
        StringConstraints(min_length=1, max_length=32, pattern=r"^[a-z0-9-]+$"),
        Field(description="The same one again enters nothing again."),
    ]
