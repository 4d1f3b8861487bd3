"""The wire models of exports of usage."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from atom_llm.domain.ledger.usage_exports import ExportKind
from atom_llm.http.schemas import ControlModel, Instant
from atom_llm.services.ledger.reports.report_usage import Dimension


class UsageExportIn(ControlModel):
    """A file that is asked for: the `calls` of a period, a line an attempt, or its `usage`, a line a day and group."""

    kind: ExportKind
    start: Annotated[
        date | None, Field(alias="from", description="First day (UTC); 30 days before the last one by default.")
    ] = None
    end: Annotated[date | None, Field(alias="to", description="Last day, included; today by default.")] = None
    group_by: Annotated[
        tuple[Dimension, ...],
        Field(
            max_length=8, description="Of usage: what tells lines apart, beside the day.", examples=[["hour", "tier"]]
        ),
    ] = ()


class UsageExportOut(ControlModel):
    """An export, and how far it is: `lines` are those written so far, the headings aside.

    The file of one that is `done` has `pieces`, to be put one behind the other; `failure` says why one is `failed`.
    """

    id: str
    kind: ExportKind
    from_day: date
    to_day: date
    group_by: list[str]
    state: Literal["waiting", "writing", "done", "failed"]
    made_at: Instant
    ended_at: Instant | None
    expires_at: Instant
    lines: int
    pieces: int
    failure: str | None


class UsageExportsOut(ControlModel):
    """A tenant's exports that have not expired, newest first."""

    items: list[UsageExportOut]


class UsageExportDeletedOut(ControlModel):
    """The export that was deleted."""

    deleted: str
