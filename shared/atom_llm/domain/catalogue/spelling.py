"""The spellings of one model's name: taken apart by rules, never by resemblance."""

import re
from typing import Final, NamedTuple

_SEPARATORS: Final = re.compile(r"[\s_./:+@,()-]+")
# By ASCII code.
_HYPHENED: Final = bytes(ord(_SEPARATORS.sub("-", chr(each).lower())) for each in range(128)).ljust(256)
_PLUS: Final = re.compile(r"(?<=[a-z])\+(?=[\s(]|$)", re.IGNORECASE)  # "Command R+" is not "Command R"
# Bedrock puts the region of a profile and the vendor in front: `us.anthropic.claude-…`.
HOST_PREFIX: Final = re.compile(
    r"^(?:(?P<region>us-gov|us|eu|au|jp|in|apac|ca|sa|global)\.)?"
    r"(?P<vendor>anthropic|amazon|meta|mistral|cohere|ai21|qwen|openai|google|minimax|moonshotai|moonshot|nvidia|zai"
    r"|writer|twelvelabs|stability|deepseek|xai)\.(?=[a-z])"
)
_BEDROCK_VERSION: Final = re.compile(r"-v\d+:\d+(?::\d+k|:mm)?$")
_CLAUDE_VERSION_FIRST: Final = re.compile(r"^claude-(\d+(?:-\d+)?)-(opus|sonnet|haiku|instant)\b")
_PRECISIONS: Final = ("-fp8", "-bf16", "-nvfp4", "-mxfp4", "-fp4", "-int8", "-int4", "-awq")
_SUFFIXES: Final = ("-latest", "-instruct", "-it", "-hf", "-maas", *_PRECISIONS)
_PREVIEW: Final = "-preview"
_EFFORT: Final = re.compile(
    r"-(?:thinking(?:-\d+k|-minimal)?|no-thinking|non-thinking|(?:x?high|medium|low|max)-\d+k|reasoning|non-reasoning"
    r"|high|xhigh|low|minimal|instant|max)$"
)
# What a caller appends for a setting of the same model, rather than for another one: budgets, and levels of effort.
_BUDGET: Final = re.compile(r"-(?:thinking(?:-\d+k|-minimal)?|no-thinking|non-thinking|high|xhigh|low|minimal)$")
_OWN_THINKERS: Final = ("kimi", "qwen", "glm", "minimax", "ernie", "hunyuan", "deepseek")  # a model of its own there
_KEEPS_MAX: Final = ("qwen", "mistral", "step")
_WRITTEN_DAY: Final = re.compile(r"-(20\d\d)-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(?=-|$)")
_DATE: Final = re.compile(
    r"-(?:"
    r"(?P<ymd>20\d\d-?(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12]\d|3[01]))"
    r"|(?P<my>(?:0[1-9]|1[0-2])-20\d\d)"
    r"|(?P<yymmdd>2[2-9](?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))"
    r"|(?P<yymm>2[2-9](?:0[1-9]|1[0-2]))"
    r"|(?P<mmdd>(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12]\d|3[01]))"
    r")(?=$|-preview$)"
)

MAX_NAME: Final = 256  # characters; the longest real key has 96, and taking a name apart is quadratic in its length


class NameSpelling(NamedTuple):
    """A name taken apart: the stem that all spellings share, its date, and whether `-preview` was dropped."""

    stem: str
    date: str = ""
    preview: bool = False


def folded(text: str) -> str:
    """Return a text in lower case with every separator a hyphen (data rule 1)."""
    if not text.isascii():
        return _SEPARATORS.sub("-", text.strip().lower()).strip("-")
    hyphened = text.encode().translate(_HYPHENED)  # a fifth of the pattern's time, for names by the thousand
    while b"--" in hyphened:
        hyphened = hyphened.replace(b"--", b"-")
    return hyphened.strip(b"-").decode()


def same_words(text: str) -> str:
    """Return all that a name says in one spelling: names that come out equal are one id, spelt in two ways.

    Folded, with days as eight digits and a Claude's family before its version. No word is left out.
    """
    words = folded(_PLUS.sub("-plus", text) if "+" in text else text)
    return _family_first(_WRITTEN_DAY.sub(r"-\1\2\3", words) if "-20" in words else words)


def catalogue_spelling(source_key: str) -> NameSpelling:
    """Take a row's name apart (data rules 1 to 3, 5 and 6)."""
    return _spelling(_own_segment(source_key))


def own_words(source_key: str) -> str:
    """Return a row's name folded, without its host's prefix and version, all its own words kept (data rules 1 and
    2).
    """
    return folded(_own_segment(source_key))


def own_words_and_spelling(source_key: str) -> tuple[str, NameSpelling]:
    """Return both `own_words` and `catalogue_spelling` in one pass, for reading thousands of names."""
    own = own_words(source_key)
    return own, _taken_apart(own)


def _own_segment(source_key: str) -> str:
    segment = source_key.lower().rsplit("/", 1)[-1]
    if "." in segment:
        segment = HOST_PREFIX.sub("", segment)
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
        # A date stands at the end or before `-preview`, and ends in two digits: only there is it worth the slow look.
        if (stem[-2:].isdigit() or stem.endswith(_PREVIEW)) and (found := _DATE.search(stem)):
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
    if kind in ("yymm", "yymmdd"):
        return f"20{digits}"
    return digits


def without_effort(spelling: NameSpelling) -> NameSpelling | None:
    """Drop the effort words that a leaderboard appends to a name (data rule 4); None if there are none."""
    match = _EFFORT.search(spelling.stem)
    if match is None or (match[0] == "-max" and spelling.stem.startswith(_KEEPS_MAX)):
        return None
    weaker = _spelling(spelling.stem[: match.start()])
    return weaker if weaker.date else weaker._replace(date=spelling.date)


def is_same_date(one: str, other: str) -> bool:
    """Return whether two dates of spellings can be one: `0813` and `20260813`, `202512` and `20251201`."""
    shorter, longer = sorted((one, other), key=len)
    return shorter == longer or (len(longer) == 8 and len(shorter) in (4, 6) and _within(shorter, longer))


def _within(shorter: str, longer: str) -> bool:
    return longer.endswith(shorter) if len(shorter) == 4 else longer.startswith(shorter)


def is_full_date(date: str) -> bool:
    """Return whether a spelling's date says its year, so that it can be told from another which is newer."""
    return len(date) >= 6


def without_budget(spelling: NameSpelling) -> NameSpelling | None:
    """Drop a setting that callers append to a name, such as `-thinking-32k`; None if there was none."""
    match = _BUDGET.search(spelling.stem)
    if match is None or (match[0] == "-thinking" and spelling.stem.startswith(_OWN_THINKERS)):
        return None
    shorter = _spelling(spelling.stem[: match.start()])
    return shorter if shorter.date else shorter._replace(date=spelling.date)


def is_version_first(source_key: str) -> bool:
    """Return whether a Claude's name has its version before its family, the older order."""
    return _CLAUDE_VERSION_FIRST.match(source_key) is not None
