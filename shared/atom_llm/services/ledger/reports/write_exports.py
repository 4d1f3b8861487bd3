"""The writing of exports of usage, a piece at a time: a run goes on where the one before it stopped, or died."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple, Protocol

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.ledger.rows import LedgerRow
from atom_llm.domain.ledger.sums import Sums
from atom_llm.domain.ledger.usage_exports import UsageExport
from atom_llm.observability import logger
from atom_llm.ports.core import Clock
from atom_llm.ports.ledger import Ledger, UsageSums
from atom_llm.ports.usage_exports import UsageExportStore
from atom_llm.services.ledger.reports.list_calls import days_with_rows
from atom_llm.services.ledger.reports.report_usage import Dimension, Group
from atom_llm.services.ledger.reports.rows_report import rows_report

MAX_PIECE: Final = 3_000_000  # characters; a Lambda answers 6 MB, in which every quotation mark is escaped
ESCAPED: Final = 6  # characters of JSON for one beyond ASCII
MAX_GROUPS: Final = 100_000  # of a day, which are in memory at once
ROWS_A_REQUEST: Final = 500
EXPORTS_A_RUN: Final = 20


class ExportFormat(Protocol):
    """The lines of a file, each with its end."""

    def header(self, group_by: Sequence[str]) -> str:
        """Return the line of headings: of calls, or of usage by so many dimensions."""
        ...

    def call(self, row: LedgerRow) -> str:
        """Return the line of a call's attempt."""
        ...

    def group(self, group_by: Sequence[str], group: Group, sums: Sums) -> str:
        """Return the line of a group."""
        ...


class ExportPart(NamedTuple):
    """Lines that stand or fall together, and how far the file reaches with them."""

    lines: Sequence[str]
    day: date
    behind: str | None


class ExportStep(NamedTuple):
    """Pieces that are noted together, and how far the file reaches with them."""

    pieces: Sequence[str]
    lines: int
    day: date
    behind: str | None


@dataclass(slots=True)
class ExportRun:
    """The counts of a run: exports that were finished, those given up, and the lines that were written."""

    finished: int = 0
    failed: int = 0
    lines: int = 0


class ExportWriter:
    """The writer of exports of all tenants."""

    def __init__(
        self, store: UsageExportStore, ledger: Ledger, sums: UsageSums, clock: Clock, max_piece: int = MAX_PIECE
    ) -> None:
        """`max_piece` is the number of characters of a piece from which on the next one begins."""
        self._store = store
        self._ledger = ledger
        self._sums = sums
        self._clock = clock
        self._max_piece = max_piece

    def run(self, until: datetime, form: ExportFormat) -> ExportRun:
        """Write what is asked for, oldest first, until an instant; a failure is raised, and the next run tries again.

        An export of which runs in a row write nothing is given up, so that none waits behind it for ever.
        """
        done = ExportRun()
        for export in self._store.unfinished(EXPORTS_A_RUN):
            now = self._clock()
            if now >= until:
                break
            ours = self._store.save(export.claimed(now)) if export.is_free(now) else None
            if ours is not None and ours.ended_at is None:
                ours = self._write(ours, until, form, done)
            if ours is not None and ours.ended_at is not None:
                _count(ours, done)
        return done

    def _write(self, export: UsageExport, until: datetime, form: ExportFormat, done: ExportRun) -> UsageExport | None:
        """Return the export as far as it came; None where another process has it, or its tenant has deleted it."""
        try:
            for step in self._steps(export, form):
                noted = self._note(export, step)
                if noted is None:
                    return None
                export = noted
                done.lines += step.lines
                if self._clock() >= until:
                    return self._store.save(export.released())
        except InvalidRequest as refused:
            return self._store.save(export.failed(refused.message, self._clock()))
        return self._store.save(export.finished(self._clock()))

    def _note(self, export: UsageExport, step: ExportStep) -> UsageExport | None:
        """Store pieces, then that they are there; takes them back where the export is gone meanwhile."""
        for number, text in enumerate(step.pieces, start=export.pieces + 1):
            self._store.put_piece(export, number, text)
        reached = export.reaching(step.day, step.behind, pieces=len(step.pieces), lines=step.lines)
        saved = self._store.save(reached)
        if saved is None and self._store.get(export.tenant, export.export_id) is None:
            self._store.delete(reached)
        return saved

    def _steps(self, export: UsageExport, form: ExportFormat) -> Iterator[ExportStep]:
        """Yield what is still to be written, in steps of a piece or more."""
        is_begun = export.written is not None
        written = [] if is_begun else [form.header(export.group_by)]
        length, lines = sum(map(_length, written)), 0
        part = ExportPart([], export.written or export.first, export.behind)
        for part in self._parts(export, form):
            written += part.lines
            length += sum(map(_length, part.lines))
            lines += len(part.lines)
            if length >= self._max_piece:
                yield ExportStep(_pieces(written, self._max_piece), lines, part.day, part.behind)
                written, length, lines = [], 0, 0
        if written:
            yield ExportStep(_pieces(written, self._max_piece), lines, part.day, part.behind)

    def _parts(self, export: UsageExport, form: ExportFormat) -> Iterator[ExportPart]:
        """Yield the lines that are still to be written, newest day first: row by row, or the groups of a day."""
        today = self._clock().date()
        last = min(export.last, today) if export.written is None else export.written
        for day in days_with_rows(self._sums, export.tenant, export.first, last, today):
            is_begun = day == export.written
            if export.kind == "calls":
                behind = export.behind if is_begun else None
                for row in self._rows(export, day, behind):
                    yield ExportPart([form.call(row)], day, row.attempt.place)
            elif not is_begun:
                dimensions: Sequence[Dimension] = export.group_by  # type: ignore[assignment]  # as they were asked for
                groups = rows_report(self._rows(export, day), dimensions, at_most=MAX_GROUPS).groups
                yield ExportPart([form.group(dimensions, group, sums) for group, sums in groups.items()], day, None)

    def _rows(self, export: UsageExport, day: date, behind: str | None = None) -> Iterator[LedgerRow]:
        return self._ledger.rows_of_day(export.tenant, day, behind=behind, page_size=ROWS_A_REQUEST)


def _count(export: UsageExport, done: ExportRun) -> None:
    if export.failure is None:
        done.finished += 1
        return
    done.failed += 1
    logger().error(
        "an export of usage was given up", tenant=export.tenant, export=export.export_id, failure=export.failure
    )


def _pieces(lines: Sequence[str], most: int) -> list[str]:
    """Join lines to pieces that each end with the line by which they have `most` characters."""
    pieces, begins, length = [], 0, 0
    for number, line in enumerate(lines, start=1):
        length += _length(line)
        if length >= most or number == len(lines):
            pieces.append("".join(lines[begins:number]))
            begins, length = number, 0
    return pieces


def _length(line: str) -> int:
    """Return the characters that a line takes in Lambda's JSON, quotation marks aside."""
    return len(line) if line.isascii() else len(line) * ESCAPED
