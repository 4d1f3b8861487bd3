"""The row of the catalogue that a leaderboard's name means: the data rules in order, unmatched rather than guessed.

A leaderboard's name differs from a caller's: it carries effort words, it never names a key of the price file, and it
means the model, so that the vendor's own row is wanted where a caller's bare name may mean a host's.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from atom_llm.domain.catalogue.names import NamedRow, NameIndex
from atom_llm.domain.catalogue.spelling import (
    MAX_NAME,
    NameSpelling,
    folded,
    is_full_date,
    is_same_date,
    own_words,
    query_spelling,
    without_effort,
)
from atom_llm.domain.registry.board_settings import without_settings

BoardMatch = Literal["same", "variant", "undated", "dated", "weak"]
"""same name; without effort words; a dated name on an undated row; an undated name on its newest dated row;
weak: only after dropping `-preview` or `-exp`."""

Dating = Literal["same", "undated", "dated"]

_KEEP_THE_FIRST: Final = ("qwen",)  # Alibaba's undated names stay with the release that they began with
_EXPERIMENT: Final = re.compile(r"-exp$")
_PLUS: Final = re.compile(r"(?<=[a-z])\+(?=[\s(]|$)", re.IGNORECASE)  # "Command R+" is not "Command R"


class MatchStep(NamedTuple):
    """A spelling under which a name is looked for, and the worth of a match at that step."""

    spelling: NameSpelling
    worth: Literal["same", "variant", "weak"]


@dataclass(frozen=True, slots=True)
class MeantRow:
    """The row that a leaderboard's name means, the spelling it was found under, and the other rows of that spelling."""

    row: NamedRow
    match: BoardMatch
    spelling: NameSpelling
    also: tuple[NamedRow, ...] = ()

    @property
    def is_strict(self) -> bool:
        """Return whether a score may rest on it without a mark."""
        return self.match != "weak"


def steps(name: str) -> Iterator[MatchStep]:
    """Yield a name's spellings, from all of its words to the fewest.

    As it stands, without effort words one by one, both again without what brackets say of a run, then each as the
    release it preceded.
    """
    if len(name) > MAX_NAME:
        return
    spellings: list[NameSpelling] = []
    for words in dict.fromkeys((name, without_settings(name))):
        wanted: NameSpelling | None = query_spelling(_PLUS.sub("-plus", words))
        while wanted is not None and wanted.stem:
            yield MatchStep(wanted, "variant" if spellings else "same")
            spellings.append(wanted)
            wanted = without_effort(wanted)
    for spelling in spellings:
        released = _EXPERIMENT.sub("", spelling.stem)
        if released != spelling.stem:
            yield MatchStep(spelling._replace(stem=released), "weak")


def meant(name: str, index: NameIndex) -> MeantRow | None:
    """Return the row that a name means, or None: every step among vendors' own rows comes before any among hosts'."""
    ways = list(steps(name))
    for first_party in (True, False):
        for step in ways:
            found = _among(name, step, index, first_party=first_party)
            if found is not None:
                return found
    return None


def _among(name: str, step: MatchStep, index: NameIndex, *, first_party: bool) -> MeantRow | None:
    wanted = step.spelling
    everywhere = index.spelt(wanted.stem)
    candidates = [each for each in everywhere if each[1].first_party or not first_party]
    if not candidates:
        return None
    published = {spelling.date for spelling, _ in candidates}
    taken, dating = _date_to_take(wanted.date, published, keeps_first=wanted.stem.startswith(_KEEP_THE_FIRST))
    if taken is None:
        return None
    as_listed = folded(name)
    spelling, row = min(
        (each for each in candidates if each[0].date == taken),
        key=lambda each: (each[0].preview != wanted.preview, *_preference(as_listed, each[1])),
    )
    match: BoardMatch = step.worth
    if wanted.preview and not spelling.preview:
        match = "weak"
    elif match == "same" and dating in ("undated", "dated"):
        match = "undated" if dating == "undated" else "dated"
    also = tuple(other for each, other in everywhere if each.date == taken and other is not row)
    return MeantRow(row, match, spelling, also)


def _date_to_take(wanted: str, published: set[str], *, keeps_first: bool) -> tuple[str | None, Dating]:
    """Return the date whose rows a name may take, with the kind of match; None when no date fits.

    A dated name takes its own date, else undated rows, and never a differently dated one; an undated name the newest.
    Where dates are listed beside an undated row, that row stands for one of them: it is meant only by a name that is
    newer than all of them, or older than all of them of a vendor whose undated name stays with its first release.
    """
    same = next((date for date in sorted(published, reverse=True) if is_same_date(wanted, date)), None)
    if same is not None:
        return same, "same"
    if not wanted:
        return max(published), "dated"
    listed = published - {""}
    if "" not in published:
        return None, "undated"
    is_beyond = all(is_full_date(date) for date in (wanted, *listed)) and (
        wanted > max(listed, default="") or (keeps_first and wanted < min(listed, default=""))
    )
    return ("", "undated") if not listed or is_beyond else (None, "undated")


def _preference(as_listed: str, row: NamedRow) -> tuple[bool, int, int, str]:
    """Return a sort key, complete by the source key: the vendor's own row, one in the board's words, the shortest key.

    Only rows that the rules hold for the same model are compared here.
    """
    own = own_words(row.source_key)
    respelling = 0 if own == as_listed else 1 if as_listed.startswith(own) else 2  # 1: effort words follow
    return (not row.first_party, respelling, len(row.source_key), row.source_key)
