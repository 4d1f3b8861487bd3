"""A tenant's preferences for cognitive tiers: the tiers allowed, the providers preferred, the cost limits."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.tiers.tier import Tier

Prefer = Literal["cost", "balanced", "quality"]


@dataclass(frozen=True, slots=True)
class Preferences:
    """The preferences of a tenant. Amounts are USD; None is no limit, and 0 means 0.

    They bind calls of `auto` and `tier/…`: a model that is named is the caller's own word.

    Without `enabled`, prompts are not classified: `auto` is `default_tier`. Models of `preferred_providers` are tried
    before other eligible ones, those of `blocked_providers` never. `cache_aware` counts what prompts are expected to
    find in a provider's cache. `auto_escalation` asks a higher tier where an answer is verifiably none.

    Raises `InvalidRequest` when `min_tier` is above `max_tier`, or a provider is both preferred and blocked.
    """

    enabled: bool = True
    default_tier: Tier = Tier.STANDARD
    min_tier: Tier = Tier.MICRO
    max_tier: Tier = Tier.COMPLEX
    preferred_providers: tuple[str, ...] = ()
    blocked_providers: tuple[str, ...] = ()
    max_cost_per_request_usd: Decimal | None = None
    monthly_budget_usd: Decimal | None = None
    cache_aware: bool = True
    auto_escalation: bool = True
    prefer: Prefer = "balanced"

    def __post_init__(self) -> None:
        if self.min_tier > self.max_tier:
            raise InvalidRequest("min_tier", "is above max_tier")
        both = sorted({*self.preferred_providers} & {*self.blocked_providers})
        if both:
            raise InvalidRequest("blocked_providers", f"are preferred as well: {', '.join(both)}")


DEFAULTS: Final = Preferences()
"""What holds where a tenant has said nothing."""
