"""The scopes of which a tenant's budgets have windows, listed so that its erasure finds each of them."""

from datetime import datetime, timedelta
from typing import Final

from atom_llm.adapters.dynamodb import keys
from atom_llm.adapters.dynamodb.table import ConditionFailed, Table
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger.windows import LONGEST
from atom_llm.process_cache import BoundedMap

REMEMBERED: Final = 20_000  # scopes that a process knows to be listed
LISTED_BY: Final = timedelta(days=30).total_seconds()  # listings end at multiples of it: windows of a month share one
FOR_EVER: Final = float("inf")


class ListedScopes:
    """The listings, one item a scope. A scope is listed before its window is written, and for as long as anything is
    kept of it: a process that dies in between leaves a listing of nothing, and no window that nobody finds."""

    def __init__(self, table: Table) -> None:
        """Take the usage table."""
        self._table = table
        self._known: BoundedMap[tuple[TenantId, str], float] = BoundedMap(REMEMBERED)

    def add(self, tenant: TenantId, scope: str, expires_at: datetime | None) -> None:
        """List a scope for as long as a window of it stays, and what rows say of it; None stands for ever."""
        until = FOR_EVER
        if expires_at is not None:  # rounded up, so that one write does for all windows of the time
            until = LISTED_BY * -(-(expires_at + LONGEST).timestamp() // LISTED_BY)
        if (self._known.get((tenant, scope)) or 0) >= until:
            return
        self._write((keys.budget_scopes(tenant), scope), until)
        self._known.put((tenant, scope), until)

    def erase(self, tenant: TenantId, at_most: int) -> int:
        """Delete everything of so many scopes, the listing last; returns their number."""
        partition = keys.budget_scopes(tenant)
        found = [item["sk"] for item in self._table.query(partition, limit=at_most, consistent=True)]
        for scope in found:
            items = self._table.query(keys.budget_windows(tenant, scope), consistent=True)
            self._table.delete_many([(item["pk"], item["sk"]) for item in items])
            self._table.delete((partition, scope))
        return len(found)

    def _write(self, key: keys.Key, until: float) -> None:
        names = {"#ttl": "ttl"}
        if until == FOR_EVER:
            self._table.update(key, "SET stays = :yes REMOVE #ttl", {":yes": True}, names=names)
            return
        try:
            self._table.update(
                key,
                "SET #ttl = :until",
                {":until": int(until)},
                # The condition protects a listing that is there for longer.
                condition="attribute_not_exists(stays) AND (attribute_not_exists(#ttl) OR #ttl < :until)",
                names=names,
            )
        except ConditionFailed:
            return
