"""The codes and sentences of a provider's error body, wherever in it they stand."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

MAX_DEPTH: Final = 6  # of an error body that is looked through; Google's details are the deepest, with four
MAX_SENTENCE: Final = 500  # characters of a provider's reason that are passed on
MAX_READ: Final = 2_000  # characters of a sentence that are looked at, and sentences and codes of a body

_CODES: Final = frozenset({"code", "type", "status", "reason", "status_code", "error_code"})
_SENTENCES: Final = frozenset({"message", "detail", "msg", "status_msg", "error"})
_ECHOES: Final = frozenset({"input", "failed_generation"})  # what was sent, and what the model made of it
_CODE_AT_END: Final = re.compile(r"\((\d{4})\)\s*$")  # MiniMax: "insufficient balance (1008)"
_UNPRINTABLE: Final = re.compile(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202f\u2060-\u206f\ud800-\udfff\ufeff]+")


@dataclass(frozen=True, slots=True)
class ErrorWords:
    """The codes and sentences of a body, in its own spelling and order."""

    codes: tuple[str, ...]
    sentences: tuple[str, ...]

    @property
    def sentence(self) -> str | None:
        """The sentences as one line of at most `MAX_SENTENCE` printable characters; None where there are none."""
        text = "; ".join(dict.fromkeys(filter(None, map(_in_one_line, self.sentences))))
        return text if len(text) <= MAX_SENTENCE else text[: MAX_SENTENCE - 1] + "…" if text else None


def parsed(body: bytes) -> Any:
    """Parse a body as JSON; None for one that is cut, or no JSON."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def told(content: Any) -> ErrorWords:
    """Return the codes and sentences of a parsed body, down to a depth of `MAX_DEPTH`."""
    named = (leaf for leaf in _leaves(content, MAX_DEPTH) if leaf[0] in _CODES or leaf[0] in _SENTENCES)
    leaves = [(name, value[:MAX_READ]) for name, value in islice(named, MAX_READ)]
    sentences = tuple(value for name, value in leaves if name in _SENTENCES)
    at_end = (match[1] for match in map(_CODE_AT_END.search, sentences) if match)
    return ErrorWords((*(value for name, value in leaves if name in _CODES), *at_end), sentences)


def _in_one_line(sentence: str) -> str:
    return _UNPRINTABLE.sub(" ", sentence).strip()


def _leaves(value: Any, depth: int, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text and number of a body with its name, down to a depth."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, int):
        yield name, str(value) if -(10**18) < value < 10**18 else ""
    elif depth == 0:
        return
    elif isinstance(value, dict):
        for inner, each in value.items():
            if inner not in _ECHOES:
                yield from _leaves(each, depth - 1, inner)
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each, depth - 1, name)
