"""Exports of usage in DynamoDB: an item an export, one more while it has not ended, and its file in chunks."""

import gzip
from collections.abc import Iterator, Mapping
from datetime import date

from atom_llm.adapters.dynamodb import keys
from atom_llm.adapters.dynamodb.attributes import instant
from atom_llm.adapters.dynamodb.chunks import delete_chunks, get_chunks, in_chunks
from atom_llm.adapters.dynamodb.table import ConditionFailed, Item, Table
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger.usage_exports import UsageExport


class DynamoUsageExports:
    """Implements `UsageExportStore` on the usage table, whose TTL forgets what has expired."""

    def __init__(self, table: Table) -> None:
        """Take the usage table."""
        self._table = table

    def put(self, export: UsageExport) -> None:
        """Write the export, and beside it that it has not ended."""
        ttl = {"ttl": int(export.expires_at.timestamp())}
        self._table.transact(
            [
                self._table.putting(_key(export), _item(export)),
                self._table.putting(keys.unfinished_export(export.tenant, export.export_id), ttl),
            ]
        )

    def get(self, tenant: TenantId, export_id: str) -> UsageExport | None:
        """Return an export of a tenant. Consistent."""
        item = self._table.get(keys.usage_export(tenant, export_id), consistent=True)
        return None if item is None else _export(item)

    def of(self, tenant: TenantId) -> list[UsageExport]:
        """Return a tenant's exports, newest first. Consistent."""
        found = self._table.query(keys.usage_exports(tenant), descending=True, consistent=True)
        return [_export(item) for item in found]

    def unfinished(self, limit: int) -> list[UsageExport]:
        """Return the exports that have not ended, oldest first; notes of those that are gone are removed."""
        found = []
        for note in list(self._table.query(keys.UNFINISHED_EXPORTS, limit=limit)):
            tenant, export_id = keys.of_unfinished_export(note["sk"])
            export = self.get(TenantId(tenant), export_id)
            if export is None:
                self._table.delete((keys.UNFINISHED_EXPORTS, note["sk"]))
            else:
                found.append(export)
        return found

    def save(self, export: UsageExport) -> UsageExport | None:
        """Write an export over the revision that was read; with its end goes the note that it has not ended."""
        item = _item(export) | {"revision": export.revision + 1}
        still = {":was": export.revision}
        writes = [self._table.putting(_key(export), item, condition="revision = :was", values=still)]
        if export.ended_at is not None:
            writes.append(self._table.deleting(keys.unfinished_export(export.tenant, export.export_id)))
        try:
            self._table.transact(writes)
        except ConditionFailed:
            return None
        return _export(item)

    def put_piece(self, export: UsageExport, number: int, text: str) -> None:
        """Write a piece, compressed; what another run left of it goes first."""
        partition = keys.export_piece(export.tenant, export.export_id, number)
        delete_chunks(self._table, partition)
        ttl = int(export.expires_at.timestamp())
        for place, chunk in enumerate(in_chunks(gzip.compress(text.encode(), compresslevel=6, mtime=0))):
            self._table.put(keys.chunk(partition, place), {**chunk, "ttl": ttl})

    def piece(self, export: UsageExport, number: int) -> str | None:
        """Return a piece, or None where it is not whole."""
        packed = get_chunks(self._table, keys.export_piece(export.tenant, export.export_id, number))
        return None if packed is None else gzip.decompress(packed).decode()

    def delete(self, export: UsageExport) -> None:
        """Delete an export's file, with pieces that a run wrote and did not live to note, then the export."""
        for partition in self._pieces(export):
            delete_chunks(self._table, partition)
        self._table.transact(
            [
                self._table.deleting(_key(export)),
                self._table.deleting(keys.unfinished_export(export.tenant, export.export_id)),
            ]
        )

    def erase(self, tenant: TenantId) -> Mapping[str, int]:
        """Delete all of a tenant's exports."""
        exports = self.of(tenant)
        for export in exports:
            self.delete(export)
        return {"usage_exports_deleted": len(exports)}

    def _pieces(self, export: UsageExport) -> Iterator[str]:
        """Yield the partitions of the pieces that are noted, and of those behind them, up to the first that is none."""
        number = 1
        while True:
            partition = keys.export_piece(export.tenant, export.export_id, number)
            if number > export.pieces and next(self._table.query(partition, limit=1), None) is None:
                return
            yield partition
            number += 1


def _key(export: UsageExport) -> keys.Key:
    return keys.usage_export(export.tenant, export.export_id)


def _item(export: UsageExport) -> Item:
    return {
        "tenant": export.tenant,
        "export_id": export.export_id,
        "kind": export.kind,
        "first": export.first.isoformat(),
        "last": export.last.isoformat(),
        "group_by": list(export.group_by),
        "written": None if export.written is None else export.written.isoformat(),
        "behind": export.behind,
        "lines": export.lines,
        "pieces": export.pieces,
        "tries": export.tries,
        "leased_until": None if export.leased_until is None else export.leased_until.isoformat(),
        "ended_at": None if export.ended_at is None else export.ended_at.isoformat(),
        "failure": export.failure,
        "revision": export.revision,
        "ttl": int(export.expires_at.timestamp()),
    }


def _export(item: Item) -> UsageExport:
    return UsageExport(
        tenant=TenantId(item["tenant"]),
        export_id=item["export_id"],
        kind=item["kind"],
        first=date.fromisoformat(item["first"]),
        last=date.fromisoformat(item["last"]),
        group_by=tuple(item["group_by"]),
        written=None if item["written"] is None else date.fromisoformat(item["written"]),
        behind=item["behind"],
        lines=int(item["lines"]),
        pieces=int(item["pieces"]),
        tries=int(item["tries"]),
        leased_until=instant(item["leased_until"]),
        ended_at=instant(item["ended_at"]),
        failure=item["failure"],
        revision=int(item["revision"]),
    )
