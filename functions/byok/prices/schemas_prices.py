"""The wire models of own prices."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from atom_llm.http.schemas import GIVEN, SHOWN, ControlModel, Instant, Plain

MAX_RATES = 60  # a row of a list has up to forty

Percent = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=6), GIVEN]
Models = Annotated[
    str,
    StringConstraints(min_length=3, max_length=200, pattern=r"^[^\s/*#]+/\S+$"),
    SHOWN,
    Field(description="A model's id, or a pattern of ids: `openai/*`.", examples=["openai/gpt-4o"]),
]
RateKey = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[a-z0-9_]+$")]
RateUsd = Annotated[Decimal, Field(ge=0, le=1_000_000, max_digits=30), GIVEN]
Tokens = Annotated[int, Field(ge=1, le=100_000_000)]
PriceName = Annotated[str, StringConstraints(min_length=26, max_length=26, pattern=r"^[0-9A-HJKMNP-TV-Z]{26}$")]


class AddedModelIn(ControlModel):
    """A model that no list has."""

    mode: Literal["chat", "embedding"] = "chat"
    max_input_tokens: Tokens | None = None
    max_output_tokens: Tokens | None = None
    capabilities: Annotated[
        tuple[Annotated[str, StringConstraints(max_length=64, pattern=r"^[a-z0-9_]+$")], ...], Field(max_length=40)
    ] = ()


class DisplayIn(ControlModel):
    """A currency for display, at a fixed rate: how many of it one US dollar is."""

    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$"), Field(examples=["EUR"])]
    per_usd: Annotated[Decimal, Field(gt=0, le=10_000_000, max_digits=20, decimal_places=12), GIVEN]


class PriceIn(ControlModel):
    """An own price: a discount or a margin on list prices in per cent, or rates in USD by the lists' own keys."""

    models: Models
    discount_percent: Annotated[Percent | None, Field(le=100)] = None
    margin_percent: Annotated[Percent | None, Field(le=100_000)] = None
    rates: Annotated[dict[RateKey, RateUsd] | None, Field(min_length=1, max_length=MAX_RATES)] = None
    model: Annotated[AddedModelIn | None, Field(description="Adds a model that no list has; takes `rates`.")] = None
    start: Annotated[Instant | None, Field(alias="from", description="Now by default.")] = None
    end: Annotated[Instant | None, Field(alias="until", description="Before this instant; until ended by default.")] = (
        None
    )
    display: DisplayIn | None = None
    note: Annotated[str, StringConstraints(max_length=200), SHOWN] | None = None
    confirm: Annotated[bool, Field(description="The word that rates far from the list's are meant.")] = False

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if sum(each is not None for each in (self.discount_percent, self.margin_percent, self.rates)) != 1:
            raise ValueError("exactly one of `discount_percent`, `margin_percent` and `rates` must be given")
        return self


class AddedModelOut(ControlModel):
    """A model that no list has, as its tenant describes it."""

    mode: str
    max_input_tokens: int | None
    max_output_tokens: int | None
    capabilities: list[str]


class DisplayOut(ControlModel):
    """A currency for display, at a fixed rate."""

    currency: str
    per_usd: Plain


class OwnPriceOut(ControlModel):
    """An own price. `factor` times the list's rates, or `rates` in their place; `id` is what ledger rows name."""

    id: str
    models: str
    factor: Plain | None
    rates: dict[str, str] | None
    model: AddedModelOut | None
    from_instant: datetime
    until: datetime | None
    display: DisplayOut | None
    note: str | None
    set_by: str
    by_operator: bool


class OwnPricesOut(ControlModel):
    """The prices that are in force or to come, the one that precedes others first."""

    items: list[OwnPriceOut]
    next_cursor: str | None = None
