"""The rows of a catalogue as a search sees them: with their words, price and the quality of their model, ranked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from atom_llm.domain.catalogue.catalogue import Catalogue
from atom_llm.domain.catalogue.outlines import PublishedPair, RowOutlines
from atom_llm.domain.catalogue.spelling import NameSpelling, own_words_and_spelling
from atom_llm.domain.catalogue.token_prices import blended, token_prices
from atom_llm.domain.core.collecting import without_collecting
from atom_llm.domain.registry.heuristic_quality import ESTIMATED_MODES, SoldModels, estimates
from atom_llm.domain.registry.quality import Quality, QualitySet

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
    prices: list[Decimal]
    own_words: list[str]
    spellings: list[NameSpelling]
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
    known = measured(read.models.rows_of, quality)
    known |= estimates(read.models, known)
    outlines = read.models.outlines
    rated = zip(read.spellings, outlines.modes, strict=True)
    qualities = [known[spelling] if mode in ESTIMATED_MODES else None for spelling, mode in rated]
    depths = [UNRATED if found is None else below(found.score) for found in qualities]
    prices = [UNPRICED if price is None else price for price in read.models.prices]
    order = _order(depths, outlines.first_party, prices)
    return RankedRows(order, outlines, depths, prices, read.own_words, read.spellings, qualities)


def _order(depths: Sequence[int], first_party: Sequence[bool], prices: Sequence[Decimal]) -> list[int]:
    """Return the numbers of the rows by rank: whole numbers sort fast, and equals stay in the order of ids."""
    place_of = {price: place for place, price in enumerate(sorted(set(prices)))}
    keys = [
        (depth * 2 + (not own)) * len(place_of) + place_of[price]
        for depth, own, price in zip(depths, first_party, prices, strict=True)
    ]
    return sorted(range(len(keys)), key=keys.__getitem__)


def models_of(catalogue: Catalogue) -> SoldModels:
    """Return the models that a board could rate, by spelling, with the rows that sell them."""
    return _read(catalogue).models


def measured(models: Iterable[NameSpelling], quality: QualitySet) -> dict[NameSpelling, Quality | None]:
    """Return the measured quality of each model; None where no board rates it."""
    return {spelling: quality.of(spelling) for spelling in models}


def below(score: float) -> int:
    """Return the distance of a score from 100 in hundredths of a point: the order of rank, and exact."""
    return round((100 - score) * HUNDREDTHS)


@dataclass(frozen=True, slots=True)
class _Read:
    """The own words and spellings of all rows, row for row; and the models with the rows themselves."""

    own_words: list[str]
    spellings: list[NameSpelling]
    models: SoldModels


def _read(catalogue: Catalogue) -> _Read:
    """Read every row; names and prices repeat, and each is read once."""
    outlines = catalogue.outlines()
    segments = [source_key.rpartition("/")[2] for source_key in outlines.source_keys]
    named = {segment: own_words_and_spelling(segment) for segment in dict.fromkeys(segments)}
    names = [named[segment] for segment in segments]
    spellings = [spelling for _, spelling in names]
    priced: dict[PublishedPair | None, Decimal | None] = {
        pair: None if pair is None else blended(*pair) for pair in dict.fromkeys(outlines.per_token)
    }
    prices = [
        _blended(catalogue, identity) if pair is None else priced[pair]
        for identity, pair in zip(outlines.ids, outlines.per_token, strict=True)
    ]
    rows_of: dict[NameSpelling, list[int]] = {}
    for number, (spelling, mode) in enumerate(zip(spellings, outlines.modes, strict=True)):
        if mode in ESTIMATED_MODES:
            rows_of.setdefault(spelling, []).append(number)
    return _Read([own for own, _ in names], spellings, SoldModels(rows_of, outlines, prices))


def _blended(catalogue: Catalogue, identity: str) -> Decimal | None:
    entry = catalogue.get(identity)
    prices = None if entry is None else token_prices(catalogue, entry)
    return None if prices is None else prices.blended
