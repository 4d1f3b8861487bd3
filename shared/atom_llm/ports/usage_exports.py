"""The storage of exports of usage and of their files."""

from collections.abc import Mapping
from typing import Protocol

from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger.usage_exports import UsageExport


class UsageExportStore(Protocol):
    """Exports with their files, in numbered pieces of text; both are forgotten when an export expires."""

    def put(self, export: UsageExport) -> None:
        """Store a new export, to be written."""
        ...

    def get(self, tenant: TenantId, export_id: str) -> UsageExport | None:
        """Return an export of a tenant. Consistent."""
        ...

    def of(self, tenant: TenantId) -> list[UsageExport]:
        """Return a tenant's exports, newest first. Consistent."""
        ...

    def unfinished(self, limit: int) -> list[UsageExport]:
        """Return the exports of all tenants that have not ended, oldest first, at most `limit`."""
        ...

    def save(self, export: UsageExport) -> UsageExport | None:
        """Store how far an export came, and return it; None where it was written or deleted since it was read."""
        ...

    def put_piece(self, export: UsageExport, number: int, text: str) -> None:
        """Store a piece of its file; the same number again replaces it."""
        ...

    def piece(self, export: UsageExport, number: int) -> str | None:
        """Return a piece of its file."""
        ...

    def delete(self, export: UsageExport) -> None:
        """Delete an export and its file."""
        ...

    def erase(self, tenant: TenantId) -> Mapping[str, int]:
        """Delete all of a tenant's exports, and return their number by what it is the number of."""
        ...
