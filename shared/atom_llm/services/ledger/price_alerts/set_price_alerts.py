"""A tenant's settings of price alerts: read, set, gone back to the default, and the alerts that it was sent."""

from collections.abc import Mapping
from typing import Any, Final

from atom_llm.domain.core.audit import Actor
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger.price_alerts import DEFAULT_SETTINGS, PriceAlertSettings
from atom_llm.ports.core import Clock
from atom_llm.ports.ledger import PriceAlertLog, PriceAlertSettingsStore
from atom_llm.services.core.audit_entries import audit_entry

SHOWN: Final = 50  # alerts, the newest


class PriceAlertSetter:
    """The use cases of the settings."""

    def __init__(self, settings: PriceAlertSettingsStore, log: PriceAlertLog, clock: Clock) -> None:
        """Take the stores."""
        self._settings = settings
        self._log = log
        self._clock = clock

    def of(self, tenant: TenantId) -> tuple[PriceAlertSettings, bool]:
        """Return the settings in force, and whether the tenant has set them."""
        found = self._settings.of(tenant)
        return found or DEFAULT_SETTINGS, found is not None

    def newest(self, tenant: TenantId) -> list[Mapping[str, Any]]:
        """Return the newest alerts that a tenant was sent."""
        return self._log.newest(tenant, SHOWN)

    def put(self, wanted: PriceAlertSettings, by: Actor) -> None:
        """Set them for the tenant that the actor acts for; they hold for the next change of prices."""
        tenant = by.acts_for
        self._settings.put(tenant, wanted, audit_entry(by, "price_alerts.set", "price-alerts", tenant, self._clock()))

    def reset(self, by: Actor) -> None:
        """Go back to the default; may be repeated."""
        tenant = by.acts_for
        self._settings.delete(tenant, audit_entry(by, "price_alerts.reset", "price-alerts", tenant, self._clock()))

    def erase(self, tenant: TenantId) -> Mapping[str, int]:
        """Delete a deleted tenant's settings and alerts."""
        return {
            "price_alert_settings_deleted": int(self._settings.erase(tenant)),
            "price_alerts_deleted": self._log.erase(tenant),
        }
