"""Finding names by words: the very name first, then its words, their beginnings, typing errors, words run together."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from functools import cached_property
from typing import Final, NamedTuple

from atom_llm.domain.names import Spelling, folded, query_spelling
from atom_llm.domain.row_bits import all_of, any_of, bits_of

# `gpt4o` and `gpt-4o` are the same words, and so are `gemini25pro` and `gemini 25 pro`; `70b` stays one.
_WORD: Final = re.compile(r"[a-z]+|\d+(?:[a-z](?![a-z]))?")
MAX_QUERY: Final = 128  # characters; twice the longest name that anybody types
MAX_WORDS: Final = 12  # of a query; the longest real name has eleven
ONE_TYPO_FROM: Final = 4  # letters a word must have for one typing error to be forgiven …
TWO_TYPOS_FROM: Final = 8  # … and for two; words with digits are versions and sizes, where none is
RUN_TOGETHER_FROM: Final = 5  # characters of a query that may stand anywhere within a name


class Closeness(IntEnum):
    """How a row's name answers a query; the least is the best."""

    VERY_NAME = 0
    SAME_MODEL = 1
    EVERY_WORD = 2
    BEGINNINGS = 3
    MISTYPED = 4
    RUN_TOGETHER = 5
    ALL_BUT_ONE = 6
    NOT_ASKED = 7


SAID: Final[Mapping[Closeness, str]] = {
    Closeness.VERY_NAME: "it has the very name",
    Closeness.SAME_MODEL: "it is that model under another spelling",
    Closeness.EVERY_WORD: "its name has every word",
    Closeness.BEGINNINGS: "its name has words that begin so",
    Closeness.MISTYPED: "its name has these words but for typing errors",
    Closeness.RUN_TOGETHER: "its name has these letters in a row",
    Closeness.ALL_BUT_ONE: "its name has every word but one",
}


class NameText(NamedTuple):
    """What the text index has to know of a row."""

    id: str
    source_key: str
    own_words: str
    spelling: Spelling


class TextIndex:
    """Words of all names; answers with sets of rows as the bits of an integer, one per closeness."""

    def __init__(self, rows: Sequence[NameText]) -> None:
        """Rows in their order; bit n of an answer is row n."""
        # Names are words between slashes, and hosts repeat them: a part is taken apart once, for all of its rows.
        rows_of: dict[str, list[int]] = defaultdict(list)
        by_name: dict[str, list[int]] = defaultdict(list)
        by_stem: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for number, (identity, source_key, own, spelling) in enumerate(rows):
            for part in (identity if identity.endswith(source_key) else f"{identity}/{source_key}").split("/"):
                rows_of[part].append(number)
            by_name[own].append(number)
            by_stem[spelling.stem].append((spelling.date, number))
        parts_of: dict[str, list[str]] = defaultdict(list)
        for part in rows_of:
            for word in _WORD.findall(part.lower()):
                parts_of[word].append(part)
        self._rows, self._rows_of, self._parts_of, self._by_stem, self._by_name = (
            rows,
            rows_of,
            parts_of,
            by_stem,
            by_name,
        )
        self._words = sorted(parts_of)
        self._met: dict[str, int] = {}

    @cached_property
    def _whole(self) -> dict[str, int]:
        """Ids and source keys, but for case; where a key is another row's id, the id counts."""
        keys = {row.source_key.lower(): number for number, row in enumerate(self._rows)}
        return keys | {row.id.lower(): number for number, row in enumerate(self._rows)}

    @cached_property
    def _letters(self) -> list[tuple[int, int, str]]:
        return [(_letters(word), len(word), word) for word in self._words if word.isalpha()]

    @cached_property
    def _run_together(self) -> list[tuple[str, str]]:
        return [(name.replace("-", ""), name) for name in self._by_name]

    def closest(self, query: str) -> list[tuple[Closeness, int]]:
        """Disjoint sets of rows, the closest first; empty for a query in which no word is."""
        text = query[:MAX_QUERY].strip().lower()
        words = list(dict.fromkeys(_WORD.findall(text)))[:MAX_WORDS]
        if not words:
            return []
        levels = self._levels(words)
        found = [
            (Closeness.VERY_NAME, bits_of(self._named(text))),
            (Closeness.SAME_MODEL, bits_of(self._same_model(text))),
            *((level, all_of([rows[level] for rows in levels])) for level in _BY_WORDS),
            (Closeness.RUN_TOGETHER, bits_of(self._run_into(text))),
        ]
        if len(words) >= 3 and not any(rows for _, rows in found):
            best = [rows[Closeness.MISTYPED] for rows in levels]
            but_one = (best[:left_out] + best[left_out + 1 :] for left_out in range(len(best)))
            found.append((Closeness.ALL_BUT_ONE, any_of(all_of(some) for some in but_one)))
        return _disjoint(found)

    def _named(self, text: str) -> list[int]:
        whole = [self._whole[text]] if text in self._whole else []
        return [*whole, *self._by_name.get(folded(text), ())]

    def _same_model(self, text: str) -> list[int]:
        wanted = query_spelling(text)
        return [n for date, n in self._by_stem.get(wanted.stem, ()) if not wanted.date or wanted.date == date]

    def _levels(self, words: Sequence[str]) -> list[dict[Closeness, int]]:
        """For each word of a query the rows that have it, or a word that begins so, or one so mistyped."""
        levels = []
        for word in words:
            exact = self._having([word] if word in self._parts_of else [])
            rows = self._having(self._begun(word))
            mistyped = rows or self._having(self._mistyped(word))
            levels.append({Closeness.EVERY_WORD: exact, Closeness.BEGINNINGS: rows, Closeness.MISTYPED: mistyped})
        return levels

    def _having(self, words: Iterable[str]) -> int:
        return any_of(self._with(word) for word in words)

    def _with(self, word: str) -> int:
        """The rows that have a word, remembered: a catalogue has three thousand words, of half a kilobyte each."""
        if word not in self._met:
            parts = self._parts_of[word]
            self._met[word] = bits_of(number for part in parts for number in self._rows_of[part])
        return self._met[word]

    def _begun(self, word: str) -> Sequence[str]:
        first = bisect_left(self._words, word)
        return self._words[first : bisect_left(self._words, word + "\U0010ffff", first)]

    def _mistyped(self, word: str) -> list[str]:
        allowed = 0 if not word.isalpha() else (len(word) >= ONE_TYPO_FROM) + (len(word) >= TWO_TYPOS_FROM)
        if not allowed:
            return []
        letters, size = _letters(word), len(word)
        return [
            known
            for its_letters, its_size, known in self._letters
            if abs(its_size - size) <= allowed
            and (its_letters ^ letters).bit_count() <= 2 * allowed
            and typos(word, known, allowed) <= allowed
        ]

    def _run_into(self, text: str) -> list[int]:
        letters = folded(text).replace("-", "").replace(" ", "")
        if len(letters) < RUN_TOGETHER_FROM:
            return []
        return [n for together, name in self._run_together if letters in together for n in self._by_name[name]]


_BY_WORDS: Final = (Closeness.EVERY_WORD, Closeness.BEGINNINGS, Closeness.MISTYPED)


def typos(one: str, other: str, allowed: int) -> int:
    """How many letters were added, left out, changed, or swapped with their neighbour; more than `allowed` is enough.

    Optimal string alignment, which counts a swap as one: `calude` is one away from `claude`.
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        earlier, before, row = before, row, [i]
        for j, its in enumerate(other, 1):
            least = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != its))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == its:
                least = min(least, earlier[j - 2] + 1)
            row.append(least)
        if min(row) > allowed:
            return allowed + 1
    return row[-1]


def _letters(word: str) -> int:
    """The set of a word's letters as bits: words far apart are told apart without comparing them."""
    bits = 0
    for letter in word:
        bits |= 1 << (ord(letter) & 31)
    return bits


def _disjoint(found: Iterable[tuple[Closeness, int]]) -> list[tuple[Closeness, int]]:
    """Each row at its closest only."""
    seen, kept = 0, []
    for closeness, rows in found:
        if fresh := rows & ~seen:
            kept.append((closeness, fresh))
            seen |= fresh
    return kept
