"""All rows of a catalogue at a glance, column by column: thousands are ranked without an object of each."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

PublishedPair = tuple[object, object]
"""The rates of an input and of an output token, as published."""


class RowOutline(NamedTuple):
    """A row at a glance, as it is stored.

    `per_token` is None where rates stand in tiers; `deprecation` is an ISO date; `context` tokens of the longest
    prompt.
    """

    id: str
    source_key: str
    provider: str
    mode: str | None
    per_token: PublishedPair | None
    context: int | None
    capabilities: Sequence[str]
    deprecation: str | None
    first_party: bool
    absent_since: int | None


@dataclass(frozen=True, slots=True)
class RowOutlines:
    """The columns of all rows' outlines, row n in the n-th place of each."""

    ids: list[str]
    source_keys: list[str]
    providers: list[str] = field(default_factory=list)
    modes: list[str | None] = field(default_factory=list)
    per_token: list[PublishedPair | None] = field(default_factory=list)
    contexts: list[int | None] = field(default_factory=list)
    capabilities: list[Sequence[str]] = field(default_factory=list)
    deprecations: list[str | None] = field(default_factory=list)
    first_party: list[bool] = field(default_factory=list)
    absent_since: list[int | None] = field(default_factory=list)

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.ids)

    def __getitem__(self, number: int) -> RowOutline:
        """Return one row."""
        return RowOutline(
            self.ids[number],
            self.source_keys[number],
            self.providers[number],
            self.modes[number],
            self.per_token[number],
            self.contexts[number],
            self.capabilities[number],
            self.deprecations[number],
            self.first_party[number],
            self.absent_since[number],
        )
