"""The provider keys that calls are made with: a tenant's own, in its order, and never anybody else's."""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from pydantic import SecretStr

from atom_llm.domain.errors import NoUsableKey, SecretMissing
from atom_llm.domain.ids import TenantId
from atom_llm.domain.provider_keys import Probe, ProbeResult, ProviderKey, status_after, usable, why_not
from atom_llm.domain.vault import VaultPointer
from atom_llm.ports import Clock, ProviderKeyBook, SecretStore

KNOWN_FOR: Final = timedelta(seconds=30)  # how long a process may use a key that was changed elsewhere
KEPT_FOR: Final = timedelta(minutes=5)  # SECURITY.md: a plaintext stays in memory no longer
CACHED_TENANTS: Final = 1_000  # the oldest goes first


@dataclass(frozen=True, slots=True)
class KeyInHand:
    """A key and its plaintext, which shows itself to nobody who does not ask."""

    key: ProviderKey
    plaintext: SecretStr


@dataclass(slots=True)
class _Held:
    """What is remembered of a tenant."""

    keys: list[ProviderKey]
    pointer: VaultPointer
    listed_until: datetime
    plaintexts: dict[str, SecretStr] = field(default_factory=dict)
    of_version: str | None = None
    read_until: datetime | None = None


class ProviderKeyRing:
    """Looks keys up, and hears how they fared."""

    def __init__(self, book: ProviderKeyBook, secrets: SecretStore, clock: Clock) -> None:
        """Nothing is read before the first call."""
        self._book = book
        self._secrets = secrets
        self._clock = clock
        self._lock = Lock()
        self._held: OrderedDict[TenantId, _Held] = OrderedDict()

    def keys_for(self, tenant: TenantId, provider: str, model: str) -> list[KeyInHand]:
        """The tenant's usable keys of a provider for a model, first to last.

        Raises `NoUsableKey`, saying of each key why not, when there is none.
        """
        held = self._listed(tenant)
        try:
            return self._in_hand(held, tenant, provider, model)
        except (SecretMissing, NoUsableKey):  # what is remembered may be older than a secret that moved, or a new key
            return self._in_hand(self._listed(tenant, anew=True), tenant, provider, model)

    def report(self, key: ProviderKey, result: ProbeResult, detail: str) -> ProviderKey | None:
        """Note how a key fared in a test or a call; None when it has other material by now, or is gone.

        `detail` is ours: a status code and a few words, never what a provider answered.
        """
        now = self._clock()
        fields: dict[str, object] = {"probe": Probe(result, now, detail)}
        after = status_after(result, key.status)
        if after is not key.status:
            fields |= {"status": after, "status_reason": detail, "status_at": now}
        changed = self._book.change(key.tenant, key.key_id, fields, material=key.material)
        self.forget(key.tenant)
        return changed

    def plaintext_of(self, key: ProviderKey) -> SecretStr:
        """One key's plaintext, whatever its status; raises `NoUsableKey` when it is gone."""
        held = self._listed(key.tenant, anew=True)
        found = self._plaintexts(held).get(str(key.key_id))
        if found is None:
            raise NoUsableKey("the key was deleted", reasons={str(key.key_id): "deleted"})
        return found

    def forget(self, tenant: TenantId) -> None:
        """Ask again at the next call: this very process has just changed something."""
        with self._lock:
            self._held.pop(tenant, None)

    def _in_hand(self, held: _Held, tenant: TenantId, provider: str, model: str) -> list[KeyInHand]:
        wanted = usable(held.keys, provider, model)
        plaintexts = self._plaintexts(held) if wanted else {}
        found = [KeyInHand(key, plaintexts[key.key_id]) for key in wanted if key.key_id in plaintexts]
        if not found:
            reasons = why_not(held.keys, provider, model)
            raise NoUsableKey(f"no key of {provider} can be used", provider=provider, reasons=reasons)
        return found

    def _listed(self, tenant: TenantId, *, anew: bool = False) -> _Held:
        now = self._clock()
        with self._lock:
            held = self._held.get(tenant)
        if held is not None and now < held.listed_until and not anew:
            return held
        keys, pointer = self._book.of(tenant)
        fresh = _Held(keys, pointer, now + KNOWN_FOR)
        if held is not None and held.of_version == pointer.version and not anew:
            fresh.plaintexts, fresh.of_version, fresh.read_until = held.plaintexts, held.of_version, held.read_until
        with self._lock:
            self._held.pop(tenant, None)
            self._held[tenant] = fresh
            while len(self._held) > CACHED_TENANTS:
                self._held.popitem(last=False)
        return fresh

    def _plaintexts(self, held: _Held) -> dict[str, SecretStr]:
        now, pointer = self._clock(), held.pointer
        if held.read_until is None or now >= held.read_until or held.of_version != pointer.version:
            held.plaintexts = {}
            if pointer.secret is not None and pointer.version is not None:
                content = self._secrets.get(pointer.secret, pointer.version)
                held.plaintexts = {key_id: SecretStr(text) for key_id, text in content.items()}
            held.of_version, held.read_until = pointer.version, now + KEPT_FOR
        return held.plaintexts
