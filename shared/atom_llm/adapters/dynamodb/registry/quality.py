"""Quality sets in DynamoDB: immutable chunks, and a pointer to the set in force."""

from datetime import date, datetime

from atom_llm.adapters.dynamodb import keys
from atom_llm.adapters.dynamodb.audit import AuditedWrites
from atom_llm.adapters.dynamodb.chunks import get_chunks, put_chunks
from atom_llm.adapters.dynamodb.table import ConditionFailed, Item, Table
from atom_llm.domain.catalogue.errors import SnapshotMissing
from atom_llm.domain.core.audit import AuditEntry
from atom_llm.domain.registry.errors import QualityConflict
from atom_llm.domain.registry.quality import QualityVersion
from atom_llm.ports.registry import QualityHead


class DynamoQuality:
    """Implements `QualityStore` on the catalogue table."""

    def __init__(self, table: Table, audited: AuditedWrites) -> None:
        """Take the catalogue table, and the writer of audited changes."""
        self._table = table
        self._audited = audited

    def head(self) -> QualityHead | None:
        """Return the set in force; None before the first."""
        item = self._table.get(keys.QUALITY_HEAD, consistent=True)
        return None if item is None else _head(item)

    def load(self, head: QualityHead) -> bytes:
        """Return a set, its bytes checked against their hash; raises `SnapshotMissing`."""
        content = get_chunks(self._table, keys.quality_set(head.version))
        if content is None:
            raise SnapshotMissing(head.version)
        return content

    def activate(
        self, head: QualityHead, content: bytes, *, over: QualityVersion | None, entry: AuditEntry | None = None
    ) -> None:
        """Write chunks, then the pointer; one that says the same already is our own write whose answer was lost."""
        put_chunks(self._table, keys.quality_set(head.version), content)
        values: dict[str, object] = {
            ":version": head.version,
            ":at": head.activated_at.isoformat(),
            ":rows": head.rows,
            ":published": head.published.isoformat() if head.published else None,
        }
        try:
            self._audited.update(
                entry,
                self._table,
                keys.QUALITY_HEAD,
                "SET version = :version, activated_at = :at, board_rows = :rows, published = :published",
                values | ({":over": over} if over else {}),
                # Of two syncs that saw the same set in force, one follows it.
                condition="version = :over" if over else "attribute_not_exists(pk)",
            )
        except ConditionFailed:
            if self.head() != head:
                raise QualityConflict("another sync has put its scores in force meanwhile") from None


def _head(item: Item) -> QualityHead:
    return QualityHead(
        version=item["version"],
        activated_at=datetime.fromisoformat(item["activated_at"]),
        rows=int(item["board_rows"]),
        published=date.fromisoformat(item["published"]) if item["published"] else None,
    )
