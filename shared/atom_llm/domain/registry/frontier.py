"""The quality-cost frontier: the models that no other one beats in both."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class PricedQuality:
    """A model's quality, 0 to 100, and its blended price in USD per token. `is_measured`: a leaderboard rates it."""

    model: str
    quality: float
    price: Decimal
    is_measured: bool = True


def frontier(models: Iterable[PricedQuality]) -> list[PricedQuality]:
    """Return the models without a cheaper or equally dear one as good, cheapest first; of equals the first by id."""
    best: list[PricedQuality] = []
    for each in sorted(models, key=lambda each: (each.price, -each.quality, each.model)):
        if not best or each.quality > best[-1].quality:
            best.append(each)
    return best
