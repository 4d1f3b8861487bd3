"""The wire models of the pricing routes."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from atom_llm.domain.catalogue.catalogue import SourceName
from atom_llm.http.routed.cost_lines import CostLineOut
from atom_llm.http.schemas import GIVEN, ControlModel, Instant, NameMatch, Usd
from functions.pricing.schemas_consensus import AgreementOut, StatementOut

# Strict: `true` and "7" are no counts.
TokenCount = Annotated[int, Field(ge=0, le=10**12, strict=True, examples=[1200])]
Quantity = Annotated[Decimal, Field(ge=0, le=10**12, max_digits=24), GIVEN]

MAX_TEXT = 900_000  # characters; the body limit of 1 MB stands behind it
MAX_MESSAGES = 2_000
MAX_NAME = 256  # characters; names are taken apart by rules whose work grows with the square of their length

ModelName = Annotated[str, StringConstraints(max_length=MAX_NAME)]
ProviderName = Annotated[str, StringConstraints(max_length=MAX_NAME)]


class SourceOut(ControlModel):
    """A price source and its last answer."""

    name: str
    state: Literal["never", "fresh", "unchanged", "unavailable", "rejected"]
    checked_at: datetime | None
    fetched_at: datetime | None
    failing_since: datetime | None
    models: int
    detail: str | None


class CheapModelOut(ControlModel):
    """A chat model among the cheapest; prices in USD per token, `blended` three input to one output."""

    model: str
    provider: str
    input_usd_per_token: Usd
    output_usd_per_token: Usd
    blended_usd_per_token: Usd


class ProviderComparisonOut(ControlModel):
    """A provider's rows at a glance; prices over its chat models with both prices above 0."""

    provider: str
    models: int
    priced_chat_models: int
    cheapest_model: str | None
    lowest_blended_usd_per_token: Usd | None
    median_blended_usd_per_token: Usd | None


class PricingOverviewOut(ControlModel):
    """The catalogue in force."""

    model_count: int
    last_updated: datetime | None
    cache_valid: bool
    age_seconds: int
    origin: Literal["seed", "snapshot"]
    snapshot_version: str
    sources: list[SourceOut]
    quarantined: int
    unread_cost_keys: dict[str, int]
    cheapest_models: list[CheapModelOut]
    provider_comparison: list[ProviderComparisonOut]


class RefreshOut(ControlModel):
    """The report of a refresh."""

    outcome: Literal["refreshed", "unchanged", "fresh"]
    snapshot_version: str
    last_updated: datetime | None
    models: int
    fetched: int
    added: int
    removed: int
    changed: int
    deprecated: int
    quarantined: int
    held_in_quarantine: int
    sources: list[SourceOut]


class LimitsOut(ControlModel):
    """Tokens that a model takes and gives; null where unpublished."""

    max_input_tokens: int | None
    max_output_tokens: int | None
    prompt_cache_min_tokens: int | None
    output_vector_size: int | None


class HeldOut(ControlModel):
    """A proposal in quarantine: the source's row, and the reason why it is not believed yet."""

    subject: str
    source: str
    reason: str
    first_seen: datetime
    proposed_rates: dict[str, Any] | None
    evidence: dict[str, list[StatementOut]] = Field(description="What independent lists say of the row now, by rate.")


class LentRateOut(ControlModel):
    """A rate that is another source's word, and what the row's own source publishes there; null for nothing."""

    rate_key: str
    source: str
    own: Any


class OwnOut(ControlModel):
    """What a model costs the caller's tenant by its own price, in place of the list's, for a short standard prompt."""

    price_id: str
    input_usd_per_token: Usd | None
    output_usd_per_token: Usd | None


class ModelOut(ControlModel):
    """A row of the catalogue with all its rates, as published, in USD.

    `own` is the caller's own price, where it has one and its key reads usage; everything else is the list's.
    """

    id: str
    provider: str
    source_key: str
    source: SourceName
    mode: str | None
    first_party: bool
    listed: bool
    deprecated: bool
    deprecation_date: date | None
    capabilities: list[str]
    input_modalities: list[str]
    output_modalities: list[str]
    limits: LimitsOut
    priced: bool
    input_usd_per_token: Usd | None
    output_usd_per_token: Usd | None
    own: OwnOut | None
    rates: dict[str, Any]
    lent_rates: list[LentRateOut]
    unread_cost_keys: dict[str, Any]


class ModelPriceOut(ModelOut):
    """A row as found under a name, with all that the price rests on."""

    match: NameMatch
    also_sold_as: list[str]
    origin: Literal["seed", "snapshot"]
    snapshot_version: str
    believed_since: datetime
    fetched_at: datetime | None
    agreement: AgreementOut | None = Field(
        description="How independent lists agree with the rates in force; null for prices of the past."
    )


class ProviderModelsOut(ControlModel):
    """A page of a provider's models; `total` counts all that match, on every page."""

    provider: str
    total: int
    items: list[ModelOut]
    next_cursor: str | None


class ListedModelOut(ControlModel):
    """A row in the list of all: its rates as published, in USD, and without its limits but one."""

    id: str
    provider: str
    source: SourceName
    mode: str | None
    first_party: bool
    listed: bool
    deprecated: bool
    max_input_tokens: int | None
    input_usd_per_token: Usd | None
    output_usd_per_token: Usd | None
    rates: dict[str, Any]


class AllModelsOut(ControlModel):
    """Every row of the catalogue in force, by id."""

    total: int
    snapshot_version: str
    items: list[ListedModelOut]


class PromptMessageIn(ControlModel):
    """A chat message: its text, or OpenAI's content parts."""

    role: str = Field(min_length=1, max_length=64)
    content: str | list[dict[str, Any]] | None = None
    name: str | None = Field(default=None, max_length=256)
    tool_calls: list[dict[str, Any]] | None = None
    tool_call_id: str | None = Field(default=None, max_length=256)


class EstimateIn(ControlModel):
    """A call to be priced: counts, or a text to count."""

    model: str = Field(min_length=1, max_length=MAX_NAME, examples=["gpt-4o"])
    input_tokens: TokenCount | None = None
    output_tokens: TokenCount | None = None
    prompt: str | None = Field(default=None, max_length=MAX_TEXT)
    messages: list[PromptMessageIn] | None = Field(default=None, max_length=MAX_MESSAGES)
    cached_tokens: TokenCount | None = None
    cache_write_tokens: TokenCount | None = None
    cache_write_1h_tokens: TokenCount | None = None
    cache_write_12h_tokens: TokenCount | None = None
    reasoning_tokens: TokenCount | None = None
    input_audio_tokens: TokenCount | None = None
    input_image_tokens: TokenCount | None = None
    input_video_tokens: TokenCount | None = None
    cached_audio_tokens: TokenCount | None = None
    cached_image_tokens: TokenCount | None = None
    explicit_cached_tokens: TokenCount | None = None
    cache_audio_write_tokens: TokenCount | None = None
    output_audio_tokens: TokenCount | None = None
    output_image_tokens: TokenCount | None = None
    output_video_tokens: TokenCount | None = None
    citation_tokens: TokenCount | None = None
    images: TokenCount | None = None
    input_images: TokenCount | None = None
    pixels: TokenCount | None = None
    characters: TokenCount | None = None
    output_characters: TokenCount | None = None
    pages: TokenCount | None = None
    annotated_pages: TokenCount | None = None
    queries: TokenCount | None = None
    requests: TokenCount | None = None
    web_searches: TokenCount | None = None
    maps_queries: TokenCount | None = None
    code_sessions: TokenCount | None = None
    text_messages: TokenCount | None = None
    automated_reasoning_policy_units: TokenCount | None = None
    content_policy_units: TokenCount | None = None
    content_policy_image_units: TokenCount | None = None
    contextual_grounding_policy_units: TokenCount | None = None
    sensitive_information_policy_units: TokenCount | None = None
    sensitive_information_policy_free_units: TokenCount | None = None
    topic_policy_units: TokenCount | None = None
    word_policy_units: TokenCount | None = None
    audio_seconds: Quantity | None = None
    video_seconds: Quantity | None = None
    input_video_seconds: Quantity | None = None
    seconds: Quantity | None = None
    credits: Quantity | None = Field(default=None, description="Credits of a reader of documents; fractions count.")
    service_tier: str | None = Field(default=None, max_length=32, examples=["flex"])
    data_residency: str | None = Field(
        default=None, max_length=32, examples=["eu"], description="OpenAI's `us`, `eu` or `fedramp`."
    )
    endpoint_location: str | None = Field(default=None, max_length=64, examples=["us-central1"])
    inference_geo: str | None = Field(default=None, max_length=32)
    speed: str | None = Field(default=None, max_length=32)
    resolution: str | None = Field(default=None, max_length=32, examples=["1080p"])
    search_context_size: Literal["low", "medium", "high"] = "medium"
    max_results: int = Field(default=0, ge=0, le=10**6)
    at: Instant | None = None


class EstimateOut(ControlModel):
    """An estimated cost in USD, line by line."""

    model: str
    match: NameMatch
    provider: str
    source: SourceName
    input_tokens: int
    input_tokens_estimated: bool
    token_estimate_method: str | None
    lines: list[CostLineOut]
    input_usd: Usd
    output_usd: Usd
    extra_usd: Usd
    total_usd: Usd
    own_total_usd: Annotated[
        Usd | None, Field(description="By the caller's own price; null where the list's holds, or for the past.")
    ]
    price_version: str
    origin: Literal["seed", "snapshot"]


class PriceEventOut(ControlModel):
    """An event of a row's price."""

    at: datetime
    kind: Literal["added", "removed", "price", "deprecation", "quarantined"]
    model: str | None
    provider: str | None
    source: str
    before: dict[str, Any]
    after: dict[str, Any]
    reason: str | None
    snapshot_version: str


class PriceEventsOut(ControlModel):
    """A page of events, newest first."""

    items: list[PriceEventOut]
    next_cursor: str | None


class PricePeriodOut(ControlModel):
    """A span in which these rates were in force; `until` is null while it lasts."""

    since: datetime
    until: datetime | None
    rates: dict[str, Any]
    source: str
    snapshot_version: str


class PriceHistoryOut(ControlModel):
    """A page of a model's prices over time, newest first."""

    model: str
    match: NameMatch
    items: list[PricePeriodOut]
    next_cursor: str | None


class QuarantineOut(ControlModel):
    """A page of proposals that wait for confirmation."""

    items: list[HeldOut]
    next_cursor: str | None
