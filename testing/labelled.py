"""The labelled prompts: loaded, with their long texts written out."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import cycle
from pathlib import Path
from typing import Any, Final

from atom_llm.domain.pricing.token_estimate import estimated_tokens
from atom_llm.domain.tiers.tier import Tier

DATA: Final = Path(__file__).parent / "data"
LONG: Final = re.compile(r"⟦([^⟦⟧ ]+) (\d+)⟧")  # paragraphs of a named corpus, until they are so many tokens


@dataclass(frozen=True, slots=True)
class Labelled:
    """A prompt with the tier that it needs and the reason; `messages` as the chat route takes them."""

    id: str
    split: str
    language: str
    kind: str
    tier: Tier
    why: str
    messages: Sequence[Mapping[str, Any]]


def labelled(split: str | None = None) -> tuple[Labelled, ...]:
    """Return the prompts of one half, or all."""
    return tuple(each for each in _all() if split in (None, each.split))


@cache
def _all() -> tuple[Labelled, ...]:
    lines = (DATA / "labelled_prompts.jsonl").read_text().splitlines()
    return tuple(_read(json.loads(line)) for line in lines)


def _read(row: dict[str, Any]) -> Labelled:
    messages = row.get("messages") or [{"role": "user", "content": row["prompt"]}]
    return Labelled(
        row["id"],
        row["split"],
        row["language"],
        row["kind"],
        Tier(row["tier"]),
        row["why"],
        _written_out(messages),
    )


def _written_out(value: Any) -> Any:
    """Return a value with every ⟦corpus tokens⟧ in its texts as that text."""
    if isinstance(value, str):
        return LONG.sub(lambda found: long_text(found[1], int(found[2])), value)
    if isinstance(value, list):
        return [_written_out(each) for each in value]
    if isinstance(value, dict):
        return {name: _written_out(each) for name, each in value.items()}
    return value


@cache
def long_text(corpus: str, tokens: int) -> str:
    """Return paragraphs of a corpus, from its first on and again, until they are at least so many tokens."""
    return "\n".join(_paragraphs(corpus, tokens))


def _paragraphs(corpus: str, tokens: int) -> Iterator[str]:
    counted = 0
    for paragraph in cycle(_corpora()[corpus]):
        yield paragraph
        counted += estimated_tokens(paragraph)
        if counted >= tokens:
            return


@cache
def _corpora() -> Mapping[str, Sequence[str]]:
    corpora: dict[str, list[str]] = json.loads((DATA / "labelled_corpora.json").read_text())
    return corpora
