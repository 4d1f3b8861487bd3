"""The rows of a catalogue as a search sees them: with their words, price and the quality of their model, ranked."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from atom_llm.domain.catalogue.catalogue import Catalogue
from atom_llm.domain.catalogue.outlines import CodedColumn, RowOutlines
from atom_llm.domain.catalogue.spelling import NameSpelling
from atom_llm.domain.core.collecting import without_collecting
from atom_llm.domain.registry.quality import Quality, QualitySet
from atom_llm.domain.registry.row_quality import model_qualities, read_rows

UNPRICED: Final = Decimal("Infinity")  # sorts what has no token price behind everything that has one
UNRATED: Final = 20_000  # hundredths of a point below the best score, for rows without any: behind everything
HUNDREDTHS: Final = 100

RowRank = tuple[int, bool, Decimal, str]
"""The place of a row among all: `below`, whether a host sells it, its price, its id."""


@dataclass(frozen=True, slots=True)
class RankedRows:
    """All rows, column by column in the order of ids; `order` holds their numbers in the order of rank.

    The best score first; of equals the vendor's own row, then the cheapest, then by id. `below` is in hundredths of a
    point below 100.
    """

    order: list[int]
    outlines: RowOutlines
    below: list[int]
    prices: CodedColumn[Decimal]
    own_words: CodedColumn[str]
    spellings: CodedColumn[NameSpelling]
    qualities: list[Quality | None]

    def rank(self, row: int) -> RowRank:
        """Return what a row's place is decided by: no two rows have the same."""
        outlines = self.outlines
        return self.below[row], not outlines.first_party[row], self.prices[row], outlines.ids[row]

    def by_rank[Field](self, column: Sequence[Field]) -> list[Field]:
        """Return a column in the order of rank."""
        return list(map(column.__getitem__, self.order))


@without_collecting()
def ranked(catalogue: Catalogue, quality: QualitySet) -> RankedRows:
    """Return every row with the quality of its model, measured or else estimated."""
    read = read_rows(catalogue)
    outlines = read.outlines
    prices = CodedColumn([UNPRICED if price is None else price for price in read.prices.values], read.prices.numbers)
    of_models = model_qualities(read.models, quality, range(len(read.models.spellings)))
    depths_of_models = [UNRATED if found is None else below(found.score) for found in of_models]
    model_of = list(zip(read.spellings.numbers, read.is_rated, strict=True))
    qualities = [of_models[model] if is_rated else None for model, is_rated in model_of]
    depths = [depths_of_models[model] if is_rated else UNRATED for model, is_rated in model_of]
    order = _order(depths, outlines.first_party, prices)
    return RankedRows(order, outlines, depths, prices, read.own_words, read.spellings, qualities)


def _order(depths: Sequence[int], first_party: Sequence[bool], prices: CodedColumn[Decimal]) -> list[int]:
    """Return the numbers of the rows by rank: whole numbers sort fast, and equals stay in the order of ids."""
    place_of = {price: place for place, price in enumerate(sorted(set(prices.values)))}
    places = prices.each([place_of[price] for price in prices.values])
    keys = [
        (depth * 2 + (not own)) * len(place_of) + place
        for depth, own, place in zip(depths, first_party, places, strict=True)
    ]
    return sorted(range(len(keys)), key=keys.__getitem__)


def below(score: float) -> int:
    """Return the distance of a score from 100 in hundredths of a point: the order of rank, and exact."""
    return round((100 - score) * HUNDREDTHS)
