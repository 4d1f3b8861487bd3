"""The refresh journal in DynamoDB: state and lease in one item, so that a refresh begins and ends with one write."""

import json
import zlib
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from atom_llm.adapters.dynamodb import keys
from atom_llm.adapters.dynamodb.attributes import instant
from atom_llm.adapters.dynamodb.audit import AuditedWrites
from atom_llm.adapters.dynamodb.chunks import delete_chunks, get_chunks, put_chunks
from atom_llm.adapters.dynamodb.table import ConditionFailed, Item, Table
from atom_llm.domain.catalogue.errors import LeaseLost, SnapshotMissing
from atom_llm.domain.catalogue.refresh import RefreshState, SourceState, Validators
from atom_llm.domain.core.audit import AuditEntry

INLINE_BYTES: Final = 100 * 1024  # a quarantine up to this size stands in its own item, and is replaced in one write


class DynamoRefreshJournal:
    """Implements `RefreshJournal` on the catalogue table."""

    def __init__(self, table: Table, audited: AuditedWrites) -> None:
        """Take the catalogue table, and the writer of audited changes."""
        self._table = table
        self._audited = audited

    def state(self) -> RefreshState:
        """Return the last written state; the empty one before the first."""
        return _state(self._table.get(keys.JOURNAL, consistent=True))

    def begin(self, holder: str, now: datetime, lease_s: float) -> RefreshState | None:
        """Take the lease, unless another holder's is still valid."""
        at = int(now.timestamp() * 1000)
        try:
            # The condition protects a running refresh: a lease is taken only if there is none, if it ran out, or if it
            # is ours already and the answer to our own write was lost.
            item = self._table.update(
                keys.JOURNAL,
                "SET lease_holder = :holder, lease_until = :until",
                {":holder": holder, ":until": at + int(lease_s * 1000), ":now": at},
                condition="attribute_not_exists(lease_until) OR lease_until <= :now OR lease_holder = :holder",
            )
        except ConditionFailed:
            return None
        return _state(item)

    def finish(self, holder: str, state: RefreshState, *, entry: AuditEntry | None = None) -> None:
        """Write the state and give the lease back."""
        try:
            # The condition protects the state of a later holder from a refresh that took longer than its lease.
            self._audited.update(
                entry,
                self._table,
                keys.JOURNAL,
                "SET refresh_state = :state, finished_by = :holder REMOVE lease_holder, lease_until",
                {":state": _written(state), ":holder": holder},
                condition="lease_holder = :holder",
            )
        except ConditionFailed:
            item = self._table.get(keys.JOURNAL, consistent=True) or {}
            if item.get("finished_by") != holder or "lease_holder" in item:  # else our own write's answer was lost
                raise LeaseLost from None

    def quarantine(self) -> bytes:
        """Return the quarantine as stored; raises `SnapshotMissing` when its chunks are not whole."""
        return self._content(keys.QUARANTINE, keys.quarantine)

    def put_quarantine(self, content: bytes, *, entry: AuditEntry | None = None) -> None:
        """Replace the quarantine."""
        self._put_content(keys.QUARANTINE, keys.quarantine, content, entry)

    def lists(self) -> bytes:
        """Return what lists say as stored; raises `SnapshotMissing` when its chunks are not whole."""
        return self._content(keys.PRICE_LISTS, keys.price_lists)

    def put_lists(self, content: bytes, *, entry: AuditEntry | None = None) -> None:
        """Replace what lists say."""
        self._put_content(keys.PRICE_LISTS, keys.price_lists, content, entry)

    def _content(self, key: keys.Key, partition: Callable[[str], str]) -> bytes:
        """Return a content: a small one stands in the item, a larger one in chunks that the item names."""
        item = self._table.get(key, consistent=True) or {}
        if "generation" not in item:
            return bytes(item.get("content", b""))
        content = get_chunks(self._table, partition(item["generation"]))
        if content is None:
            raise SnapshotMissing(partition(item["generation"]))
        return content

    def _put_content(
        self, key: keys.Key, partition: Callable[[str], str], content: bytes, entry: AuditEntry | None
    ) -> None:
        """Write the new generation whole, then name it, then remove the old one."""
        before = self._table.get(key, consistent=True) or {}
        if len(content) <= INLINE_BYTES:
            self._audited.put(entry, self._table, key, {"content": content})
        else:
            generation = uuid4().hex
            put_chunks(self._table, partition(generation), content)
            self._audited.put(entry, self._table, key, {"generation": generation})
        if "generation" in before:
            delete_chunks(self._table, partition(before["generation"]))


def _written(state: RefreshState) -> bytes:
    """Spell a state as compressed JSON: with four sources too, the item has to stay within one write unit."""
    return zlib.compress(json.dumps(_sparse(asdict(state)), default=datetime.isoformat, separators=(",", ":")).encode())


def _sparse(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _sparse(each) for name, each in value.items() if each not in (None, {})}
    return value


def _state(item: Item | None) -> RefreshState:
    if item is None or "refresh_state" not in item:
        return RefreshState()
    written = item["refresh_state"]
    fields = json.loads(written if isinstance(written, str) else zlib.decompress(bytes(written)))
    sources = {name: _source(each) for name, each in fields.pop("sources", {}).items()}
    return RefreshState(
        whole_refreshes=fields.get("whole_refreshes", 0),
        attempted_at=instant(fields.get("attempted_at")),
        succeeded_at=instant(fields.get("succeeded_at")),
        sources=sources,
    )


def _source(fields: dict[str, Any]) -> SourceState:
    for name in ("checked_at", "fetched_at", "failing_since"):
        fields[name] = instant(fields.get(name))
    fields["validators"] = Validators(**fields.get("validators", {}))
    return SourceState(**fields)
