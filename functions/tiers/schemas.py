"""The wire models of the routes of cognitive tiers."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints

from atom_llm.domain.core.providers import MOST_DECLARED, PROVIDER_BY_ID, PROVIDERS
from atom_llm.domain.routing.chat_request import MAX_MESSAGES
from atom_llm.domain.tiers.preferences import Prefer
from atom_llm.domain.tiers.tier import Tier
from atom_llm.http.schemas import GIVEN, ControlModel, Usd

MAX_PROMPT = 1_000_000  # characters; what a body may hold
MAX_TOKENS = 10**9


def _known_provider(provider: str) -> str:
    if provider not in PROVIDER_BY_ID:
        raise ValueError(f"is none of {', '.join(PROVIDER_BY_ID)}")
    return provider


def _each_once(providers: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(providers))


ProviderName = Annotated[
    str, StringConstraints(max_length=32), AfterValidator(_known_provider), Field(examples=["openai"])
]
Providers = Annotated[
    tuple[ProviderName, ...], Field(max_length=len(PROVIDERS) + MOST_DECLARED), AfterValidator(_each_once)
]
Limit = Annotated[Decimal, Field(ge=0, le=10**9, max_digits=21, decimal_places=12), GIVEN]


class PreferencesIn(ControlModel):
    """Preferences as a whole: a field left out is at its default. A limit of null is none, and of 0 it is 0."""

    enabled: Annotated[bool, Field(description="Whether prompts are classified; if not, `auto` is `default_tier`.")] = (
        True
    )
    default_tier: Tier = Tier.STANDARD
    min_tier: Tier = Tier.MICRO
    max_tier: Tier = Tier.COMPLEX
    preferred_providers: Annotated[
        Providers, Field(description="Tried before others whose models are good enough.")
    ] = ()
    blocked_providers: Annotated[Providers, Field(description="Never called by `auto` and `tier/…`.")] = ()
    max_cost_per_request_usd: Limit | None = None
    monthly_budget_usd: Annotated[
        Limit | None, Field(description="The tenant's hard budget of a month, in `/api/byok/budgets` too.")
    ] = None
    cache_aware: bool = True
    auto_escalation: bool = True
    prefer: Prefer = "balanced"


class PreferencesOut(ControlModel):
    """The preferences that hold; `is_default` where the tenant has set none."""

    is_default: bool
    enabled: bool
    default_tier: Tier
    min_tier: Tier
    max_tier: Tier
    preferred_providers: list[str]
    blocked_providers: list[str]
    max_cost_per_request_usd: Usd | None
    monthly_budget_usd: Usd | None
    cache_aware: bool
    auto_escalation: bool
    prefer: Prefer


class ClassifyIn(ControlModel):
    """The text to be classified: a prompt, or messages as `/v1/chat/completions` takes them."""

    prompt: Annotated[
        Annotated[str, StringConstraints(max_length=MAX_PROMPT)] | None,
        Field(examples=["Write a Python function to sort a list of dictionaries by a key."]),
    ] = None
    messages: Annotated[
        Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MAX_MESSAGES)] | None,
        Field(examples=[[{"role": "user", "content": "What is the capital of Mongolia?"}]]),
    ] = None


class SignalOut(ControlModel):
    """One reason: its name, its weight in the score, and the words it was seen in."""

    name: str
    weight: int
    evidence: str


class ClassificationOut(ControlModel):
    """The tier of a prompt, with the reasons for it.

    `tokens` are an estimate of those that count; `minimum_quality` is the quality score from which on models serve the
    tier.
    """

    tier: Tier
    score: int
    tokens: int
    confidence: float
    minimum_quality: float
    signals: list[SignalOut]


class EstimateCostIn(ControlModel):
    """The request to be priced: a prompt, messages, or a number of tokens of which nothing else is known."""

    prompt: Annotated[str, StringConstraints(max_length=MAX_PROMPT)] | None = None
    messages: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MAX_MESSAGES)] | None = None
    estimated_tokens: Annotated[int, Field(ge=0, le=MAX_TOKENS, strict=True, examples=[1200])] | None = None
    expected_output_tokens: Annotated[int, Field(ge=0, le=MAX_TOKENS, strict=True, examples=[300])] | None = None


class TierModelOut(ControlModel):
    """A model with its quality, 0 to 100, and the expected and the highest cost of the request, in USD."""

    model: str
    provider: str
    quality: float
    expected_cost_usd: Usd
    most_cost_usd: Usd


class TierCostOut(ControlModel):
    """A tier for one request: the model that would be chosen now, or the reason why none would."""

    tier: Tier
    minimum_quality: float
    chosen: TierModelOut | None
    why_none: str | None


class EstimateCostOut(ControlModel):
    """The five tiers for one request. `recommended_tier` is what `auto` would get, the preferences included."""

    recommended_tier: Tier
    classified_tier: Tier | None
    confidence: float | None
    prompt_tokens_estimated: int
    tiers: list[TierCostOut]


class TierOut(ControlModel):
    """A tier for a usual prompt of it: the models that could answer, their qualities, costs and latency."""

    tier: Tier
    minimum_quality: float
    models: int
    lowest_quality: float | None
    highest_quality: float | None
    lowest_cost_usd: Usd | None
    highest_cost_usd: Usd | None
    fastest_first_token_ms: int | None
    chosen: TierModelOut | None
    why_none: str | None
    best: list[TierModelOut]


class FrontierOut(ControlModel):
    """A model that no other one beats in both quality and price."""

    model: str
    quality: float
    blended_usd_per_token: Usd
    is_measured: bool


class CompareOut(ControlModel):
    """The tiers side by side, and the quality-cost frontier of the models that the tenant's keys reach."""

    tiers: list[TierOut]
    frontier: list[FrontierOut]
    attribution: str
