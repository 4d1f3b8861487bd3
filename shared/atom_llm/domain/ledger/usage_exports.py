"""An export of a tenant's usage: a file that is written a slice at a time, however long its period is."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, Literal

from atom_llm.domain.core.ids import TenantId, instant_of

ExportKind = Literal["calls", "usage"]

KEPT_FOR: Final = timedelta(days=7)
LEASE: Final = timedelta(minutes=6)  # longer than the function that writes may run: a dead one's export goes on then
MAX_TRIES: Final = 3  # runs in a row that write nothing of an export
UNWRITABLE: Final = f"no part of it was written in {MAX_TRIES} runs; the operator's log says why"


class ExportState(StrEnum):
    """The state of an export."""

    WAITING = "waiting"
    WRITING = "writing"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class UsageExport:
    """An export and how far it came: `written` is the day up to which its file reaches, newest first.

    `behind` is the place of the last row of that day in it; None where the whole day is. `lines` and `pieces` count
    what is written, `tries` the runs since the last piece. `revision` counts the writes of this record, so that of two
    processes one goes on.
    """

    tenant: TenantId
    export_id: str
    kind: ExportKind
    first: date
    last: date
    group_by: tuple[str, ...] = ()
    written: date | None = None
    behind: str | None = None
    lines: int = 0
    pieces: int = 0
    tries: int = 0
    leased_until: datetime | None = None
    ended_at: datetime | None = None
    failure: str | None = None
    revision: int = 0

    @property
    def made_at(self) -> datetime:
        """The instant at which it was asked for."""
        return instant_of(self.export_id)

    @property
    def expires_at(self) -> datetime:
        """The instant from which on it is forgotten."""
        return self.made_at + KEPT_FOR

    @property
    def state(self) -> ExportState:
        """The state that a person is told."""
        if self.ended_at is not None:
            return ExportState.DONE if self.failure is None else ExportState.FAILED
        return ExportState.WRITING if self.pieces or self.leased_until is not None else ExportState.WAITING

    def is_free(self, now: datetime) -> bool:
        """Return whether no other process writes it."""
        return self.leased_until is None or self.leased_until <= now

    def claimed(self, now: datetime) -> "UsageExport":
        """Return it with a lease of ours; failed where the runs before this one came to nothing."""
        if self.tries == MAX_TRIES:
            return self.failed(UNWRITABLE, now)
        return replace(self, tries=self.tries + 1, leased_until=now + LEASE)

    def released(self) -> "UsageExport":
        """Return it without our lease: the next run goes on at once."""
        return replace(self, leased_until=None)

    def reaching(self, day: date, behind: str | None, *, pieces: int, lines: int) -> "UsageExport":
        """Return it with so many more pieces and lines, up to a day, or to a place within it."""
        return replace(self, written=day, behind=behind, tries=0, pieces=self.pieces + pieces, lines=self.lines + lines)

    def finished(self, now: datetime) -> "UsageExport":
        """Return it as whole."""
        return replace(self, ended_at=now, leased_until=None)

    def failed(self, failure: str, now: datetime) -> "UsageExport":
        """Return it as one that is given up, and why."""
        return replace(self, ended_at=now, leased_until=None, failure=failure)
