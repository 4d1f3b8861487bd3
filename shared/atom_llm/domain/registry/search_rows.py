"""The rows of a catalogue as a search sees them: with their words, price and the quality of their model, best first."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final, NamedTuple

from atom_llm.domain.catalogue.catalogue import Catalogue, RowOutline
from atom_llm.domain.catalogue.spelling import NameSpelling, own_words_and_spelling
from atom_llm.domain.catalogue.token_prices import blended, token_prices
from atom_llm.domain.core.collecting import without_collecting
from atom_llm.domain.registry.heuristic_quality import ESTIMATED_MODES, Sold, estimates
from atom_llm.domain.registry.quality import Quality, QualitySet

UNPRICED: Final = Decimal("Infinity")  # sorts what has no token price behind everything that has one
UNRATED: Final = 20_000  # hundredths of a point below the best score, for rows without any: behind everything
HUNDREDTHS: Final = 100


class RankedRow(NamedTuple):
    """A row in its order of rank: ids are unique, so that nothing behind them is ever compared.

    The best score first; of equals the vendor's own row, then the cheapest, then by id. `below` is in hundredths of a
    point below 100.
    """

    below: int
    is_host: bool
    price: Decimal
    id: str
    outline: RowOutline
    own_words: str
    spelling: NameSpelling
    quality: Quality | None

    @property
    def source_key(self) -> str:
        """The source's own key of the row."""
        return self.outline.source_key


@without_collecting()
def ranked(catalogue: Catalogue, quality: QualitySet) -> list[RankedRow]:
    """Return every row with the quality of its model, measured or else estimated, best first."""
    read = _read(catalogue)
    known = measured(read.models, quality)
    known |= estimates(read.models, known)
    nothing = (UNRATED, None)
    places = {spelling: nothing if found is None else (below(found.score), found) for spelling, found in known.items()}
    placed = []
    for outline, price, (own_words, spelling) in zip(read.outlines, read.prices, read.names, strict=True):
        depth, found = places[spelling] if outline.mode in ESTIMATED_MODES else nothing
        paid = UNPRICED if price is None else price
        place = (depth, not outline.first_party, paid, outline.id, outline, own_words, spelling, found)
        placed.append(tuple.__new__(RankedRow, place))  # a third of the time of a call
    placed.sort()
    return placed


def models_of(catalogue: Catalogue) -> dict[NameSpelling, list[Sold]]:
    """Return the models that a board could rate, by spelling, with the rows that sell them."""
    return _read(catalogue).models


def measured(models: Iterable[NameSpelling], quality: QualitySet) -> dict[NameSpelling, Quality | None]:
    """Return the measured quality of each model; None where no board rates it."""
    return {spelling: quality.of(spelling) for spelling in models}


def below(score: float) -> int:
    """Return the distance of a score from 100 in hundredths of a point: the order of rank, and exact."""
    return round((100 - score) * HUNDREDTHS)


class _Read(NamedTuple):
    """The outlines, blended prices, own words and spellings of all rows, row for row; and the models by spelling."""

    outlines: list[RowOutline]
    prices: list[Decimal | None]
    names: list[tuple[str, NameSpelling]]
    models: dict[NameSpelling, list[Sold]]


def _read(catalogue: Catalogue) -> _Read:
    """Read every row; names and prices repeat, and each is read once."""
    read = _Read(catalogue.outlines(), [], [], {})
    named: dict[str, tuple[str, NameSpelling]] = {}
    priced: dict[tuple[object, object], Decimal | None] = {}
    for outline in read.outlines:
        segment = outline.source_key.rpartition("/")[2]
        names = named.get(segment)
        if names is None:
            names = named[segment] = own_words_and_spelling(segment)
        pair = outline.per_token
        if pair is None:
            price = _blended(catalogue, outline)
        elif pair in priced:
            price = priced[pair]
        else:
            price = priced[pair] = blended(*pair)
        if outline.mode in ESTIMATED_MODES:
            read.models.setdefault(names[1], []).append((outline, price))
        read.prices.append(price)
        read.names.append(names)
    return read


def _blended(catalogue: Catalogue, outline: RowOutline) -> Decimal | None:
    entry = catalogue.get(outline.id)
    prices = None if entry is None else token_prices(catalogue, entry)
    return None if prices is None else prices.blended
