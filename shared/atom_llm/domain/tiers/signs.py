"""Finding the words of the vocabulary in a text: one look-up a word, whatever the size of the vocabulary."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from operator import add
from typing import Final, NamedTuple
from unicodedata import normalize

from atom_llm.domain.tiers.vocabulary import WORDS, WorkKind
from atom_llm.domain.tiers.vocabulary_unspaced import ARABIC, DEVANAGARI, HAN, HANGUL, KANA

Found = Mapping[WorkKind, Sequence[str]]
"""What was found of each sign: distinct entries of the vocabulary, as they stand there."""

MAY_GO_ON: Final = 4  # letters from which on the last word of several may have an ending

SECOND: Final = 2  # letters of a second word by which entries are looked up; no stem there is shorter

_MARKS: Final = re.compile("[\u0300-\u036f]+")
_OTHER_LETTERS: Final = {"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe"}
_WORD: Final = re.compile("[a-z0-9]{1,40}|[\u0370-\u052f]{1,40}")  # a longer run is no word, and not remembered whole

_OF_UNSPACED: Final = re.compile("[\u0600-\u06ff\u0900-\u097f\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3]")
_OF_KANA: Final = re.compile("[\u3040-\u30ff]")

# What no word is, for its signs: a name of a language, an order of growth.
_LITERALS: Final[Mapping[str, WorkKind]] = {
    "c++": WorkKind.CODE,
    "c#": WorkKind.CODE,
    ".net": WorkKind.CODE,
    "o(1)": WorkKind.TECHNICAL,
    "o(n": WorkKind.TECHNICAL,
    "o(log": WorkKind.TECHNICAL,
    "tla+": WorkKind.ADVANCED,
    "\\frac": WorkKind.TECHNICAL,
    "\\int": WorkKind.TECHNICAL,
    "∫": WorkKind.TECHNICAL,
    "∂": WorkKind.TECHNICAL,
    "∑": WorkKind.TECHNICAL,
    "∇": WorkKind.TECHNICAL,
    "∀": WorkKind.TECHNICAL,
    "∃": WorkKind.TECHNICAL,
    "²": WorkKind.TECHNICAL,
}
_SIGNS_OF_LITERALS: Final = re.compile(r"[+#()\\∫∂∑∇∀∃²]|\.net")


class _Part(NamedTuple):
    """A word of an entry, or the stem of one."""

    text: str
    is_stem: bool

    def matches(self, word: str) -> bool:
        return word.startswith(self.text) if self.is_stem else word == self.text


class _Entry(NamedTuple):
    """An entry of the vocabulary: the words behind its first, in their order, its sign, and its spelling."""

    rest: tuple[_Part, ...]
    sign: WorkKind
    text: str


_Listed = tuple[WorkKind, str]
"""An entry as the vocabulary lists it: its sign, and its spelling, with the spaces around it."""


@lru_cache(maxsize=8)  # the same few pieces of one prompt are asked for again and again
def folded(text: str) -> str:
    """Return a text in small letters without accents, as the vocabulary is compared with it."""
    if text.isascii():
        return text.lower()
    small = _MARKS.sub("", normalize("NFKD", text.lower()))
    for letter, plain in _OTHER_LETTERS.items():  # a hundredth of the time of `translate`, which asks for every letter
        small = small.replace(letter, plain)
    return small


def signs(text: str) -> Found:
    """Return every entry of the vocabulary that a text has, each once, by its sign."""
    found: dict[WorkKind, list[str]] = {}
    small = folded(text)
    words = _WORD.findall(small)
    for place, word in enumerate(words):
        alone, followed = _beginning_with(word)
        here = list(alone)
        if followed and place + 1 < len(words):
            following = followed.get(words[place + 1][:SECOND], ())
            here += [entry for entry in following if _goes_on(entry, words, place)]
        if here:
            # Of several entries that one word begins, the longest of each sign says it.
            for sign, entry in {entry.sign: entry.text for entry in sorted(here, key=_length)}.items():
                _note(found, sign, entry)
    if _SIGNS_OF_LITERALS.search(text):
        lower = text.lower()
        for literal, sign in _LITERALS.items():
            if literal in lower:
                _note(found, sign, literal)
    if not small.isascii() and (letter := _OF_UNSPACED.search(text)):
        _within(text, _entries_of(letter[0], text), found)
    return found


def _entries_of(letter: str, text: str) -> Mapping[str, Sequence[tuple[str, WorkKind]]]:
    """Return the entries of the script that a text is written in, by its first such letter; kana tell Japanese by."""
    if "\u0600" <= letter <= "\u06ff":
        return _ARABIC
    if "\u0900" <= letter <= "\u097f":
        return _DEVANAGARI
    if "\uac00" <= letter <= "\ud7a3":
        return _HANGUL
    return _KANA if _OF_KANA.search(text) else _HAN


def _length(entry: _Entry) -> int:
    return len(entry.text)


def _note(found: dict[WorkKind, list[str]], sign: WorkKind, entry: str) -> None:
    known = found.setdefault(sign, [])
    if entry not in known:
        known.append(entry)


@lru_cache(maxsize=16_384)  # words; a language's everyday ones are some thousands
def _beginning_with(word: str) -> tuple[Sequence[_Entry], Mapping[str, Sequence[_Entry]]]:
    """Return the entries of this word alone, and those whose first word it is, by how their second begins."""
    vocabulary = _vocabulary()
    stems = (each for length in range(1, len(word) + 1) for each in vocabulary.get(f"{word[:length]}*", ()))
    alone: list[_Entry] = []
    followed: dict[str, list[_Entry]] = {}
    for sign, text in (*vocabulary.get(word, ()), *stems):
        entry = _entry(sign, text)
        if entry.rest:
            followed.setdefault(entry.rest[0].text[:SECOND], []).append(entry)
        else:
            alone.append(entry)
    return alone, followed


def _goes_on(entry: _Entry, words: Sequence[str], place: int) -> bool:
    following = words[place + 1 : place + 1 + len(entry.rest)]
    return len(following) == len(entry.rest) and all(
        part.matches(each) for part, each in zip(entry.rest, following, strict=True)
    )


def _within(text: str, entries: Mapping[str, Sequence[tuple[str, WorkKind]]], found: dict[WorkKind, list[str]]) -> None:
    """Find entries inside of runs; what a longer one took, a shorter one does not take again."""
    beginnings = {*text, *map(add, text, text[1:])} & entries.keys()
    there = [entry for beginning in beginnings for entry in entries[beginning] if entry[0] in text]
    for each, sign in sorted(there, key=lambda entry: (-len(entry[0]), entry[0])):
        if each in text:
            _note(found, sign, each)
            text = text.replace(each, " ")


def _entry(sign: WorkKind, text: str) -> _Entry:
    parts = [_Part(*_stem(each)) for each in folded(text).split()]
    if len(parts) > 1 and len(parts[-1].text) >= MAY_GO_ON:
        parts[-1] = _Part(parts[-1].text, is_stem=True)
    return _Entry(tuple(parts[1:]), sign, text.strip().replace("*", "…"))


def _stem(word: str) -> tuple[str, bool]:
    return word.rstrip("*"), word.endswith("*")


@cache  # by whoever classifies first: a call of a named model needs none of it
def _vocabulary() -> Mapping[str, Sequence[_Listed]]:
    """Index the vocabulary's entries by their first word, a stem with its star; an entry is read when that is met."""
    found: dict[str, list[_Listed]] = {}
    for sign, listed in WORDS.items():
        for text, small in zip(listed.split(","), folded(listed).split(","), strict=True):
            if words := small.split(maxsplit=1):
                found.setdefault(words[0], []).append((sign, text))
    return found


def _by_first_letters(script: Mapping[WorkKind, str]) -> Mapping[str, Sequence[tuple[str, WorkKind]]]:
    index: dict[str, list[tuple[str, WorkKind]]] = defaultdict(list)
    for sign, listed in script.items():
        for each in dict.fromkeys(each.strip() for each in listed.split("|")):
            index[each[:2]].append((each, sign))
    return index


_HAN: Final = _by_first_letters(HAN)
_KANA: Final = _by_first_letters(KANA)
_HANGUL: Final = _by_first_letters(HANGUL)
_ARABIC: Final = _by_first_letters(ARABIC)
_DEVANAGARI: Final = _by_first_letters(DEVANAGARI)
