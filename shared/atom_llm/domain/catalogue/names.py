"""The row that each name means: the one it names, else one that is only near and says so, by rules alone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal, NamedTuple

from atom_llm.domain.catalogue.asked_name import RESELLER, AskedName, asked_name, asked_of_maker, sold_as, words_sold
from atom_llm.domain.catalogue.spelling import (
    MAX_NAME,
    NameSpelling,
    catalogue_spelling,
    is_version_first,
    query_spelling,
    without_budget,
)
from atom_llm.domain.core.collecting import without_collecting
from atom_llm.domain.core.providers import ALSO_KNOWN_AS, PROVIDER_BY_ID

Match = Literal["exact", "alias", "host", "undated", "dated", "weak"]
"""exact: an id or source key; alias: another spelling of an id, or a name that the source publishes for it; host: the
very name, at somebody who is not the model's maker. The rest are only near: undated: a dated name met an undated row;
dated: an undated name met its newest dated row; weak: after a word was dropped or added (`-latest`, `-preview`,
`-instruct`, an effort)."""
NAMED: Final = frozenset({"exact", "alias"})  # the name names the row; of what is near it does not

MAX_NEAR_NAMES: Final = 5
NEAR_ENOUGH: Final = 0.3  # shared three-letter pieces over all pieces; below, a suggestion only confuses


class NamedRow(NamedTuple):
    """The fields of a row that the name index needs. `is_priced`: something that it sells costs more than nothing."""

    id: str
    source_key: str
    provider: str
    first_party: bool
    is_priced: bool = True


@dataclass(frozen=True, slots=True)
class NameResolution:
    """The row that a name means, how it was found, and the other rows of the same name (hosts), best first."""

    id: str
    match: Match
    also: tuple[str, ...] = ()


class NameIndex:
    """An index of all names of a catalogue, for look-up by any spelling."""

    @without_collecting()
    def __init__(
        self, rows: Iterable[NamedRow], providers: Mapping[str, str], aliases: Iterable[NamedRow] = ()
    ) -> None:
        """Index the rows; `providers` maps each word that names a provider in front of a slash to the provider's id.

        `aliases` are further names, each with the id of the row that it stands for.
        """
        self._providers = providers
        self._rows = tuple(rows)
        self._aliases = tuple(aliases)
        self._taken_apart: dict[str, Sequence[tuple[AskedName, NamedRow]]] = {}

    @cached_property
    @without_collecting()
    def _exact(self) -> Mapping[str, NamedRow]:
        """Rows and aliases by their keys as written, but for case; of equal ones the best."""
        found: dict[str, NamedRow] = {}
        for row in (*self._rows, *self._aliases):
            if row.provider != RESELLER or row.source_key.startswith(RESELLER):
                same = found.setdefault(key := folded_exactly(row.source_key), row)
                if same is not row:
                    found[key] = min(same, row, key=_preference)
        return found

    @cached_property
    @without_collecting()
    def _by_words(self) -> Mapping[str, Sequence[NamedRow]]:
        """Rows and aliases by the words of their names; keys that end alike are read once."""
        found: dict[str, list[NamedRow]] = {}
        of_ending: dict[str, list[NamedRow]] = {}
        for row in (*self._rows, *self._aliases):
            ending = row.source_key.rpartition("/")[2]
            alike = of_ending.get(ending)
            if alike is None:
                alike = of_ending[ending] = found.setdefault(words_sold(ending), [])
            alike.append(row)
        return found

    def resolve(self, name: str) -> NameResolution | None:
        """Return the row that a name means, or None; no prefix, part or resemblance counts.

        A provider in front of the name (`anthropic/claude-sonnet-4.5`) keeps the search among its rows, and a region,
        size or commitment among the rows of that one. A name that is longer than any model's means nothing.
        """
        if len(name) > MAX_NAME:
            return None
        same_but_for_case = self._exact.get(folded_exactly(name))
        if same_but_for_case is not None:
            return NameResolution(same_but_for_case.id, "alias")
        asked = asked_name(name, self._providers)
        if asked is None or not asked.words:
            return None
        for row in self._named(name, asked):
            if row.provider in asked.providers or row.first_party:
                return NameResolution(row.id, "alias", self._also(row))
            if row.is_priced:
                return NameResolution(row.id, "host", self._also(row))
        return self._near(asked)

    def named(self, name: str) -> list[NamedRow]:
        """Return every row that a name names, best first: spellings of the same id, and nothing that is only near."""
        if len(name) > MAX_NAME:
            return []
        same_but_for_case = self._exact.get(folded_exactly(name))
        if same_but_for_case is not None and "/" in name:
            return [same_but_for_case]
        asked = asked_name(name, self._providers)
        return self._named(name, asked) if asked is not None and asked.words else []

    def spelt(self, stem: str) -> Sequence[tuple[NameSpelling, NamedRow]]:
        """Return every row whose name comes down to a stem, the vendor's own first."""
        return self._by_stem.get(stem, ())

    def knows(self, name: str) -> bool:
        """Return whether any row is of the model and the date that a name says, whatever its host adds to it."""
        wanted = query_spelling(name[:MAX_NAME])
        dates = {each.date for each, _ in self.spelt(wanted.stem)}
        return bool(dates) and nearest_date(wanted.date, dates)[0] is not None

    def near(self, name: str) -> tuple[str, ...]:
        """Return up to five ids: of the model at other dates or with another word, then of names alike in letters.

        Alike: sharing the most three-letter pieces, the makers' own first.
        """
        spelling = query_spelling(name[:MAX_NAME])
        wanted = _pieces(spelling.stem)
        if not wanted:
            return ()
        newest_first = sorted(self.spelt(spelling.stem), key=lambda each: each[0].date, reverse=True)
        akin = sorted(newest_first, key=lambda each: (not each[1].first_party, each[0].date != ""))
        scored = []
        for pieces, best in self._stems_in_pieces:
            shared = len(wanted & pieces)
            closeness = shared / (len(wanted) + len(pieces) - shared)
            if closeness >= NEAR_ENOUGH:
                scored.append((-closeness, *_preference(best)))
        ids = (*(row.id for _, row in akin), *(entry[-1] for entry in sorted(scored)))
        return tuple(dict.fromkeys(ids))[:MAX_NEAR_NAMES]

    @cached_property
    @without_collecting()
    def _by_stem(self) -> Mapping[str, Sequence[tuple[NameSpelling, NamedRow]]]:
        """Rows by the stem of their names, the vendor's own first: for what is near, and for a model's hosts."""
        found: dict[str, list[tuple[NameSpelling, NamedRow]]] = {}
        for row in self._rows:
            spelling = catalogue_spelling(row.source_key)
            if spelling.stem:
                found.setdefault(spelling.stem, []).append((spelling, row))
        for candidates in found.values():
            if len(candidates) > 1:
                candidates.sort(key=lambda each: _preference(each[1]))
        return found

    @cached_property
    def _stems_in_pieces(self) -> Sequence[tuple[frozenset[str], NamedRow]]:
        """Every stem's pieces with the best of its rows."""
        return [(_pieces(stem), candidates[0][1]) for stem, candidates in self._by_stem.items()]

    def _named(self, name: str, asked: AskedName) -> list[NamedRow]:
        found = self._same(asked)
        if not found and asked.providers and "/" in name:
            # A maker's name that is a provider's too: `openai/gpt-oss-120b` is what Groq calls it.
            found = [each for each in self._same(asked_of_maker(name)) if each[1].provider in PROVIDER_BY_ID]
        text = folded_exactly(name)
        found.sort(key=lambda each: _rank(asked, text, *each))
        return [row for _, row in found]

    def _same(self, asked: AskedName) -> list[tuple[AskedName, NamedRow]]:
        """Return the rows of the asked words, price list, place and maker.

        Where nobody's price list is named, a place means one only in makers' own rows and in those that can be called.
        """
        return [
            (sold, row)
            for sold, row in self._sold(asked.words)
            if (sold.place == asked.place or asked.place == (sold.maker,))
            and (not asked.providers or row.provider in asked.providers)
            and _is_of_maker(asked, sold, row)
            and (asked.providers or not sold.place or row.first_party or row.provider in PROVIDER_BY_ID)
        ]

    def _sold(self, words: str) -> Sequence[tuple[AskedName, NamedRow]]:
        """Return the rows of some words with what they are sold as, taken apart when first asked for."""
        found = self._taken_apart.get(words)
        if found is None:
            rows = self._by_words.get(words)
            if rows is None:
                return ()  # and nothing is kept, so that no caller can make the memory grow
            found = [(sold_as(row.source_key, row.provider, self._providers), row) for row in rows]
            self._taken_apart[words] = found
        return found

    def _also(self, row: NamedRow) -> tuple[str, ...]:
        spelling = catalogue_spelling(row.source_key)
        everywhere = self.spelt(spelling.stem)
        return tuple(other.id for each, other in everywhere if each.date == spelling.date and other.id != row.id)

    def _near(self, asked: AskedName) -> NameResolution | None:
        """Return a row that the name may be taken for: among those of its price list, or among the makers' own."""
        wanted: NameSpelling | None = query_spelling(asked.name)
        is_shortened = False
        while wanted is not None and wanted.stem:
            found = self._nearest(wanted, asked)
            if found is not None:
                row, match = found
                return NameResolution(row.id, "weak" if is_shortened else match, self._also(row))
            wanted, is_shortened = without_budget(wanted), True
        return None

    def _nearest(self, wanted: NameSpelling, asked: AskedName) -> tuple[NamedRow, Match] | None:
        candidates = [
            (spelling, row)
            for spelling, row in self.spelt(wanted.stem)
            if (row.provider in asked.providers if asked.providers else row.first_party) and self._is_there(row, asked)
        ]
        if not candidates:
            return None
        date, match = nearest_date(wanted.date, {spelling.date for spelling, _ in candidates})
        if date is None:
            return None
        chosen, row = min(
            (each for each in candidates if each[0].date == date),
            key=lambda each: (each[0].preview != wanted.preview, not each[1].is_priced, _preference(each[1])),
        )
        return row, "weak" if wanted.preview and not chosen.preview else match

    def _is_there(self, row: NamedRow, asked: AskedName) -> bool:
        sold = sold_as(row.source_key, row.provider, self._providers)
        return sold.place == asked.place and asked.maker in ("", sold.maker or row.provider)


def provider_words(providers: Mapping[str, object]) -> dict[str, str]:
    """Return every word that names a provider in front of a slash: our ids, the price file's names, the reseller."""
    words = {RESELLER: RESELLER} | {provider: provider for provider in providers}
    words |= {word: provider for word, provider in ALSO_KNOWN_AS.items() if provider in words}
    words |= {name: provider.id for provider in PROVIDER_BY_ID.values() for name in provider.catalogue_names}
    return words | {name: name for name in PROVIDER_BY_ID}


def nearest_date(wanted: str, published: set[str]) -> tuple[str | None, Match]:
    """Return the date whose rows are near to a name that no row has, with the kind of match; None when no date is.

    An undated name is near to undated rows, else to the newest. A dated name is near to rows of its own date, and to an
    undated row where no dated one stands beside it: of a model whose dates are listed, another date never existed, is
    gone, or has a price of its own.
    """
    if wanted in published:
        return wanted, "weak"
    if wanted:
        return ("", "undated") if published == {""} else (None, "undated")
    return max(published), "dated"


def folded_exactly(text: str) -> str:
    """Return a text in lower case and otherwise unchanged: no provider tells two models apart by case."""
    return text.strip().lower()


def _is_of_maker(asked: AskedName, sold: AskedName, row: NamedRow) -> bool:
    """Return whether a row is of the asked maker; who names a price list may name any for a row that names none."""
    made_by = sold.maker or (row.provider if row.first_party else "")
    return asked.maker in ("", made_by) or (not made_by and bool(asked.providers))


def _rank(asked: AskedName, text: str, sold: AskedName, row: NamedRow) -> tuple[object, ...]:
    """Return a sort key: makers' own rows first, of these the one in the asker's own words, of hosts' a priced one."""
    return (
        not row.first_party,
        sold.name != asked.name if row.first_party or asked.providers else not row.is_priced,
        not (asked.providers and row.source_key.lower().endswith(text)),
        row.provider not in PROVIDER_BY_ID,
        *_preference(row),
    )


def _preference(row: NamedRow) -> tuple[bool, int, bool, str]:
    """Return a sort key, complete by its id: the vendor's own row, the shortest path, the present word order first."""
    return (not row.first_party, row.source_key.count("/"), is_version_first(row.source_key), row.id)


def _pieces(stem: str) -> frozenset[str]:
    padded = f" {stem} "
    return frozenset(padded[i : i + 3] for i in range(len(padded) - 2)) if stem else frozenset()
