"""A tenant's preferences for calls: remembered for half a minute, and the last known ones while they cannot be read."""

from datetime import timedelta
from typing import Final

from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.tiers.preferences import DEFAULTS, Preferences
from atom_llm.ports.core import Clock
from atom_llm.ports.tiers import PreferenceStore
from atom_llm.process_cache import ReadThrough

KNOWN_FOR: Final = timedelta(seconds=30)
CACHED_TENANTS: Final = 1_000


class PreferenceReader(ReadThrough[TenantId, Preferences]):
    """The reading of preferences: `of` raises `StoreUnavailable` where none are known, for caps are not guessed."""

    def __init__(self, store: PreferenceStore, clock: Clock) -> None:
        super().__init__(
            lambda tenant: store.of(tenant) or DEFAULTS, clock, KNOWN_FOR, CACHED_TENANTS, despite="preferences"
        )
