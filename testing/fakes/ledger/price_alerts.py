"""Settings and the log of price alerts in memory."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Literal

from atom_llm.domain.core.audit import AuditEntry
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger.price_alerts import AlertProgress, PriceAlertSettings
from testing.fakes.audited import AuditedSetting


class PriceAlertSettingsInMemory(AuditedSetting[PriceAlertSettings]):
    """Implements `PriceAlertSettingsStore`."""

    def put(self, tenant: TenantId, settings: PriceAlertSettings, entry: AuditEntry) -> None:
        self.keep(tenant, settings, entry)


class PriceAlertLogInMemory:
    """Implements `PriceAlertLog`."""

    def __init__(self) -> None:
        self.came: AlertProgress | None = None
        self.alerts: dict[tuple[TenantId, int], Mapping[str, Any] | datetime] = {}

    def progress(self) -> AlertProgress | None:
        return self.came

    def put_progress(self, progress: AlertProgress) -> AlertProgress | None:
        if (self.came.revision if self.came is not None else 0) != progress.revision:
            return None
        self.came = replace(progress, revision=progress.revision + 1)
        return self.came

    def claim(self, tenant: TenantId, sequence: int, now: datetime) -> Literal["claimed", "busy", "sent"]:
        known = self.alerts.get((tenant, sequence))
        if isinstance(known, Mapping):
            return "sent"
        if known is not None and known >= now - timedelta(minutes=1):
            return "busy"
        self.alerts[tenant, sequence] = now
        return "claimed"

    def sent(self, tenant: TenantId, sequence: int, alert: Mapping[str, Any]) -> None:
        self.alerts[tenant, sequence] = alert

    def newest(self, tenant: TenantId, limit: int) -> list[Mapping[str, Any]]:
        found = sorted(self.alerts.items(), key=lambda each: each[0][1], reverse=True)[:limit]
        return [alert for (whose, _), alert in found if whose == tenant and isinstance(alert, Mapping)]

    def erase(self, tenant: TenantId) -> int:
        found = [place for place in self.alerts if place[0] == tenant]
        for place in found:
            del self.alerts[place]
        return len(found)
