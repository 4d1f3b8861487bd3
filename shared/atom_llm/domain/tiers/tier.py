"""Cognitive tiers: five steps of how much model a prompt needs, and the bounds of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

AUTO: Final = "auto"
TIER_PREFIX: Final = "tier/"


class Tier(StrEnum):
    """A cognitive tier; ordered from the least demanding to the most."""

    MICRO = "micro"
    STANDARD = "standard"
    VERSATILE = "versatile"
    HEAVY = "heavy"
    COMPLEX = "complex"

    @property
    def rank(self) -> int:
        """The place of the tier from below: 0 is the least demanding."""
        return _RANK[self]

    # StrEnum would compare the words, by which "complex" comes before "micro".
    def __lt__(self, other: object) -> bool:
        return self.rank < other.rank if isinstance(other, Tier) else NotImplemented

    def __le__(self, other: object) -> bool:
        return self.rank <= other.rank if isinstance(other, Tier) else NotImplemented

    def __gt__(self, other: object) -> bool:
        return self.rank > other.rank if isinstance(other, Tier) else NotImplemented

    def __ge__(self, other: object) -> bool:
        return self.rank >= other.rank if isinstance(other, Tier) else NotImplemented


TIERS: Final = tuple(Tier)
_RANK: Final = {tier: place for place, tier in enumerate(TIERS)}


@dataclass(frozen=True, slots=True)
class TierBounds:
    """The bounds of a tier: prompts up to `tokens` and `score` (None: any), models of at least `minimum_quality`."""

    tokens: int | None
    score: int | None
    minimum_quality: float

    def hold(self, tokens: int, score: int) -> bool:
        """Return whether a prompt is within both."""
        return (self.tokens is None or tokens <= self.tokens) and (self.score is None or score <= self.score)


BOUNDS: Final[Mapping[Tier, TierBounds]] = {
    Tier.MICRO: TierBounds(100, 0, 0),
    Tier.STANDARD: TierBounds(500, 2, 80),
    Tier.VERSATILE: TierBounds(2_000, 5, 86),
    Tier.HEAVY: TierBounds(5_000, 8, 90),
    Tier.COMPLEX: TierBounds(None, None, 94),
}


def tier_of(tokens: int, score: int) -> Tier:
    """Return the lowest tier whose both bounds hold."""
    return next(tier for tier, bounds in BOUNDS.items() if bounds.hold(tokens, score))


def tier_above(tier: Tier) -> Tier | None:
    """Return the next more demanding tier; None above the last."""
    return TIERS[tier.rank + 1] if tier.rank + 1 < len(TIERS) else None


def clamped(tier: Tier, least: Tier, most: Tier) -> Tier:
    """Return the tier within two others, both included."""
    return min(max(tier, least), most)
