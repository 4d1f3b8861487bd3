"""The wire models of the registry's routes."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, WithJsonSchema

from atom_llm.domain.registry.health import HealthState
from atom_llm.http.schemas import GIVEN, ControlModel, NameMatch, Usd

MAX_NAME = 256  # characters
MAX_QUERY = 200
MAX_CAPABILITIES = 20
MAX_CONTEXT = 10**9  # tokens

MAX_PRICE = 1_000_000  # USD a token; nothing costs a millionth of it

# The figure stays exact; its document shows one type, for text is all that a query can hold.
TokenPrice = Annotated[
    Decimal, Field(ge=0, le=MAX_PRICE), GIVEN, WithJsonSchema({"type": "number", "minimum": 0, "maximum": MAX_PRICE})
]
ModelName = Annotated[str, StringConstraints(max_length=MAX_NAME)]


class QualityOut(ControlModel):
    """The quality of a model, 0 to 100. `interval` is in score points; rating, votes and day only where measured.

    `heuristic`: estimated from the catalogue's facts, never above 85. `is_weak`: not surely of this very model.
    """

    score: float
    source: Literal["lmarena", "heuristic"]
    rating: float | None
    interval: Annotated[list[float], Field(min_length=2, max_length=2)] | None
    votes: int | None
    published: date | None
    name: str | None
    is_weak: bool
    attribution: str | None


class PriceSummaryOut(ControlModel):
    """Prices in USD per token, `blended` three input to one output; null where tokens are not priced."""

    input_usd_per_token: Usd | None
    output_usd_per_token: Usd | None
    blended_usd_per_token: Usd | None


class FoundModelOut(ControlModel):
    """A model in a list, with the reasons for its place."""

    id: str
    provider: str
    mode: str | None
    context: int | None
    capabilities: list[str]
    first_party: bool
    deprecation_date: date | None
    blended_usd_per_token: Usd | None
    quality: QualityOut | None
    reasons: list[str]


class FoundModelsOut(ControlModel):
    """A page of models; `total` counts all that match."""

    total: int
    items: list[FoundModelOut]
    next_cursor: str | None


class HostOut(ControlModel):
    """Another row that sells the same model."""

    id: str
    provider: str
    first_party: bool
    blended_usd_per_token: Usd | None


class RegistryModelOut(ControlModel):
    """A model with all that is known of it beside its rates."""

    id: str
    name: str
    provider: str
    match: NameMatch
    mode: str | None
    capabilities: list[str]
    max_input_tokens: int | None
    max_output_tokens: int | None
    first_party: bool
    is_served: bool
    deprecation_date: date | None
    is_deprecated: bool
    missing_since_refresh: int | None
    price: PriceSummaryOut
    quality: QualityOut | None
    hosts: list[HostOut]


class PercentilesOut(ControlModel):
    """Percentiles in milliseconds, to within 12 per cent; null without a measured call."""

    p50: int | None
    p95: int | None


class ModelHealthOut(ControlModel):
    """A model's health; `breaker` is the circuit that decides about the caller's calls."""

    model: str
    state: HealthState
    calls: int
    success_rate: float | None
    latency_ms: PercentilesOut
    first_token_ms: PercentilesOut
    breaker: Literal["closed", "open", "half_open", "unknown"]


class ProviderHealthOut(ControlModel):
    """A provider's health in the window, from all tenants' calls; times are those of calls that were answered.

    `state` is told from the `sample_size`: every call but those whose request or key was at fault; fewer than five say
    nothing, `unknown`. `success_rate` leaves the `rate_limited` out. `breaker` is the worst of its models' circuits.
    """

    provider: str
    state: HealthState
    sample_size: int
    calls: int
    success_rate: float | None
    rate_limited: int
    latency_ms: PercentilesOut
    first_token_ms: PercentilesOut
    breaker: Literal["closed", "open", "half_open", "unknown"]
    window_begin: datetime
    window_end: datetime
    models: list[ModelHealthOut]


class ProvidersHealthOut(ControlModel):
    """Providers' health, all on one page."""

    items: list[ProviderHealthOut]
    next_cursor: None = None


class CatalogueProviderOut(ControlModel):
    """A provider of the catalogue. `is_served`: calls can be made to it; health only then."""

    id: str
    display_name: str
    is_served: bool
    models: int
    chat_models: int
    rated_models: int
    health: HealthState | None


class CatalogueProvidersOut(ControlModel):
    """A page of providers, those that are called first; `total` counts all."""

    total: int
    items: list[CatalogueProviderOut]
    next_cursor: str | None


class SyncOut(ControlModel):
    """The report of a sync of scores."""

    source: str
    version: str
    version_before: str | None
    changed: bool
    published: date | None
    rows: int
    matched: int
    unmatched_count: int
    unmatched: list[str]
    attribution: str
