"""The names of end users as a tenant's books have them: as given, or hashed where the tenant wants that."""

from datetime import timedelta
from typing import Final

from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger.end_users import NOBODY, EndUser, bounded, hashed
from atom_llm.ports.core import Clock
from atom_llm.ports.tenancy import PepperVault, TenantStore
from atom_llm.process_cache import ReadThrough

SETTING_KNOWN_FOR: Final = timedelta(seconds=60)
SETTINGS_CACHED: Final = 10_000


class EndUserNames:
    """The spelling of end users, by each tenant's setting, remembered for a minute; rotations leave it as it is."""

    def __init__(self, tenants: TenantStore, peppers: PepperVault, clock: Clock) -> None:
        """Take the stores; nothing is read before the first call that names an end user."""
        self._tenants = tenants
        self._peppers = peppers
        self._hashes: ReadThrough[TenantId, bool] = ReadThrough(
            self._setting, clock, SETTING_KNOWN_FOR, SETTINGS_CACHED
        )

    def in_books(self, tenant: TenantId, given: EndUser) -> EndUser:
        """Return an end user and its session as the books have them."""
        if given is NOBODY:
            return NOBODY
        pepper = self._peppers.of_names() if self._hashes.of(tenant) else None

        def spelt(name: str | None) -> str | None:
            return None if name is None else bounded(name) if pepper is None else hashed(name, pepper, tenant)

        return EndUser(spelt(given.user), spelt(given.session))

    def spellings(self, tenant: TenantId, name: str) -> frozenset[str]:
        """Return everything that the books may have a name as, whatever the setting was then."""
        return frozenset({name, bounded(name), hashed(name, self._peppers.of_names(), tenant)})

    def forget(self, tenant: TenantId) -> None:
        """Forget a tenant's setting, which was changed."""
        self._hashes.forget(tenant)

    def _setting(self, tenant: TenantId) -> bool:
        found = self._tenants.find(tenant)
        return found is not None and found.hashes_end_users
