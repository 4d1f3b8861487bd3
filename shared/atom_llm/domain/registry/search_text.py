"""Finding names by words: the very name first, then its words, their beginnings, words run together, typing errors."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import IntEnum
from functools import cached_property
from typing import Final

from atom_llm.domain.catalogue.spelling import NameSpelling, folded, query_spelling
from atom_llm.domain.registry.row_bits import all_of, any_of, bits_of

# `gpt4o` and `gpt-4o` are the same words, and so are `gemini25pro` and `gemini 25 pro`; `70b` stays one.
_WORD: Final = re.compile(r"[a-z]+|\d+(?:[a-z](?![a-z]))?")
MAX_QUERY: Final = 128  # characters; twice the longest name that anybody types
MAX_WORDS: Final = 12  # of a query; the longest real name has eleven
ONE_TYPO_FROM: Final = 3  # letters a word must have for one typing error to be forgiven …
TWO_TYPOS_FROM: Final = 8  # … and for two; words with digits are versions and sizes, where none is
RUN_TOGETHER_FROM: Final = 5  # characters of a query that may stand anywhere within a name
WORDS_TO_SPARE_ONE: Final = 3  # words that a query must have for one of them to be left out


class NameCloseness(IntEnum):
    """The way in which a row's name answers a query; the least is the best."""

    VERY_NAME = 0
    SAME_MODEL = 1
    EVERY_WORD = 2
    BEGINNINGS = 3
    RUN_TOGETHER = 4
    MISTYPED_NAME = 5
    MISTYPED = 6
    ALL_BUT_ONE = 7
    NOT_ASKED = 8


SAID: Final[Mapping[NameCloseness, str]] = {
    NameCloseness.VERY_NAME: "it has the very name",
    NameCloseness.SAME_MODEL: "it is that model under another spelling",
    NameCloseness.EVERY_WORD: "its name has every word",
    NameCloseness.BEGINNINGS: "its name has words that begin so",
    NameCloseness.RUN_TOGETHER: "its name has these letters in a row",
    NameCloseness.MISTYPED_NAME: "it has this name but for typing errors",
    NameCloseness.MISTYPED: "its name has these words but for typing errors",
    NameCloseness.ALL_BUT_ONE: "its name has every word but one",
}


class TextIndex:
    """An index of the words of all names; answers with sets of rows as the bits of an integer, one per closeness."""

    def __init__(
        self,
        ids: Sequence[str],
        source_keys: Sequence[str],
        own_words: Sequence[str],
        spellings: Sequence[NameSpelling],
    ) -> None:
        """Index rows by the columns of their names, in their order; bit n of an answer is row n.

        `own_words` are names without their host's prefix and version, `spellings` names taken apart.
        """
        # Hosts repeat names, and names repeat hosts: each is taken apart once, for all of its rows.
        rows_of: dict[str, list[int]] = defaultdict(list)
        for number, (identity, source_key) in enumerate(zip(ids, source_keys, strict=True)):
            path, _, segment = identity.rpartition("/")
            rows_of[path].append(number)
            rows_of[segment].append(number)
            if not identity.endswith(source_key):
                rows_of[source_key].append(number)
        parts_of: dict[str, list[str]] = defaultdict(list)
        for part in rows_of:
            for word in _WORD.findall(part.lower()):
                parts_of[word].append(part)
        self._ids, self._source_keys, self._own_words, self._spellings = ids, source_keys, own_words, spellings
        self._rows_of, self._parts_of = rows_of, dict(parts_of)
        self._words = sorted(parts_of)
        self._met: dict[str, int] = {}

    @cached_property
    def _whole(self) -> dict[str, int]:
        """Rows by id and by source key in lower case; where a key is another row's id, the id counts."""
        keys = {source_key.lower(): number for number, source_key in enumerate(self._source_keys)}
        return keys | {identity.lower(): number for number, identity in enumerate(self._ids)}

    @cached_property
    def _by_name(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for number, own_words in enumerate(self._own_words):
            found[own_words].append(number)
        return dict(found)

    @cached_property
    def _by_letters(self) -> dict[str, list[int]]:
        """Rows by a name's words run together: `gpt4o`."""
        found: dict[str, list[int]] = defaultdict(list)
        for name, numbers in self._by_name.items():
            found[_run_together(name)] += numbers
        return dict(found)

    @cached_property
    def _by_stem(self) -> dict[str, list[tuple[str, int]]]:
        found: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for number, spelling in enumerate(self._spellings):
            found[spelling.stem].append((spelling.date, number))
        return dict(found)

    @cached_property
    def _letters(self) -> list[tuple[int, int, str]]:
        return [(_letters(word), len(word), word) for word in self._words if word.isalpha()]

    def closest(self, query: str) -> list[tuple[NameCloseness, int]]:
        """Return disjoint sets of rows, the closest first; empty for a query in which no word is.

        Typing errors are looked for where nothing is found as it was typed, and a word is left out where that finds
        nothing either.
        """
        text = query[:MAX_QUERY].strip().lower()
        words = list(dict.fromkeys(_WORD.findall(text)))[:MAX_WORDS]
        if not words:
            return []
        letters = _run_together(folded(text))
        begun = [self._having(self._begun(word)) for word in words]
        found = [
            (NameCloseness.VERY_NAME, bits_of(self._named(text))),
            (NameCloseness.SAME_MODEL, bits_of([*self._same_model(text), *self._by_letters.get(letters, ())])),
            (NameCloseness.EVERY_WORD, all_of([self._with(word) for word in words])),
            (NameCloseness.BEGINNINGS, all_of(begun)),
            (NameCloseness.RUN_TOGETHER, bits_of(self._run_into(letters))),
        ]
        if not any(rows for closeness, rows in found if closeness <= NameCloseness.BEGINNINGS):
            found += self._forgiving(text, words, begun)
        return _disjoint(found)

    def _forgiving(self, text: str, words: Sequence[str], begun: Sequence[int]) -> Iterator[tuple[NameCloseness, int]]:
        similar = {word: self._mistyped(word) for word in words}
        near = [rows | self._having(similar[word]) for word, rows in zip(words, begun, strict=True)]
        meant = {
            word: max(similar[word], key=lambda known: self._with(known).bit_count())  # what most rows have
            for word, rows in zip(words, begun, strict=True)
            if similar[word] and not rows
        }
        corrected = _WORD.sub(lambda found: meant.get(found[0], found[0]), text)
        yield NameCloseness.MISTYPED_NAME, bits_of(self._named(corrected) if meant else ())
        every = all_of(near)
        yield NameCloseness.MISTYPED, every
        if len(words) >= WORDS_TO_SPARE_ONE and not every:
            but_one = (near[:left_out] + near[left_out + 1 :] for left_out in range(len(near)))
            yield NameCloseness.ALL_BUT_ONE, any_of(all_of(some) for some in but_one)

    def _named(self, text: str) -> list[int]:
        whole = [self._whole[text]] if text in self._whole else []
        return [*whole, *self._by_name.get(folded(text), ())]

    def _same_model(self, text: str) -> list[int]:
        wanted = query_spelling(text)
        dated = self._by_stem.get(wanted.stem, ())
        return [number for date, number in dated if not wanted.date or wanted.date == date]

    def _having(self, words: Iterable[str]) -> int:
        return any_of(self._with(word) for word in words)

    def _with(self, word: str) -> int:
        """Return the rows that have a word, remembered: a catalogue has 3,000 words, of half a kilobyte each."""
        if word not in self._parts_of:
            return 0
        if word not in self._met:
            self._met[word] = bits_of(number for part in self._parts_of[word] for number in self._rows_of[part])
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

    def _run_into(self, letters: str) -> list[int]:
        if len(letters) < RUN_TOGETHER_FROM:
            return []
        return [number for name, numbers in self._by_letters.items() if letters in name for number in numbers]


def typos(one: str, other: str, allowed: int) -> int:
    """Count the letters added, left out, changed, or swapped with their neighbour; stop above `allowed`.

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


def _run_together(name: str) -> str:
    return name.replace("-", "")


def _letters(word: str) -> int:
    """Return the set of a word's letters as bits: words far apart are told apart without comparing them."""
    bits = 0
    for letter in word:
        bits |= 1 << (ord(letter) & 31)
    return bits


def _disjoint(found: Iterable[tuple[NameCloseness, int]]) -> list[tuple[NameCloseness, int]]:
    """Keep each row in its closest set only."""
    seen, kept = 0, []
    for closeness, rows in found:
        if fresh := rows & ~seen:
            kept.append((closeness, fresh))
            seen |= fresh
    return kept
