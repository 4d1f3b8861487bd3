"""The spellings of model names, and the row that each name means: by rules, never by resemblance."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

Match = Literal["exact", "alias", "undated", "dated", "weak"]
"""exact: an id or source key; alias: another spelling; undated: a dated name met an undated row;
dated: an undated name met its newest dated row; weak: only after dropping `-preview` or an effort word."""

_SEPARATORS: Final = re.compile(r"[\s_./:+@,()-]+")
_HOST_PREFIX: Final = re.compile(
    r"^(?:(?:us-gov|us|eu|au|jp|apac|ca|sa|global)\.)?"
    r"(?:anthropic|amazon|meta|mistral|cohere|ai21|qwen|openai|google|minimax|moonshotai|moonshot|nvidia|zai|writer"
    r"|twelvelabs|stability)\.(?=[a-z])"
)
_BEDROCK_VERSION: Final = re.compile(r"-v\d+:\d+(?::\d+k|:mm)?$")
_CLAUDE_VERSION_FIRST: Final = re.compile(r"^claude-(\d+(?:-\d+)?)-(opus|sonnet|haiku|instant)\b")
_SUFFIXES: Final = ("-latest", "-instruct", "-it", "-hf", "-fp8", "-bf16", "-maas")
_PREVIEW: Final = "-preview"
_EFFORT: Final = re.compile(
    r"-(?:thinking(?:-\d+k|-minimal)?|no-thinking|non-thinking|reasoning|non-reasoning"
    r"|high|xhigh|low|minimal|instant|max)$"
)
_KEEPS_MAX: Final = ("qwen", "mistral", "step")
_DATE: Final = re.compile(
    r"-(?:"
    r"(?P<ymd>20\d\d-?(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12]\d|3[01]))"
    r"|(?P<my>(?:0[1-9]|1[0-2])-20\d\d)"
    r"|(?P<yymm>2[2-9](?:0[1-9]|1[0-2]))"
    r"|(?P<mmdd>(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12]\d|3[01]))"
    r")(?=$|-preview$)"
)

MAX_NAME: Final = 256  # characters; the longest real key has 96, and taking a name apart is quadratic in its length
MAX_NEAR_NAMES: Final = 5
NEAR_ENOUGH: Final = 0.3  # shared three-letter pieces over all pieces; below, a suggestion only confuses


class NameSpelling(NamedTuple):
    """A name taken apart: the stem that all spellings share, its date, and whether `-preview` was dropped."""

    stem: str
    date: str = ""
    preview: bool = False


@dataclass(frozen=True, slots=True)
class NamedRow:
    """The fields of a row that the name index needs."""

    id: str
    source_key: str
    provider: str
    first_party: bool


@dataclass(frozen=True, slots=True)
class NameResolution:
    """The row that a name means, how it was found, and the other rows of the same name (hosts), best first."""

    id: str
    match: Match
    also: tuple[str, ...] = ()


def folded(text: str) -> str:
    """Return a text in lower case with every separator a hyphen (data rule 1)."""
    return _SEPARATORS.sub("-", text.strip().lower()).strip("-")


def catalogue_spelling(source_key: str) -> NameSpelling:
    """Take a row's name apart (data rules 1 to 3, 5 and 6)."""
    return _spelling(_own_segment(source_key))


def own_words(source_key: str) -> str:
    """Return a row's name folded, without its host's prefix and version, all own words kept (data rules 1 and 2)."""
    return folded(_own_segment(source_key))


def own_words_and_spelling(source_key: str) -> tuple[str, NameSpelling]:
    """Return both `own_words` and `catalogue_spelling` in one pass, for reading thousands of names."""
    own = own_words(source_key)
    return own, _taken_apart(own)


def _own_segment(source_key: str) -> str:
    segment = source_key.lower().rsplit("/", 1)[-1]
    if "." in segment:
        segment = _HOST_PREFIX.sub("", segment)
    return _BEDROCK_VERSION.sub("", segment) if ":" in segment else segment


def query_spelling(name: str) -> NameSpelling:
    """Take a caller's name apart by the rules of `catalogue_spelling`."""
    return catalogue_spelling(name)


def _spelling(segment: str) -> NameSpelling:
    return _taken_apart(folded(segment))


def _taken_apart(own: str) -> NameSpelling:
    stem = _family_first(own)
    date, preview = "", False
    while True:
        # A date stands at the end or before `-preview`: only there is it worth the slow look.
        if (stem[-1:].isdigit() or stem.endswith(_PREVIEW)) and (found := _DATE.search(stem)):
            kind, text = next((kind, text) for kind, text in found.groupdict().items() if text)
            date, stem = _comparable_date(kind, text), stem[: found.start()] + stem[found.end() :]
        elif stem.endswith(_SUFFIXES):
            stem = stem.rpartition("-")[0]
        elif stem.endswith(_PREVIEW):
            stem, preview = stem.removesuffix(_PREVIEW), True
        else:
            return NameSpelling(_family_first(stem), date, preview)


def _family_first(stem: str) -> str:
    return _CLAUDE_VERSION_FIRST.sub(r"claude-\2-\1", stem) if stem.startswith("claude-") else stem


def _comparable_date(kind: str, text: str) -> str:
    digits = text.replace("-", "")
    if kind == "my":
        return digits[2:] + digits[:2]
    if kind == "yymm":
        return f"20{digits}"
    return digits


def without_effort(spelling: NameSpelling) -> NameSpelling | None:
    """Drop the effort words that a leaderboard appends to a name (data rule 4); None if there are none."""
    match = _EFFORT.search(spelling.stem)
    if match is None or (match[0] == "-max" and spelling.stem.startswith(_KEEPS_MAX)):
        return None
    weaker = _spelling(spelling.stem[: match.start()])
    return weaker if weaker.date else weaker._replace(date=spelling.date)


class NameIndex:
    """An index of all names of a catalogue, for look-up by any spelling."""

    def __init__(self, rows: Iterable[NamedRow], providers: Mapping[str, str]) -> None:
        """Index the rows; `providers` maps each word that names a provider in front of a slash to the provider's id."""
        self._providers = providers
        self._exact: dict[str, NamedRow] = {}
        self._by_stem: dict[str, list[tuple[NameSpelling, NamedRow]]] = {}
        for row in rows:
            spelling = catalogue_spelling(row.source_key)
            if spelling.stem:
                self._by_stem.setdefault(spelling.stem, []).append((spelling, row))
            same = self._exact.setdefault(folded_exactly(row.source_key), row)
            self._exact[folded_exactly(row.source_key)] = min(same, row, key=_preference)
        for candidates in self._by_stem.values():
            candidates.sort(key=lambda each: _preference(each[1]))

    def resolve(self, name: str) -> NameResolution | None:
        """Return the row that a name means, or None; no prefix, part or resemblance counts.

        A provider in front of the name (`anthropic/claude-sonnet-4.5`) keeps the search among its rows. A name that is
        longer than any model's means nothing.
        """
        if len(name) > MAX_NAME:
            return None
        same_but_for_case = self._exact.get(folded_exactly(name))
        if same_but_for_case is not None:
            return NameResolution(same_but_for_case.id, "alias")
        spelling, provider = query_spelling(name), self._provider_of(name)
        if not spelling.stem:
            return None
        # Every step among the vendors' own rows, then every step among the hosts': a vendor's undated row is nearer
        # to what a name means than a host's row of that very name.
        for first_party in (True, False) if provider is None else (False,):
            wanted: NameSpelling | None = spelling
            while wanted is not None:
                found = self._among(wanted, provider, first_party=first_party)
                if found is not None:
                    return found if wanted is spelling else NameResolution(found.id, "weak", found.also)
                wanted = without_effort(wanted)
        return None

    def spelt(self, stem: str) -> Sequence[tuple[NameSpelling, NamedRow]]:
        """Return every row whose name comes down to a stem, the vendor's own first."""
        return self._by_stem.get(stem, ())

    def near(self, name: str) -> tuple[str, ...]:
        """Return up to five ids whose names share the most three-letter pieces with a name, the vendor's own first."""
        wanted = _pieces(query_spelling(name[:MAX_NAME]).stem)
        if not wanted:
            return ()
        scored = []
        for stem, candidates in self._by_stem.items():
            pieces = _pieces(stem)
            closeness = len(wanted & pieces) / len(wanted | pieces)
            if closeness >= NEAR_ENOUGH:
                scored.append((-closeness, *_preference(candidates[0][1])))
        return tuple(entry[-1] for entry in sorted(scored)[:MAX_NEAR_NAMES])

    def _provider_of(self, name: str) -> str | None:
        first, slash, _ = name.lower().partition("/")
        return self._providers.get(first) if slash else None

    def _among(self, wanted: NameSpelling, provider: str | None, *, first_party: bool) -> NameResolution | None:
        everywhere = self._by_stem.get(wanted.stem, [])
        candidates = [
            each
            for each in everywhere
            if (provider is None or each[1].provider == provider) and (each[1].first_party or not first_party)
        ]
        if not candidates:
            return None
        date, match = date_to_take(wanted.date, {spelling.date for spelling, _ in candidates})
        if date is None:
            return None
        chosen, row = min(
            (each for each in candidates if each[0].date == date),
            key=lambda each: (each[0].preview != wanted.preview, _preference(each[1])),
        )
        if wanted.preview and not chosen.preview:
            match = "weak"
        also = tuple(other.id for spelling, other in everywhere if spelling.date == date and other is not row)
        return NameResolution(row.id, match, also)


def date_to_take(wanted: str, published: set[str]) -> tuple[str | None, Match]:
    """Return the date whose rows a name may take, with the kind of match; None when no date fits.

    A dated name takes its own date, else undated rows, and never a differently dated one; an undated name the newest.
    """
    if wanted in published:
        return wanted, "alias"
    if wanted:
        return ("", "undated") if "" in published else (None, "undated")
    return max(published), "dated"


def folded_exactly(text: str) -> str:
    """Return a text in lower case and otherwise unchanged: no provider tells two models apart by case."""
    return text.strip().lower()


def _preference(row: NamedRow) -> tuple[bool, int, bool, str]:
    """Return a sort key, complete by its id: the vendor's own row, the shortest path, the present word order first."""
    is_version_first = _CLAUDE_VERSION_FIRST.match(row.source_key) is not None
    return (not row.first_party, row.source_key.count("/"), is_version_first, row.id)


def _pieces(stem: str) -> frozenset[str]:
    padded = f" {stem} "
    return frozenset(padded[i : i + 3] for i in range(len(padded) - 2)) if stem else frozenset()
