"""The reading of an uploaded export, by provider, content and form."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final, Literal

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.ledger.exports import anthropic, openai
from atom_llm.domain.ledger.exports.fields import MAX_LINES
from atom_llm.domain.ledger.exports.line import ExportedLine, ExportReading, LinesByDay

ExportContent = Literal["usage", "costs"]
ReadForm = Callable[[Any, str], LinesByDay]

PROVIDERS: Final[Mapping[tuple[str, ExportContent], tuple[ReadForm, ReadForm]]] = {
    ("openai", "costs"): (openai.costs_of_pages, openai.costs_of_table),
    ("openai", "usage"): (openai.usage_of_pages, openai.usage_of_table),
    ("anthropic", "costs"): (anthropic.costs_of_pages, anthropic.costs_of_table),
    ("anthropic", "usage"): (anthropic.usage_of_pages, anthropic.usage_of_table),
}


def read_export(provider: str, content: ExportContent, given: Sequence[Any] | str) -> ExportReading:
    """Return all lines of an export: pages of the provider's API, one behind the other, or a CSV file of its console.

    Raises `InvalidRequest` naming the line and the field of whatever is not as the provider documents it.
    """
    of_pages, of_table = PROVIDERS[provider, content]
    lines: list[ExportedLine] = []
    days: set[date] = set()
    unread: set[str] = set()
    for day, line, more in of_table(given, content) if isinstance(given, str) else of_pages(given, content):
        days.add(day)
        unread |= more
        if line is not None:
            lines.append(line)
        if len(lines) > MAX_LINES:
            raise InvalidRequest(content, f"has more than {MAX_LINES:,} lines: upload a shorter period")
    return ExportReading(tuple(lines), frozenset(days), frozenset(unread))
