"""Exports of usage as the routes answer them, and the lines of their files."""

from collections.abc import Sequence
from functools import lru_cache

from atom_llm.domain.ledger.rows import LedgerRow
from atom_llm.domain.ledger.sums import Sums
from atom_llm.domain.ledger.usage_exports import UsageExport
from atom_llm.http.files.csv_report import CsvLines
from atom_llm.services.ledger.reports.report_usage import Group
from functions.byok.usage import present_usage
from functions.byok.usage import schemas_exports as schemas
from functions.byok.usage.schemas_usage import CallOut, UsageGroupOut


def export(each: UsageExport) -> schemas.UsageExportOut:
    """Return an export, as it is shown."""
    return schemas.UsageExportOut(
        id=each.export_id,
        kind=each.kind,
        from_day=each.first,
        to_day=each.last,
        group_by=list(each.group_by),
        state=each.state.value,
        made_at=each.made_at,
        ended_at=each.ended_at,
        expires_at=each.expires_at,
        lines=each.lines,
        pieces=each.pieces,
        failure=each.failure,
    )


class ExportAsCsv:
    """Implements `ExportFormat`: the columns that the routes `usage` and `usage/calls` have as CSV."""

    def header(self, group_by: Sequence[str]) -> str:
        """Return the line of headings."""
        return _of_groups(tuple(group_by)).headings() if group_by else _of_calls().headings()

    def call(self, row: LedgerRow) -> str:
        """Return the line of a call's attempt."""
        return _of_calls().line(present_usage.call(row))

    def group(self, group_by: Sequence[str], group: Group, sums: Sums) -> str:
        """Return the line of a group."""
        words = dict(zip(group_by, group, strict=True))
        shown = UsageGroupOut(group=words, **present_usage.sums_out(sums).model_dump())
        return _of_groups(tuple(group_by)).line(shown)


@lru_cache(maxsize=1)
def _of_calls() -> CsvLines[CallOut]:
    return CsvLines(CallOut)


@lru_cache(maxsize=20)
def _of_groups(group_by: tuple[str, ...]) -> CsvLines[UsageGroupOut]:
    return CsvLines(UsageGroupOut, {"group": group_by})
