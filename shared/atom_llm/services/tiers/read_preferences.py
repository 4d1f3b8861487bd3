"""A tenant's preferences for calls: remembered for half a minute, and the last known ones while they cannot be read."""

from collections import OrderedDict
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from atom_llm.domain.core.errors import StoreUnavailable
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.tiers.preferences import DEFAULTS, Preferences
from atom_llm.observability import logger
from atom_llm.ports.core import Clock
from atom_llm.ports.tiers import PreferenceStore

KNOWN_FOR: Final = timedelta(seconds=30)
CACHED_TENANTS: Final = 1_000


class PreferenceReader:
    """Reads them."""

    def __init__(self, store: PreferenceStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._lock = Lock()
        self._known: OrderedDict[TenantId, tuple[Preferences, datetime]] = OrderedDict()

    def of(self, tenant: TenantId) -> Preferences:
        """What holds for a tenant, half a minute old at most.

        Raises `StoreUnavailable` where nothing is known yet: a tenant's caps are not guessed.
        """
        now = self._clock()
        known = self._known.get(tenant)
        if known is not None and now < known[1] + KNOWN_FOR:
            return known[0]
        try:
            found = self._store.of(tenant) or DEFAULTS
        except StoreUnavailable as error:
            if known is None:
                raise
            logger().warning("preferences cannot be read; the last known ones hold", exc_info=error)
            return known[0]
        with self._lock:
            self._known[tenant] = (found, now)
            self._known.move_to_end(tenant)
            if len(self._known) > CACHED_TENANTS:
                self._known.popitem(last=False)
        return found

    def forget(self, tenant: TenantId) -> None:
        """Ask the store again at the next call: this very process has just changed something."""
        with self._lock:
            self._known.pop(tenant, None)
