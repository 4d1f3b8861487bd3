"""Searching the catalogue: filters first, then rank with its reasons, then a page; one index for a snapshot and a set.

Every filter is a set of rows as the bits of an integer, the rows standing in their order of rank: filters combine by
`&`, a count is a bit count, and a page is read off from wherever the one before ended.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from atom_llm.domain.catalogue import Catalogue, Outline
from atom_llm.domain.heuristic_quality import ESTIMATED_MODES, Sold, estimates
from atom_llm.domain.names import Spelling, own_words_and_spelling
from atom_llm.domain.quality import Quality, QualitySet
from atom_llm.domain.row_bits import bits_of, lowest_first
from atom_llm.domain.search_text import SAID, Closeness, NameText, TextIndex
from atom_llm.domain.token_prices import blended, charged_and_given, is_plain, token_prices

UNPRICED: Final = Decimal("Infinity")  # sorts what has no token price behind everything that has one
UNRATED: Final = 20_000  # hundredths of a point below the best score, for rows without any: behind everything
HUNDREDTHS: Final = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is searched for; what is None or empty is not asked. Prices are USD per token, blended three to one.

    Rows without a score do not pass a quality bound, nor rows without a token price a price bound, nor rows without a
    published window a context bound: unknown is not enough.
    """

    query: str = ""
    provider: str | None = None
    mode: str | None = None
    capabilities: frozenset[str] = frozenset()
    min_quality: float | None = None
    max_quality: float | None = None
    min_context: int | None = None
    max_price: Decimal | None = None
    include_deprecated: bool = False


class Position(NamedTuple):
    """Where a row stands in the order of an answer: unique, and the same in every process."""

    closeness: int
    below: int
    is_host: bool
    price: Decimal
    id: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A row that was found, where it stands, and why there."""

    outline: Outline
    quality: Quality | None
    blended: Decimal | None
    position: Position
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hits:
    """One page: `total` counts every row that matches, `is_last` says that no page follows."""

    hits: tuple[Hit, ...]
    total: int
    is_last: bool


class _Row(NamedTuple):
    """A row in its order of rank: ids are unique, so that nothing behind them is ever compared."""

    below: int
    is_host: bool
    price: Decimal
    id: str
    outline: Outline
    own_words: str
    spelling: Spelling
    quality: Quality | None


class SearchIndex:
    """A snapshot and a quality set, ready to be searched; immutable."""

    def __init__(self, catalogue: Catalogue, quality: QualitySet) -> None:
        """Read every row once, and rank all of them once."""
        self.versions = (catalogue.version, quality.version)
        self._rows = rows = sorted(_rows(catalogue, quality))
        self._number_of = {row.id: number for number, row in enumerate(rows)}
        self._everything = (1 << len(rows)) - 1
        self._of_provider: dict[str, list[int]] = defaultdict(list)
        self._of_mode: dict[str | None, list[int]] = defaultdict(list)
        self._capable: dict[tuple[str, ...], list[int]] = defaultdict(list)  # rows have a few hundred different sets
        for number, row in enumerate(rows):
            outline = row.outline
            self._of_provider[outline.provider].append(number)
            self._of_mode[outline.mode].append(number)
            self._capable[tuple(outline.capabilities)].append(number)
        self._contexts = sorted(
            (row.outline.context, n) for n, row in enumerate(rows) if row.outline.context is not None
        )
        self._prices = sorted((row.price, n) for n, row in enumerate(rows) if row.price is not UNPRICED)
        self._endings = sorted((row.outline.deprecation, n) for n, row in enumerate(rows) if row.outline.deprecation)
        self._text = TextIndex([NameText(row.id, row.outline.source_key, row.own_words, row.spelling) for row in rows])
        self._met: dict[str, int] = {}

    def __len__(self) -> int:
        """How many rows there are to find."""
        return len(self._rows)

    @property
    def capabilities(self) -> tuple[str, ...]:
        """Every capability that some row has."""
        return tuple(sorted({each for having in self._capable for each in having}))

    def quality_of(self, identity: str) -> Quality | None:
        """The quality of a row by its id, measured, inherited or estimated."""
        number = self._number_of.get(identity)
        return None if number is None else self._rows[number].quality

    def search(self, wanted: Wanted, today: date, *, limit: int, after: Position | None = None) -> Hits:
        """A page of what is wanted, from behind a position on."""
        passing = self._passing(wanted, today)
        asked = self._text.closest(wanted.query) if wanted.query.strip() else [(Closeness.NOT_ASKED, self._everything)]
        found = [(closeness, rows & passing) for closeness, rows in asked]
        page = _Page(limit)
        for closeness, rows in found:
            page.take(closeness, rows if after is None else self._behind(after, closeness, rows))
        hits = tuple(self._hit(self._rows[number], closeness, today) for closeness, number in page.numbers)
        return Hits(hits, sum(rows.bit_count() for _, rows in found), page.is_last)

    def _passing(self, wanted: Wanted, today: date) -> int:
        """The rows that pass every filter."""
        passing = self._everything
        if wanted.provider is not None:
            passing &= bits_of(self._of_provider.get(wanted.provider, ()))
        if wanted.mode is not None:
            passing &= bits_of(self._of_mode.get(wanted.mode, ()))
        for capability in wanted.capabilities:
            passing &= self._able(capability)
        if wanted.min_quality is not None or wanted.max_quality is not None:
            passing &= self._between(wanted.min_quality, wanted.max_quality)
        if wanted.min_context is not None:
            first = bisect_left(self._contexts, (wanted.min_context, -1))
            passing &= bits_of(number for _, number in self._contexts[first:])
        if wanted.max_price is not None:
            end = bisect_right(self._prices, (wanted.max_price, len(self._rows)))
            passing &= bits_of(number for _, number in self._prices[:end])
        if not wanted.include_deprecated:
            passing &= ~bits_of(number for _, number in self._endings[: self._ended(today)])
        return passing

    def _able(self, capability: str) -> int:
        """The rows that have a capability, remembered where there are any: a catalogue has forty of them."""
        if capability in self._met:
            return self._met[capability]
        rows = bits_of(n for having, numbers in self._capable.items() if capability in having for n in numbers)
        if rows:
            self._met[capability] = rows
        return rows

    def _between(self, low: float | None, high: float | None) -> int:
        """Rows with a score in a range, bounds included: neighbours, because rows stand in the order of scores."""
        most = UNRATED - 1 if low is None else min(_below(low), UNRATED - 1)
        end = bisect_right(self._rows, most, key=_depth)
        first = 0 if high is None else bisect_left(self._rows, _below(high), key=_depth)
        return ((1 << end) - 1) & ~((1 << first) - 1) if end > first else 0

    def _ended(self, today: date) -> int:
        """How many rows are past their deprecation date; ISO dates sort as text."""
        return bisect_right(self._endings, (today.isoformat(), len(self._rows)))

    def _behind(self, after: Position, closeness: Closeness, rows: int) -> int:
        if closeness != after.closeness:
            return rows if closeness > after.closeness else 0
        first = bisect_right(self._rows, after[1:], key=_rank)
        return rows >> first << first

    def _hit(self, row: _Row, closeness: Closeness, today: date) -> Hit:
        position = Position(int(closeness), row.below, row.is_host, row.price, row.id)
        return Hit(
            row.outline,
            row.quality,
            None if row.price is UNPRICED else row.price,
            position,
            tuple(_reasons(row, closeness, today)),
        )


_Read = tuple[Outline, str, Spelling, Decimal | None]


def models_of(
    catalogue: Catalogue, quality: QualitySet
) -> tuple[dict[Spelling, list[Sold]], dict[Spelling, Quality | None]]:
    """The models that a board could rate, by spelling, with the rows that sell them and what was measured of them."""
    return _models(_read(catalogue), quality)


def _models(
    rows: Iterable[_Read], quality: QualitySet
) -> tuple[dict[Spelling, list[Sold]], dict[Spelling, Quality | None]]:
    models: dict[Spelling, list[Sold]] = defaultdict(list)
    for outline, _, spelling, price in rows:
        if outline.mode in ESTIMATED_MODES:
            models[spelling].append(Sold(outline, price))
    return models, {spelling: quality.of(spelling) for spelling in models}


def _rows(catalogue: Catalogue, quality: QualitySet) -> Iterator[_Row]:
    """Every row with the quality of its model: measured, or else estimated."""
    rows = list(_read(catalogue))
    models, known = _models(rows, quality)
    known |= estimates(models, known)
    for outline, own, spelling, blended_price in rows:
        found = known[spelling] if outline.mode in ESTIMATED_MODES else None
        below = UNRATED if found is None else _below(found.score)
        price = UNPRICED if blended_price is None else blended_price
        yield _Row(below, not outline.first_party, price, outline.id, outline, own, spelling, found)


def _read(catalogue: Catalogue) -> Iterator[_Read]:
    """Every row, with its words, spelling and blended price; names and prices repeat, and are read once."""
    spelt: dict[str, tuple[str, Spelling]] = {}
    priced: dict[tuple[object, object], Decimal | None] = {}
    for outline in catalogue.outlines():
        segment = outline.source_key.rpartition("/")[2]
        if segment not in spelt:
            spelt[segment] = own_words_and_spelling(segment)
        if is_plain(outline.published):
            pair = charged_and_given(outline.published)
            if pair not in priced:
                priced[pair] = blended(*pair)
            yield outline, *spelt[segment], priced[pair]
        else:
            entry = catalogue.get(outline.id)
            prices = token_prices(catalogue, entry) if entry is not None else None
            yield outline, *spelt[segment], prices.blended if prices is not None else None


def _below(score: float) -> int:
    """Hundredths of a point that a score is below 100: the order of rank, and exact."""
    return round((100 - score) * HUNDREDTHS)


def _depth(row: _Row) -> int:
    return row.below


def _rank(row: _Row) -> tuple[int, bool, Decimal, str]:
    """The best first; of equals the vendor's own row, then the cheapest, then by id."""
    return row[:4]


def _reasons(row: _Row, closeness: Closeness, today: date) -> Iterator[str]:
    if closeness in SAID:
        yield SAID[closeness]
    match row.quality:
        case None:
            yield "nothing is known of its quality"
        case Quality(source="heuristic", score=score):
            yield f"quality {score:g}, estimated from the catalogue's facts"
        case Quality(score=score, name=name, is_weak=is_weak):
            yield f"quality {score:g}, measured of {name}{' (perhaps another stage of it)' if is_weak else ''}"
    yield "sold by its maker" if not row.is_host else "sold by a host"
    if row.price is UNPRICED:
        yield "no price per token"
    ending = row.outline.deprecation
    if ending is not None and ending <= today.isoformat():
        yield f"deprecated since {ending}"


class _Page:
    """Takes rows off sets of bits until it is full, and notices whether one more would have followed."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.numbers: list[tuple[Closeness, int]] = []
        self.is_last = True

    def take(self, closeness: Closeness, rows: int) -> None:
        for number in lowest_first(rows):
            if len(self.numbers) == self._limit:
                self.is_last = False
                return
            self.numbers.append((closeness, number))
