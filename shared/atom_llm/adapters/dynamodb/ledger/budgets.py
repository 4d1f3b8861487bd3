"""Budgets in DynamoDB: their settings in the keys table, and in the usage table one item a window, with its holds."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from atom_llm.adapters.dynamodb import keys
from atom_llm.adapters.dynamodb.audit import AuditedWrites
from atom_llm.adapters.dynamodb.table import ConditionFailed, Item, Table
from atom_llm.domain.core.audit import AuditEntry
from atom_llm.domain.core.errors import Conflict, StoreUnavailable
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.core.money import EXACT, ZERO
from atom_llm.domain.ledger.budgets import MAX_OPEN_HOLDS, USD, Budget, WindowRef, WindowState
from atom_llm.domain.ledger.windows import WindowKind
from atom_llm.ports.ledger import Reservation

ALERT_CLAIM: Final = timedelta(seconds=60)  # an alert that was claimed and not sent within it is sent by another
APPLY_ATTEMPTS: Final = 10  # writers of one budget's limit at the same time
_SENT: Final = "sent"


class DynamoBudgetSettings:
    """Implements `BudgetSettings` on the keys table."""

    def __init__(self, table: Table) -> None:
        """Take the keys table."""
        self._table = table
        self._audited = AuditedWrites(table)

    def of(self, tenant: TenantId) -> list[Budget]:
        """Return all budgets of a tenant, in the order of scopes and windows."""
        found = self._table.query(keys.tenant_items(tenant), prefix=keys.BUDGETS, consistent=True)
        return [_budget(tenant, item) for item in found]

    def put(self, budget: Budget, entry: AuditEntry) -> None:
        """Write the budget, unless a later revision is there; raises `Conflict` then."""
        setting = self._table.putting(
            keys.budget_setting(budget.tenant, budget.scope, budget.kept_as),
            _setting(budget),
            # The condition lets the later of two writers at once win, in whatever order their writes arrive.
            condition="attribute_not_exists(pk) OR revision <= :revision",
            values={":revision": budget.revision},
        )
        try:
            self._audited.commit(entry, setting)
        except ConditionFailed:
            raise Conflict("the budget was set by somebody else at the same time") from None

    def delete(self, tenant: TenantId, scope: str, kept_as: str, entry: AuditEntry) -> bool:
        """Delete the budget; False when there was none."""
        key = keys.budget_setting(tenant, scope, kept_as)
        try:
            self._audited.commit(entry, self._table.deleting(key, if_there=True))
        except ConditionFailed:
            return False
        return True

    def erase(self, tenant: TenantId) -> int:
        """Remove all of a tenant's."""
        found = self.of(tenant)
        self._table.delete_many([keys.budget_setting(tenant, each.scope, each.kept_as) for each in found])
        return len(found)


class DynamoBudgetWindows:
    """Implements `BudgetWindows` on the usage table. There is no transaction on a window: a busy one would drown in
    conflicts, and a single conditional update of an item that carries its holds by id can be repeated by itself."""

    def __init__(self, table: Table) -> None:
        """Take the usage table."""
        self._table = table

    def reserve(self, budget: Budget, ref: WindowRef, hold_id: str, amount: Decimal) -> Reservation:
        """Add the hold by one conditional update; a refusal is read from the item that refused it."""
        try:
            item = self._table.update(
                keys.budget_window(budget.tenant, *ref),
                "SET available = available - :amount, holds.#hold = :amount",
                {":amount": amount, ":soft": False, ":most": MAX_OPEN_HOLDS, ":revision": budget.revision},
                # It exists, it fits, this hold is not there yet, and the limit is at least as new as the one we know.
                condition=(
                    "attribute_exists(pk) AND (hard = :soft OR available >= :amount)"
                    " AND attribute_not_exists(holds.#hold) AND size(holds) < :most AND revision >= :revision"
                ),
                names={"#hold": hold_id},
            )
        except ConditionFailed as failed:
            return _refusal(failed.item, hold_id, budget)
        return Reservation("held", _state(item))

    def open(self, budget: Budget, ref: WindowRef, opening: Decimal, expires_at: datetime | None) -> None:
        """Write the window if it is absent: of two writers the second finds the first one's."""
        item: Item = {
            "limit": budget.limit,
            "available": EXACT.subtract(budget.limit, opening),
            "spent": opening,
            "opening": opening,
            "hard": budget.is_hard,
            "revision": budget.revision,
            "holds": {},
            "alerts": {},
        }
        if expires_at is not None:
            item["ttl"] = int(expires_at.timestamp())
        try:
            # The condition protects what was spent and held in a window that is there.
            self._table.put(keys.budget_window(budget.tenant, *ref), item, if_absent=True)
        except ConditionFailed:
            return

    def apply(self, budget: Budget, ref: WindowRef) -> WindowState | None:
        """Move the limit by the difference to the one that is there."""
        key = keys.budget_window(budget.tenant, *ref)
        for _ in range(APPLY_ATTEMPTS):
            item = self._table.get(key, consistent=True)
            if item is None or item["revision"] >= budget.revision:
                return _state(item) if item is not None else None
            try:
                # The difference is right only against the limit that it was taken from.
                changed = self._table.update(
                    key,
                    "SET #limit = :limit, available = available + :more, hard = :hard, revision = :revision",
                    {
                        ":limit": budget.limit,
                        ":more": EXACT.subtract(budget.limit, item["limit"]),
                        ":hard": budget.is_hard,
                        ":revision": budget.revision,
                        ":before": item["revision"],
                    },
                    condition="revision = :before",
                    names={"#limit": "limit"},
                )
            except ConditionFailed:
                continue
            return _state(changed)
        raise StoreUnavailable("a budget's limit is being set by many at once")

    def settle(
        self, tenant: TenantId, ref: WindowRef, hold_id: str, held: Decimal, cost: Decimal
    ) -> WindowState | None:
        """Settle by one conditional update, only while the hold is there."""
        try:
            item = self._table.update(
                keys.budget_window(tenant, *ref),
                "SET available = available + :back, spent = spent + :cost REMOVE holds.#hold",
                {":back": EXACT.subtract(held, cost), ":cost": cost},
                condition="attribute_exists(holds.#hold)",
                names={"#hold": hold_id},
            )
        except ConditionFailed:
            return None
        return _state(item)

    def correct(self, tenant: TenantId, ref: WindowRef, correction_id: str, amount: Decimal) -> WindowState | None:
        """Add the amount by one conditional update; the ids of corrections stay in the window, for they are few."""
        try:
            item = self._table.update(
                keys.budget_window(tenant, *ref),
                "SET available = available - :amount, spent = spent + :amount ADD corrections :ids",
                {":amount": amount, ":ids": {correction_id}, ":id": correction_id},
                condition="attribute_exists(pk) AND NOT contains(corrections, :id)",
            )
        except ConditionFailed:
            return None
        return _state(item)

    def recount(self, tenant: TenantId, ref: WindowRef, revision: str, missed: Decimal) -> None:
        """Add the amount by one conditional update, known by the revision that asked for it."""
        try:
            self._table.update(
                keys.budget_window(tenant, *ref),
                "SET available = available - :missed, spent = spent + :missed, opening = opening + :missed"
                " ADD corrections :ids",
                {":missed": missed, ":ids": {revision}, ":id": revision},
                condition="attribute_exists(pk) AND NOT contains(corrections, :id)",
            )
        except ConditionFailed:
            return

    def refused(self, tenant: TenantId, ref: WindowRef, at: datetime) -> bool:
        """Note the first refusal of a window; later ones change nothing."""
        try:
            self._table.update(
                keys.budget_window(tenant, *ref),
                "SET refused_at = :at",
                {":at": at.isoformat()},
                condition="attribute_exists(pk) AND attribute_not_exists(refused_at)",
            )
        except ConditionFailed:
            return False
        return True

    def states(self, wanted: Sequence[tuple[TenantId, WindowRef]]) -> Mapping[tuple[TenantId, WindowRef], WindowState]:
        """Read many windows at once."""
        by_key = {keys.budget_window(tenant, *ref): (tenant, ref) for tenant, ref in wanted}
        found = self._table.get_many(list(by_key))
        return {by_key[item["pk"], item["sk"]]: _state(item) for item in found}

    def claim_alert(self, tenant: TenantId, ref: WindowRef, threshold: int, now: datetime) -> bool:
        """Write the claim, which is an instant; a later one may replace it once it is old."""
        try:
            self._table.update(
                keys.budget_window(tenant, *ref),
                "SET alerts.#threshold = :now",
                {":now": now.isoformat(), ":stale": (now - ALERT_CLAIM).isoformat(), ":sent": _SENT},
                # One of several roll-ups tells of a threshold, and again only if that one died in between.
                condition=(
                    "attribute_exists(pk) AND (attribute_not_exists(alerts.#threshold)"
                    " OR (alerts.#threshold <> :sent AND alerts.#threshold < :stale))"
                ),
                names={"#threshold": str(threshold)},
            )
        except ConditionFailed:
            return False
        return True

    def alert_sent(self, tenant: TenantId, ref: WindowRef, threshold: int) -> None:
        """Add the threshold to those whose alert was sent."""
        key, names = keys.budget_window(tenant, *ref), {"#threshold": str(threshold)}
        try:
            self._table.update(
                key, "SET alerts.#threshold = :sent", {":sent": _SENT}, condition="attribute_exists(pk)", names=names
            )
        except ConditionFailed:
            return


def _refusal(item: Mapping[str, Any] | None, hold_id: str, budget: Budget) -> Reservation:
    """Return the reason for a refused hold, read from the item that refused it."""
    if item is None:
        return Reservation("missing")
    state = _state(item)
    if hold_id in state.holds:  # our own write, whose answer was lost
        return Reservation("held", state)
    if state.revision < budget.revision:
        return Reservation("outdated", state)
    return Reservation("crowded" if len(state.holds) >= MAX_OPEN_HOLDS else "full", state)


def _state(item: Mapping[str, Any]) -> WindowState:
    refused_at = item.get("refused_at")
    return WindowState(
        limit=item["limit"],
        spent=item["spent"],
        available=item["available"],
        is_hard=item["hard"],
        revision=item["revision"],
        holds=item["holds"],
        opening=item.get("opening", ZERO),
        fired=frozenset(int(threshold) for threshold, word in item["alerts"].items() if word == _SENT),
        refused_at=datetime.fromisoformat(refused_at) if refused_at else None,
    )


def _setting(budget: Budget) -> Item:
    return {
        "scope": budget.scope,
        "window": str(budget.window),
        "limit": budget.limit,
        "mode": budget.mode,
        "alert_at": list(budget.alert_at),
        "revision": budget.revision,
        "set_at": budget.set_at.isoformat(),
    } | ({} if budget.unit == USD else {"unit": budget.unit})


def _budget(tenant: TenantId, item: Item) -> Budget:
    return Budget(
        tenant=tenant,
        scope=item["scope"],
        window=WindowKind(item["window"]),
        limit=item["limit"],
        mode=item["mode"],
        alert_at=tuple(int(threshold) for threshold in item["alert_at"]),
        revision=item["revision"],
        set_at=datetime.fromisoformat(item["set_at"]),
        unit=item.get("unit", USD),
    )
