"""The provider keys that calls are made with: a tenant's own, in its order, and never anybody else's."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from pydantic import SecretStr

from atom_llm.domain.core.errors import NoUsableKey, SecretMissing
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.providers.key_verdict import ProbeResult
from atom_llm.domain.tenancy.provider_keys import (
    AFTER_A_CALL,
    KeyTest,
    ProviderKey,
    in_order,
    status_after,
    usable,
    why_not,
)
from atom_llm.domain.tenancy.vault import VaultPointer
from atom_llm.ports.core import Clock
from atom_llm.ports.tenancy import ProviderKeyBook, SecretStore

KNOWN_FOR: Final = timedelta(seconds=30)  # how long a process may use a key that was changed elsewhere
ANEW_FOR: Final = timedelta(seconds=1)  # of a call without any key: others without one do not ask again meanwhile
KEPT_FOR: Final = timedelta(minutes=5)  # a plaintext stays in memory no longer (docs/security.md, "Provider keys")
CACHED_TENANTS: Final = 1_000  # the oldest goes first


@dataclass(frozen=True, slots=True)
class KeyInHand:
    """A key and its plaintext, which shows itself to nobody who does not ask."""

    key: ProviderKey
    plaintext: SecretStr


@dataclass(frozen=True, slots=True)
class _Listing:
    """What was known of a tenant's keys at an instant."""

    keys: list[ProviderKey]
    pointer: VaultPointer
    at: datetime


@dataclass(frozen=True, slots=True)
class _Opened:
    """What a version of a tenant's secret holds."""

    version: str
    plaintexts: Mapping[str, SecretStr]
    at: datetime


class ProviderKeyRing:
    """Looks keys up, and hears how they fared."""

    def __init__(self, book: ProviderKeyBook, secrets: SecretStore, clock: Clock) -> None:
        """Nothing is read before the first call."""
        self._book = book
        self._secrets = secrets
        self._clock = clock
        self._lock = Lock()
        self._listings: OrderedDict[TenantId, _Listing] = OrderedDict()
        self._opened: dict[TenantId, _Opened] = {}

    def keys_for(self, tenant: TenantId, provider: str, model: str) -> list[KeyInHand]:
        """The tenant's usable keys of a provider for a model, first to last.

        Raises `NoUsableKey`, saying of each key why not, when there is none.
        """
        remembered = self._remembered(tenant)
        if remembered is not None:
            try:
                return self._in_hand(remembered, tenant, provider, model)
            except (SecretMissing, NoUsableKey):  # it may be older than a secret that moved, or than a new key
                pass
        try:
            return self._in_hand(self._read(tenant), tenant, provider, model)
        except SecretMissing:  # it moved between the two reads
            return self._in_hand(self._read(tenant), tenant, provider, model)

    def usable_keys(self, tenant: TenantId, *, anew: bool = False) -> Mapping[str, Sequence[ProviderKey]]:
        """The keys that calls may be made with, by provider and without what they hold; as fresh as `keys_for`'s.

        `anew`: as of a second ago at most, for a call that has none. Its tenant may just have brought one.
        """
        listing = self._remembered(tenant, ANEW_FOR if anew else KNOWN_FOR) or self._read(tenant)
        found: dict[str, list[ProviderKey]] = {}
        for key in in_order(key for key in listing.keys if key.is_usable):
            found.setdefault(key.provider, []).append(key)
        return found

    def report(self, key: ProviderKey, result: ProbeResult, detail: str) -> ProviderKey | None:
        """Note what a test of a key said; None when it has other material by now, or is gone.

        `detail` is ours: a status code and a few words, never what a provider answered.
        """
        now = self._clock()
        fields: dict[str, object] = {"probe": KeyTest(result, now, detail)}
        if result != "unreachable":
            fields |= {"status": status_after(result, key.status), "status_reason": detail, "status_at": now}
        changed = self._book.change(key.tenant, key.key_id, fields, material=key.material)
        self.forget(key.tenant)
        return changed

    def report_call(self, key: ProviderKey, result: ProbeResult, detail: str) -> ProviderKey | None:
        """Note what a call said about the key that it was made with; None where that changes nothing.

        One conditional write, and only where there is something new: a call that succeeded with a key that is known to
        work costs none. A late failure of old material says nothing about new.
        """
        status, news_for = AFTER_A_CALL.get(result, (key.status, frozenset()))
        if key.status not in news_for:
            return None
        fields = {"status": status, "status_reason": detail, "status_at": self._clock()}
        changed = self._book.change(key.tenant, key.key_id, fields, material=key.material, only_from=news_for)
        self.forget(key.tenant)
        return changed

    def plaintext_of(self, key: ProviderKey) -> SecretStr:
        """One key's plaintext, whatever its status; raises `NoUsableKey` when it is gone."""
        try:
            plaintexts = self._plaintexts(key.tenant, self._read(key.tenant).pointer)
        except SecretMissing:  # it moved between the two reads
            plaintexts = self._plaintexts(key.tenant, self._read(key.tenant).pointer)
        if str(key.key_id) not in plaintexts:
            raise NoUsableKey("the key was deleted", reasons={str(key.key_id): "deleted"})
        return plaintexts[str(key.key_id)]

    def forget(self, tenant: TenantId) -> None:
        """Ask again at the next call: this very process has just changed something."""
        with self._lock:
            self._listings.pop(tenant, None)

    def _in_hand(self, listing: _Listing, tenant: TenantId, provider: str, model: str) -> list[KeyInHand]:
        # A key that was rotated after the pointer was read has other material than the pointer leads to.
        known = [key for key in listing.keys if key.material <= listing.pointer.revision]
        wanted = usable(known, provider, model)
        plaintexts = self._plaintexts(tenant, listing.pointer) if wanted else {}
        found = [KeyInHand(key, plaintexts[key.key_id]) for key in wanted if key.key_id in plaintexts]
        if not found:
            reasons = why_not(listing.keys, provider, model)
            raise NoUsableKey(f"no key of {provider} can be used", provider=provider, reasons=reasons)
        return found

    def _remembered(self, tenant: TenantId, known_for: timedelta = KNOWN_FOR) -> _Listing | None:
        with self._lock:
            listing = self._listings.get(tenant)
        return listing if listing is not None and self._clock() < listing.at + known_for else None

    def _read(self, tenant: TenantId) -> _Listing:
        now = self._clock()
        keys, pointer = self._book.of(tenant)
        listing = _Listing(keys, pointer, now)
        with self._lock:
            self._listings.pop(tenant, None)
            self._listings[tenant] = listing
            while len(self._listings) > CACHED_TENANTS:
                evicted, _ = self._listings.popitem(last=False)
                self._opened.pop(evicted, None)
            for each in [each for each, opened in self._opened.items() if now >= opened.at + KEPT_FOR]:
                del self._opened[each]
        return listing

    def _plaintexts(self, tenant: TenantId, pointer: VaultPointer) -> Mapping[str, SecretStr]:
        if pointer.secret is None or pointer.version is None:
            return {}
        now = self._clock()
        with self._lock:
            opened = self._opened.get(tenant)
        if opened is not None and opened.version == pointer.version and now < opened.at + KEPT_FOR:
            return opened.plaintexts
        content = self._secrets.get(pointer.secret, pointer.version)
        opened = _Opened(pointer.version, {key_id: SecretStr(text) for key_id, text in content.items()}, now)
        with self._lock:
            self._opened[tenant] = opened
        return opened.plaintexts
