"""The rows of a catalogue as a search sees them: with their words, price and the quality of their model, ranked."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from atom_llm.domain.catalogue.catalogue import Catalogue
from atom_llm.domain.catalogue.outlines import CodedColumn, RowOutlines, coded, outlines
from atom_llm.domain.catalogue.spelling import NameSpelling, own_words_and_spelling
from atom_llm.domain.core.collecting import without_collecting
from atom_llm.domain.pricing.token_prices import blended
from atom_llm.domain.registry.heuristic_quality import ESTIMATED_MODES, SoldModels, estimates
from atom_llm.domain.registry.quality import Quality, QualitySet

UNPRICED: Final = Decimal("Infinity")  # sorts what has no token price behind everything that has one
UNRATED: Final = 20_000  # hundredths of a point below the best score, for rows without any: behind everything
HUNDREDTHS: Final = 100
MILLION: Final = 1_000_000

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
    read = _read(catalogue)
    outlines, prices = read.outlines, read.prices
    of_models = measured(read.models, quality)
    unmeasured = [model for model, found in enumerate(of_models) if found is None and read.models.sellers[model]]
    for model, found in zip(unmeasured, estimates(read.models, unmeasured), strict=True):
        of_models[model] = found
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


def models_of(catalogue: Catalogue) -> SoldModels:
    """Return the models that a board could rate, by spelling, with the rows that sell them."""
    return _read(catalogue).models


def measured(models: SoldModels, quality: QualitySet) -> list[Quality | None]:
    """Return the measured quality of each model; None where no board rates it, or nobody sells it as one to rate."""
    return [
        quality.of(spelling) if rows else None for spelling, rows in zip(models.spellings, models.sellers, strict=True)
    ]


def below(score: float) -> int:
    """Return the distance of a score from 100 in hundredths of a point: the order of rank, and exact."""
    return round((100 - score) * HUNDREDTHS)


@dataclass(frozen=True, slots=True)
class _Read:
    """All rows at a glance with their blended prices, own words and spellings; and the models that they sell.

    `is_rated` says of each row whether a board could rate what it sells.
    """

    outlines: RowOutlines
    prices: CodedColumn[Decimal]
    own_words: CodedColumn[str]
    spellings: CodedColumn[NameSpelling]
    is_rated: list[bool]
    models: SoldModels


def _read(catalogue: Catalogue) -> _Read:
    """Read every row; names and prices repeat, and each is read once."""
    rows = outlines(catalogue)
    segments = coded([source_key.rpartition("/")[2] for source_key in rows.source_keys])
    names = [own_words_and_spelling(segment) for segment in segments.values]
    spelt = coded([spelling for _, spelling in names])
    spellings = CodedColumn(spelt.values, segments.each(spelt.numbers))
    is_rated = rows.modes.each([mode in ESTIMATED_MODES for mode in rows.modes.values])
    sellers: list[list[int]] = [[] for _ in spelt.values]
    for row, (model, can_be_rated) in enumerate(zip(spellings.numbers, is_rated, strict=True)):
        if can_be_rated:
            sellers[model].append(row)
    own_words = CodedColumn([own for own, _ in names], segments.numbers)
    pairs, able = rows.per_token, rows.capabilities
    paid = [blended(*pair) for pair in pairs.values]
    prices = CodedColumn([UNPRICED if price is None else price for price in paid], pairs.numbers)
    models = SoldModels(
        spelt.values,
        sellers,
        rows.first_party,
        prices.each([0.0 if price is None else float(price) * MILLION for price in paid]),
        rows.contexts,
        able.each(["reasoning" in each for each in able.values]),
        able.each(["function_calling" in each for each in able.values]),
    )
    return _Read(rows, prices, own_words, spellings, is_rated, models)
