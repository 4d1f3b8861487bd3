"""The choice of a tier for a call of `auto` or `tier/…`: docs/routing.md, "Cognitive tiers"."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.tiers.classify import Classification, classify
from atom_llm.domain.tiers.preferences import Preferences
from atom_llm.domain.tiers.tier import AUTO, TIER_PREFIX, TIERS, Tier, clamped
from atom_llm.services.tiers.read_preferences import PreferenceReader


@dataclass(frozen=True, slots=True)
class TierChoice:
    """A tier with the reason for it.

    `asked` is the tier before the preferences clamped it; `classification` is None where the caller named the tier, or
    prompts are not classified. `stepped_from` is the tier before it stepped down because a budget is nearly spent.
    """

    tier: Tier
    asked: Tier
    preferences: Preferences
    classification: Classification | None = None
    is_named: bool = False
    stepped_from: Tier | None = None
    stepped_why: str = ""

    @property
    def why(self) -> str:
        """The reason in one sentence."""
        if self.classification is not None:
            found = self.classification
            said = f"classified as {self.asked}: {found.tokens:,} tokens, score {found.score}"
        elif self.is_named:
            said = f"{self.asked} was asked for"
        else:
            said = f"prompts are not classified: {self.asked} by default"
        least, most = self.preferences.min_tier, self.preferences.max_tier
        chosen = self.stepped_from or self.tier
        said = said if chosen is self.asked else f"{said}; clamped to {least} … {most}"
        return said if self.stepped_from is None else f"{said}; {self.stepped_down}"

    @property
    def stepped_down(self) -> str:
        """How it stepped down, and why; empty where it did not."""
        if self.stepped_from is None:
            return ""
        if self.tier is self.stepped_from:
            return f"the cheapest of {self.tier}: {self.stepped_why}"
        return f"stepped down from {self.stepped_from} to {self.tier}: {self.stepped_why}"

    def cheaper(self, why: str) -> "TierChoice":
        """Return the tier below, as far as the preferences allow one, with cost before quality."""
        below = TIERS[max(self.tier.rank - 1, 0)]
        tier = max(below, min(self.preferences.min_tier, self.tier))
        preferences = replace(self.preferences, prefer="cost")
        return replace(self, tier=tier, preferences=preferences, stepped_from=self.tier, stepped_why=why)


class TierChooser:
    """The choice of tiers by a tenant's preferences."""

    def __init__(self, preferences: PreferenceReader) -> None:
        self._preferences = preferences

    def choose(self, tenant: TenantId, name: str, messages: Sequence[Mapping[str, Any]]) -> TierChoice:
        """Return the tier of `auto` or `tier/…`; raises `InvalidRequest` for a tier that does not exist."""
        named = named_tier(name)
        preferences = self._preferences.of(tenant)
        found = classify(messages) if named is None and preferences.enabled else None
        asked = named or (preferences.default_tier if found is None else found.tier)
        tier = clamped(asked, preferences.min_tier, preferences.max_tier)
        return TierChoice(tier, asked, preferences, found, is_named=named is not None)


def is_of_tiers(name: str) -> bool:
    """Return whether a name asks for a tier rather than for a model."""
    return name == AUTO or name.startswith(TIER_PREFIX)


def named_tier(name: str) -> Tier | None:
    """Return the tier that `tier/…` names; None of `auto`. Raises `InvalidRequest` for any other word."""
    if name == AUTO:
        return None
    word = name.removeprefix(TIER_PREFIX)
    if word not in Tier:
        raise InvalidRequest("model", f"{name!r}: a tier is one of {', '.join(TIERS)}")
    return Tier(word)
