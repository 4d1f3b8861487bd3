"""Searching the catalogue: filters first, then rank with its reasons, then a page; one index for a snapshot and a set.

Every filter is a set of rows as the bits of an integer, the rows standing in their order of rank: filters combine by
`&`, a count is a bit count, and a page is read off from wherever the one before ended.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from math import ceil, floor
from operator import contains, eq
from typing import Final, NamedTuple

from atom_llm.domain.catalogue.catalogue import Catalogue
from atom_llm.domain.catalogue.outlines import CodedColumn, RowOutline
from atom_llm.domain.registry.quality import Quality, QualitySet
from atom_llm.domain.registry.row_bits import bits_of, lowest_first
from atom_llm.domain.registry.search_rows import HUNDREDTHS, UNPRICED, UNRATED, ranked
from atom_llm.domain.registry.search_text import SAID, NameCloseness, TextIndex

EXACT_TO: Final = 6  # decimals of a hundredth, so that a bound of 97.23 does not stand an ulp beside its scores


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """The filters of a search; None or empty asks for nothing. Prices are USD per token, blended three to one.

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


class SearchPosition(NamedTuple):
    """The place of a row in the order of an answer: unique, and the same in every process."""

    closeness: int
    below: int
    is_host: bool
    price: Decimal
    id: str


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A row that was found, with its place and the reasons for it."""

    outline: RowOutline
    quality: Quality | None
    blended: Decimal | None
    position: SearchPosition
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page: `total` counts every row that matches, `is_last` says that no page follows."""

    hits: tuple[SearchHit, ...]
    total: int
    is_last: bool


class SearchIndex:
    """An index of a snapshot with a quality set; immutable."""

    def __init__(self, catalogue: Catalogue, quality: QualitySet) -> None:
        """Read every row once, and rank all of them once."""
        self._rows = ranked(catalogue, quality)
        self._everything = (1 << len(self)) - 1
        self._met: dict[tuple[str, str], int] = {}

    @cached_property
    def _row_of(self) -> dict[str, int]:
        return {identity: row for row, identity in enumerate(self._rows.outlines.ids)}

    @cached_property
    def _text(self) -> TextIndex:
        """The index of names, made by the first search for one: searches by quality and filters need none."""
        rows, outlines = self._rows, self._rows.outlines
        return TextIndex(
            rows.by_rank(outlines.ids),
            rows.by_rank(outlines.source_keys),
            rows.by_rank(rows.own_words.spread()),
            rows.by_rank(rows.spellings.spread()),
        )

    @cached_property
    def _contexts(self) -> list[tuple[int, int]]:
        contexts = enumerate(self._rows.by_rank(self._rows.outlines.contexts))
        return sorted((context, number) for number, context in contexts if context is not None)

    @cached_property
    def _endings(self) -> list[tuple[str, int]]:
        endings = enumerate(self._rows.by_rank(self._rows.outlines.deprecations))
        return sorted((ending, number) for number, ending in endings if ending)

    @cached_property
    def _of_price(self) -> dict[Decimal, list[int]]:
        found: dict[Decimal, list[int]] = defaultdict(list)
        for number, price in enumerate(self._rows.by_rank(self._rows.prices.spread())):
            if price is not UNPRICED:
                found[price].append(number)
        return found

    def __len__(self) -> int:
        """Count the rows that can be found."""
        return len(self._rows.order)

    @cached_property
    def capabilities(self) -> tuple[str, ...]:
        """Every capability that some row has, sorted."""
        return tuple(sorted({each for able in self._rows.outlines.capabilities.values for each in able}))

    def quality_of(self, identity: str) -> Quality | None:
        """Return the quality of a row by its id, measured, inherited or estimated; None for an id that is no row's."""
        row = self._row_of.get(identity)
        return None if row is None else self._rows.qualities[row]

    def search(
        self, wanted: SearchQuery, today: date, *, limit: int, after: SearchPosition | None = None
    ) -> SearchPage:
        """Return the page of at most `limit` matching rows that follows the position `after`, best first."""
        passing = self._passing(wanted, today)
        asked = (
            self._text.closest(wanted.query) if wanted.query.strip() else [(NameCloseness.NOT_ASKED, self._everything)]
        )
        found = [(closeness, rows & passing) for closeness, rows in asked]
        page = _Page(limit)
        for closeness, rows in found:
            page.take(closeness, rows if after is None else self._behind(after, closeness, rows))
        hits = tuple(self._hit(self._rows.order[number], closeness, today) for closeness, number in page.numbers)
        return SearchPage(hits, sum(rows.bit_count() for _, rows in found), page.is_last)

    def _passing(self, wanted: SearchQuery, today: date) -> int:
        """Return the rows that pass every filter."""
        passing, outlines = self._everything, self._rows.outlines
        if wanted.provider is not None:
            passing &= self._where("provider", wanted.provider, outlines.providers, eq)
        if wanted.mode is not None:
            passing &= self._where("mode", wanted.mode, outlines.modes, eq)
        for capability in wanted.capabilities:
            passing &= self._where("capability", capability, outlines.capabilities, contains)
        if wanted.min_quality is not None or wanted.max_quality is not None:
            passing &= self._between(wanted.min_quality, wanted.max_quality)
        if wanted.min_context is not None:
            first = bisect_left(self._contexts, (wanted.min_context, -1))
            passing &= bits_of(number for _, number in self._contexts[first:])
        if wanted.max_price is not None:
            cheap = (numbers for price, numbers in self._of_price.items() if price <= wanted.max_price)
            passing &= bits_of(number for numbers in cheap for number in numbers)
        if not wanted.include_deprecated:
            passing &= ~bits_of(number for _, number in self._endings[: self._ended(today)])
        return passing

    def _where[Field](
        self, what: str, value: str, column: CodedColumn[Field], has: Callable[[Field, str], bool]
    ) -> int:
        """Return the rows that have a value, remembered where there are any: so no caller can make the memory grow."""
        if (what, value) in self._met:
            return self._met[what, value]
        have = column.each([has(field, value) for field in column.values])
        rows = bits_of(number for number, has_it in enumerate(self._rows.by_rank(have)) if has_it)
        if rows:
            self._met[what, value] = rows
        return rows

    def _between(self, low: float | None, high: float | None) -> int:
        """Return rows with a score in a range, bounds included: neighbours, for rows stand in the order of scores."""
        most = UNRATED - 1 if low is None else min(floor(_hundredths_below(low)), UNRATED - 1)
        order, depth = self._rows.order, self._rows.below.__getitem__
        end = bisect_right(order, most, key=depth)
        first = 0 if high is None else bisect_left(order, ceil(_hundredths_below(high)), key=depth)
        return ((1 << end) - 1) & ~((1 << first) - 1) if end > first else 0

    def _ended(self, today: date) -> int:
        """Count the rows past their deprecation date; ISO dates sort as text."""
        return bisect_right(self._endings, (today.isoformat(), len(self)))

    def _behind(self, after: SearchPosition, closeness: NameCloseness, rows: int) -> int:
        if closeness != after.closeness:
            return rows if closeness > after.closeness else 0
        first = bisect_right(self._rows.order, after[1:], key=self._rows.rank)
        return rows >> first << first

    def _hit(self, row: int, closeness: NameCloseness, today: date) -> SearchHit:
        outline, quality = self._rows.outlines[row], self._rows.qualities[row]
        position = SearchPosition(int(closeness), *self._rows.rank(row))
        blended = None if position.price is UNPRICED else position.price
        reasons = tuple(_reasons(outline, quality, blended, closeness, today))
        return SearchHit(outline, quality, blended, position, reasons)


def _hundredths_below(bound: float) -> float:
    return round((100 - bound) * HUNDREDTHS, EXACT_TO)


def _reasons(
    outline: RowOutline, quality: Quality | None, price: Decimal | None, closeness: NameCloseness, today: date
) -> Iterator[str]:
    if closeness in SAID:
        yield SAID[closeness]
    match quality:
        case None:
            yield "nothing is known of its quality"
        case Quality(source="heuristic", score=score):
            yield f"quality {score:g}, estimated from the catalogue's facts"
        case Quality(score=score, name=name, is_weak=is_weak):
            yield f"quality {score:g}, measured of {name}{' (perhaps another stage of it)' if is_weak else ''}"
    yield "sold by its maker" if outline.first_party else "sold by a host"
    if price is None:
        yield "no price per token"
    if outline.absent_since is not None:
        yield f"no longer listed by its source, since refresh {outline.absent_since}"
    ending = outline.deprecation
    if ending is not None and ending <= today.isoformat():
        yield f"deprecated since {ending}"


class _Page:
    """A page that takes rows off sets of bits until it is full, and notices whether one more would have followed."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.numbers: list[tuple[NameCloseness, int]] = []
        self.is_last = True

    def take(self, closeness: NameCloseness, rows: int) -> None:
        for number in lowest_first(rows):
            if len(self.numbers) == self._limit:
                self.is_last = False
                return
            self.numbers.append((closeness, number))
