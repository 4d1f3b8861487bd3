"""What a leaderboard writes in brackets behind a name: how a model was run, and no part of which model it is."""

import re
from typing import Final

_BRACKETS: Final = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]")
_PIECES: Final = re.compile(r"\s*[,;|]\s*")
_THOUGHT: Final = "thinking|reasoning"
_LEVEL: Final = r"none|minimal|low|medium|high|x-?high|max|ultra|auto|default|\d+k"
_SETTING: Final = re.compile(
    r"(?:"
    rf"(?:(?:no|non|adaptive|dynamic|extended|hybrid)[ -])?(?:{_THOUGHT})(?:[ -](?:mode|on|off|minimal|\d+k))?"
    rf"|(?:{_LEVEL})(?:[ -](?:effort|{_THOUGHT}|budget|tokens))?"
    rf"|(?:effort|{_THOUGHT}|budget)[ :=-]+(?:{_LEVEL})"
    r"|nvfp4|mxfp4|fp4|fp8|fp16|bf16|int4|int8|awq|gptq|gguf|[48]-?bit"
    r"|(?:.*[ -])?(?:harness|scaffold)"
    r"|(?:with|without|no|w/o?) (?:tools|search|web search|browsing|python|code execution)"
    r")",
    re.IGNORECASE,
)
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH: Final = re.compile(rf"({'|'.join(_MONTHS)})[a-z]*\.?[ '-]+(20\d\d)", re.IGNORECASE)


def without_settings(name: str) -> str:
    """Return a name without the settings in its brackets: efforts, budgets, precisions, harnesses; dates stay.

    `Claude Opus 4.5 (High, 32K, 20251101)` is `Claude Opus 4.5 20251101`. Other words in brackets stay as words.
    """
    return _BRACKETS.sub(_kept, name).strip()


def _kept(brackets: re.Match[str]) -> str:
    pieces = (piece.strip() for piece in _PIECES.split(brackets[1]))
    words = [_MONTH.sub(_numbered, piece) for piece in pieces if piece and not _SETTING.fullmatch(piece)]
    return "".join(f" {word}" for word in words)


def _numbered(written: re.Match[str]) -> str:
    """`Nov 2025` as names of models spell it: `11-2025`."""
    return f"{_MONTHS.index(written[1].lower()) + 1:02d}-{written[2]}"
