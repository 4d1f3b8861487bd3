"""Exports of usage, in memory."""

from collections.abc import Mapping
from dataclasses import replace

from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger.usage_exports import UsageExport

Place = tuple[TenantId, str]


class UsageExportsInMemory:
    """Implements `UsageExportStore`."""

    def __init__(self) -> None:
        self.exports: dict[Place, UsageExport] = {}
        self.pieces: dict[tuple[Place, int], str] = {}

    def put(self, export: UsageExport) -> None:
        self.exports[_place(export)] = export

    def get(self, tenant: TenantId, export_id: str) -> UsageExport | None:
        return self.exports.get((tenant, export_id))

    def of(self, tenant: TenantId) -> list[UsageExport]:
        found = [each for each in self.exports.values() if each.tenant == tenant]
        return sorted(found, key=lambda each: each.export_id, reverse=True)

    def unfinished(self, limit: int) -> list[UsageExport]:
        found = [each for each in self.exports.values() if each.ended_at is None]
        return sorted(found, key=lambda each: each.export_id)[:limit]

    def save(self, export: UsageExport) -> UsageExport | None:
        there = self.exports.get(_place(export))
        if there is None or there.revision != export.revision:
            return None
        saved = self.exports[_place(export)] = replace(export, revision=export.revision + 1)
        return saved

    def put_piece(self, export: UsageExport, number: int, text: str) -> None:
        self.pieces[_place(export), number] = text

    def piece(self, export: UsageExport, number: int) -> str | None:
        return self.pieces.get((_place(export), number))

    def delete(self, export: UsageExport) -> None:
        self.exports.pop(_place(export), None)
        for key in [key for key in self.pieces if key[0] == _place(export)]:
            del self.pieces[key]

    def erase(self, tenant: TenantId) -> Mapping[str, int]:
        exports = self.of(tenant)
        for export in exports:
            self.delete(export)
        return {"usage_exports_deleted": len(exports)}


def _place(export: UsageExport) -> Place:
    return export.tenant, export.export_id
