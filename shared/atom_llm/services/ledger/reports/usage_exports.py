"""Exports of usage: asked for, looked at, fetched and taken away; `write_exports.py` writes them."""

from datetime import date
from secrets import token_bytes
from typing import Final

from atom_llm.domain.core.errors import Conflict, InvalidRequest, NotFound
from atom_llm.domain.core.ids import RANDOM_BYTES, TenantId, ulid
from atom_llm.domain.ledger.usage_exports import ExportKind, ExportState, UsageExport
from atom_llm.ports.core import Clock
from atom_llm.ports.usage_exports import UsageExportStore
from atom_llm.services.ledger.reports.report_usage import Dimension

MAX_UNFINISHED: Final = 5  # exports of a tenant that wait, so that nobody else's waits for long
MAX_KEPT: Final = 50  # exports of a tenant, of a week


class UsageExports:
    """The use cases of a tenant's exports."""

    def __init__(self, store: UsageExportStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def ask(
        self, tenant: TenantId, kind: ExportKind, first: date, last: date, group_by: tuple[Dimension, ...]
    ) -> UsageExport:
        """Store a new export of a period, both days (UTC) included, and return it.

        Usage is by day and by what else it is grouped by. Raises `InvalidRequest` for calls that are to be grouped,
        and `Conflict` where the tenant has as many exports as it may.
        """
        if kind == "calls" and group_by:
            raise InvalidRequest("group_by", "is for usage; calls stand one by one")
        kept = self.of(tenant)
        if sum(each.ended_at is None for each in kept) >= MAX_UNFINISHED:
            raise Conflict(f"{MAX_UNFINISHED} exports have not ended; wait for one of them, or delete one")
        if len(kept) >= MAX_KEPT:
            raise Conflict(f"there are {MAX_KEPT} exports; delete one, or wait until one expires")
        now = self._clock()
        export_id = ulid(now, token_bytes(RANDOM_BYTES))
        grouped = () if kind == "calls" else tuple(dict.fromkeys(("day", *group_by)))
        export = UsageExport(tenant, export_id, kind, first, last, grouped)
        self._store.put(export)
        return export

    def of(self, tenant: TenantId) -> list[UsageExport]:
        """Return a tenant's exports that have not expired, newest first."""
        now = self._clock()
        return [each for each in self._store.of(tenant) if each.expires_at > now]

    def get(self, tenant: TenantId, export_id: str) -> UsageExport:
        """Return an export; raises `NotFound` where the tenant has none of that id."""
        found = self._store.get(tenant, export_id)
        if found is None or found.expires_at <= self._clock():
            raise NotFound("there is no export of that id, or it has expired", export=export_id)
        return found

    def piece(self, export: UsageExport, number: int) -> str:
        """Return a piece of a file, from 1 on; raises `Conflict` before it is whole, and `NotFound` for none of its."""
        if export.state is not ExportState.DONE:
            raise Conflict(f"the export is {export.state}: there is no file", state=str(export.state))
        text = self._store.piece(export, number) if 1 <= number <= export.pieces else None
        if text is None:
            raise NotFound(f"the file has {export.pieces} pieces", piece=number)
        return text

    def delete(self, tenant: TenantId, export_id: str) -> None:
        """Delete an export and its file, whether it has ended or not; raises `NotFound`."""
        self._store.delete(self.get(tenant, export_id))
