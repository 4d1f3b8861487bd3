"""All rows of a catalogue at a glance, column by column: thousands are ranked without an object of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from atom_llm.domain.pricing.token_prices import PublishedPair


class RowOutline(NamedTuple):
    """A row at a glance, as it is stored.

    `per_token` are the rates of a short prompt; `deprecation` is an ISO date; `context` tokens of the longest prompt.
    """

    id: str
    source_key: str
    provider: str
    mode: str | None
    per_token: PublishedPair
    context: int | None
    capabilities: Sequence[str]
    deprecation: str | None
    first_party: bool
    absent_since: int | None


@dataclass(frozen=True, slots=True)
class CodedColumn[Value]:
    """A column of few different values: each of them once, and for each row the number of its own."""

    values: list[Value]
    numbers: list[int]

    def __getitem__(self, row: int) -> Value:
        """Return a row's value."""
        return self.values[self.numbers[row]]

    def spread(self) -> list[Value]:
        """Return the value of each row."""
        return self.each(self.values)

    def each[Made](self, made: Sequence[Made]) -> list[Made]:
        """Return for each row what was made of its value; `made` has that of each value."""
        return list(map(made.__getitem__, self.numbers))


@dataclass(frozen=True, slots=True)
class RowOutlines:
    """The columns of all rows' outlines, row n in the n-th place of each."""

    ids: list[str]
    source_keys: list[str]
    providers: CodedColumn[str]
    modes: CodedColumn[str | None]
    per_token: CodedColumn[PublishedPair]
    contexts: list[int | None]
    capabilities: CodedColumn[tuple[str, ...]]
    deprecations: list[str | None]
    first_party: list[bool]
    absent_since: list[int | None]

    def __getitem__(self, row: int) -> RowOutline:
        """Return one row."""
        return RowOutline(
            self.ids[row],
            self.source_keys[row],
            self.providers[row],
            self.modes[row],
            self.per_token[row],
            self.contexts[row],
            self.capabilities[row],
            self.deprecations[row],
            self.first_party[row],
            self.absent_since[row],
        )


def coded[Value](column: Iterable[Value]) -> CodedColumn[Value]:
    """Return a column with each of its values once."""
    known: dict[Value, int] = {}
    numbers = [known.setdefault(value, len(known)) for value in column]
    return CodedColumn(list(known), numbers)
