"""Alerts for changed prices in DynamoDB: what tenants want, how far telling came, and what was sent."""

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, Literal

from atom_llm.adapters.dynamodb import keys
from atom_llm.adapters.dynamodb.audit import AuditedWrites
from atom_llm.adapters.dynamodb.table import ConditionFailed, Item, Table
from atom_llm.domain.core.audit import AuditEntry
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.core.money import plain
from atom_llm.domain.ledger.price_alerts import AlertProgress, Impact, PriceAlertSettings, TenantInWork

CLAIM: Final = timedelta(minutes=1)  # a process that claimed an alert and died is waited for no longer
_SENT: Final = "sent"


class DynamoPriceAlertSettings:
    """Implements `PriceAlertSettingsStore` on the keys table."""

    def __init__(self, table: Table) -> None:
        """Take the keys table."""
        self._table = table
        self._audited = AuditedWrites(table)

    def of(self, tenant: TenantId) -> PriceAlertSettings | None:
        """Return what a tenant has set. Consistent."""
        item = self._table.get(keys.price_alert_settings(tenant), consistent=True)
        return None if item is None else PriceAlertSettings(item["enabled"], item["threshold"])

    def put(self, tenant: TenantId, settings: PriceAlertSettings, entry: AuditEntry) -> None:
        """Set it."""
        item = {"enabled": settings.enabled, "threshold": settings.threshold}
        self._audited.commit(entry, self._table.putting(keys.price_alert_settings(tenant), item))

    def delete(self, tenant: TenantId, entry: AuditEntry) -> bool:
        """Go back to the default; False where nothing was set."""
        return self._audited.delete(entry, self._table, keys.price_alert_settings(tenant))

    def erase(self, tenant: TenantId) -> bool:
        """Remove it."""
        if self.of(tenant) is None:
            return False
        self._table.delete(keys.price_alert_settings(tenant))
        return True


class DynamoPriceAlertLog:
    """Implements `PriceAlertLog` on the usage table; alerts expire like the ledger's rows."""

    def __init__(self, table: Table, retention: timedelta) -> None:
        """Take the usage table, and how long alerts are kept."""
        self._table = table
        self._retention = retention

    def progress(self) -> AlertProgress | None:
        """Return how far it came. Consistent."""
        item = self._table.get(keys.PRICE_ALERT_PROGRESS, consistent=True)
        return None if item is None else _progress(item)

    def put_progress(self, progress: AlertProgress) -> AlertProgress | None:
        """Write it over the very revision that it was read at."""
        written = {
            ":sequence": progress.sequence,
            ":after": progress.after,
            ":in_work": _in_work_text(progress.in_work),
            ":next": progress.revision + 1,
            ":was": progress.revision,
        }
        try:
            item = self._table.update(
                keys.PRICE_ALERT_PROGRESS,
                "SET #sequence = :sequence, #after = :after, in_work = :in_work, revision = :next",
                written,
                condition="revision = :was" if progress.revision else "attribute_not_exists(pk) OR revision = :was",
                names={"#sequence": "sequence", "#after": "after"},
            )
        except ConditionFailed:
            return None
        return _progress(item)

    def claim(self, tenant: TenantId, sequence: int, now: datetime) -> Literal["claimed", "busy", "sent"]:
        """Write the claim, which is an instant; a later one may replace it once it is old."""
        try:
            self._table.update(
                keys.price_alert(tenant, sequence),
                "SET claimed = :now, #ttl = :ttl",
                {
                    ":now": now.isoformat(),
                    ":stale": (now - CLAIM).isoformat(),
                    ":sent": _SENT,
                    ":ttl": int((now + self._retention).timestamp()),
                },
                condition="attribute_not_exists(pk) OR (claimed <> :sent AND claimed < :stale)",
                names={"#ttl": "ttl"},
            )
        except ConditionFailed as failed:
            return "sent" if (failed.item or {}).get("claimed") == _SENT else "busy"
        return "claimed"

    def sent(self, tenant: TenantId, sequence: int, alert: Mapping[str, Any]) -> None:
        """Keep the alert in its claim's place."""
        self._table.update(
            keys.price_alert(tenant, sequence),
            "SET claimed = :sent, alert = :alert",
            {":sent": _SENT, ":alert": json.dumps(alert, separators=(",", ":"))},
        )

    def newest(self, tenant: TenantId, limit: int) -> list[Mapping[str, Any]]:
        """Return a tenant's alerts, newest first."""
        found = self._table.query(keys.price_alerts(tenant), descending=True, limit=limit)
        return [json.loads(item["alert"]) for item in found if "alert" in item]

    def erase(self, tenant: TenantId) -> int:
        """Remove all of a tenant's."""
        partition = keys.price_alerts(tenant)
        found = [(partition, item["sk"]) for item in self._table.query(partition, consistent=True)]
        self._table.delete_many(found)
        return len(found)


def _progress(item: Item) -> AlertProgress:
    after = item["after"]
    return AlertProgress(
        sequence=int(item["sequence"]),
        after=None if after is None else TenantId(after),
        in_work=_in_work(item["in_work"]),
        revision=int(item["revision"]),
    )


def _in_work_text(in_work: TenantInWork | None) -> str | None:
    if in_work is None:
        return None
    impacts = {
        name: [each.calls, each.calls_not_priced, plain(each.cost), plain(each.would_cost)]
        for name, each in in_work.impacts.items()
    }
    return json.dumps([in_work.tenant, in_work.day.isoformat(), impacts])


def _in_work(text: str | None) -> TenantInWork | None:
    if text is None:
        return None
    tenant, day, impacts = json.loads(text)
    return TenantInWork(
        TenantId(tenant),
        date.fromisoformat(day),
        {
            name: Impact(calls, not_priced, Decimal(cost), Decimal(would_cost))
            for name, (calls, not_priced, cost, would_cost) in impacts.items()
        },
    )
