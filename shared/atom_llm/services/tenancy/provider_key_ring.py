"""The provider keys that calls are made with: a tenant's own, in its order, or the operator's, never another's."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Final, NamedTuple

from atom_llm.domain.core.audit import AuditEntry
from atom_llm.domain.core.errors import NoUsableKey, SecretMissing
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.core.plaintext import Plaintext
from atom_llm.domain.providers.key_verdict import ProbeResult
from atom_llm.domain.tenancy.provider_keys import (
    AFTER_A_CALL,
    MODEL_NOT_ALLOWED,
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
from atom_llm.process_cache import ReadThrough, TimedMap
from atom_llm.services.tenancy.operator.operator_access import OperatorAccess

KNOWN_FOR: Final = timedelta(seconds=30)  # how long a process may use a key that was changed elsewhere
ANEW_FOR: Final = timedelta(seconds=1)  # of a call without any key: others without one do not ask again meanwhile
KEPT_FOR: Final = timedelta(minutes=5)  # a plaintext stays in memory no longer (docs/security.md, "Provider keys")
CACHED_TENANTS: Final = 1_000


@dataclass(frozen=True, slots=True)
class KeyInHand:
    """A key and its plaintext, which shows itself to nobody who does not ask."""

    key: ProviderKey
    plaintext: Plaintext


@dataclass(frozen=True)
class _Listing:
    """A tenant's keys, and the pointer to the secret that holds their material."""

    keys: list[ProviderKey]
    pointer: VaultPointer

    @cached_property
    def usable(self) -> Mapping[str, Sequence[ProviderKey]]:
        """The keys that calls may be made with, by provider, first to last."""
        found: dict[str, list[ProviderKey]] = {}
        for key in in_order(key for key in self.keys if key.is_usable):
            found.setdefault(key.provider, []).append(key)
        return found


class _Opened(NamedTuple):
    """The content of a version of a tenant's secret."""

    version: str
    plaintexts: Mapping[str, Plaintext]


class ProviderKeyRing:
    """The look-up of keys for calls, and the record of how they fared."""

    def __init__(
        self,
        book: ProviderKeyBook,
        secrets: SecretStore,
        clock: Clock,
        tenants: int = CACHED_TENANTS,
        operator: OperatorAccess | None = None,
        shown: Callable[[ProviderKey, Plaintext], Plaintext] = lambda _, plaintext: plaintext,
    ) -> None:
        """Take the stores; nothing is read before the first call. Keys of at most `tenants` tenants are remembered.

        `operator` is the access to providers for which a tenant brings no key; `shown` returns what a provider is
        shown of a key, for a role is assumed under an id of its tenant's.
        """
        self._book = book
        self._secrets = secrets
        self._clock = clock
        self._operator = operator
        self._shown = shown
        self._listings: ReadThrough[TenantId, _Listing] = ReadThrough(
            lambda tenant: _Listing(*book.of(tenant)), clock, KNOWN_FOR, tenants
        )
        self._opened: TimedMap[TenantId, _Opened] = TimedMap(clock, KEPT_FOR, tenants)

    def keys_for(self, tenant: TenantId, provider: str, model: str) -> list[KeyInHand]:
        """Return the tenant's usable keys of a provider for a model, first to last.

        Raises `NoUsableKey` with the reason for each key, when there is none.
        """
        if self._operator is not None and provider in self._operator and not self._has_own(tenant, provider):
            return [KeyInHand(self._operator.key(tenant, provider), self._operator.plaintext(provider))]
        remembered = self._listings.fresh(tenant)
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
        """Return the keys that calls may be made with, by provider, without their material; as fresh as `keys_for`'s.

        `anew`: as of a second ago at most, for a call that has none. Its tenant may just have brought one.
        """
        listing = self._listings.fresh(tenant, ANEW_FOR if anew else None) or self._read(tenant)
        if self._operator is None:
            return listing.usable
        own = {key.provider for key in listing.keys if key.deleted_at is None}
        lent = {key.provider: [key] for key in self._operator.keys(tenant) if key.provider not in own}
        return {**listing.usable, **lent}

    def report(self, key: ProviderKey, result: ProbeResult, detail: str, entry: AuditEntry) -> ProviderKey | None:
        """Note the result of a test of a key together with its entry, and return the key.

        None, and neither is written, when it has other material by now, or is gone. `detail` is ours: a status code and
        a few words, never what a provider answered.
        """
        now = self._clock()
        fields: dict[str, object] = {"probe": KeyTest(result, now, detail)}
        if result != "unreachable":
            fields |= {"status": status_after(result, key.status), "status_reason": detail, "status_at": now}
        changed = self._book.note(key.tenant, key.key_id, fields, material=key.material, entry=entry)
        self.forget(key.tenant)
        return changed

    def report_call(self, key: ProviderKey, result: ProbeResult, detail: str) -> ProviderKey | None:
        """Note the evidence of a call about the key that it was made with; None where that changes nothing.

        One conditional write, and only where there is something new: a call that succeeded with a key that is known to
        work costs none. A late failure of old material is no evidence about new, nor is anything about the operator's
        access, of which no tenant's book has a record.
        """
        if self._operator is not None and self._operator.is_its_own(key):
            return None
        status, news_for = AFTER_A_CALL.get(result, (key.status, frozenset()))
        if key.status not in news_for:
            return None
        fields = {"status": status, "status_reason": detail, "status_at": self._clock()}
        changed = self._book.note(key.tenant, key.key_id, fields, material=key.material, only_from=news_for)
        self.forget(key.tenant)
        return changed

    def plaintext_of(self, key: ProviderKey) -> Plaintext:
        """Return one key's plaintext, whatever its status; raises `NoUsableKey` when it is gone."""
        try:
            plaintexts = self._plaintexts(key.tenant, self._read(key.tenant).pointer)
        except SecretMissing:  # it moved between the two reads
            plaintexts = self._plaintexts(key.tenant, self._read(key.tenant).pointer)
        if str(key.key_id) not in plaintexts:
            raise NoUsableKey("the key was deleted", reasons={str(key.key_id): "deleted"})
        return plaintexts[str(key.key_id)]

    def forget(self, tenant: TenantId) -> None:
        """Ask again at the next call: this very process has just changed something."""
        self._listings.forget(tenant)

    def _has_own(self, tenant: TenantId, provider: str) -> bool:
        """Return whether a tenant has brought a key, usable or not: then nobody else's is taken in its place."""
        listing = self._listings.fresh(tenant) or self._read(tenant)
        return any(key.provider == provider and key.deleted_at is None for key in listing.keys)

    def _in_hand(self, listing: _Listing, tenant: TenantId, provider: str, model: str) -> list[KeyInHand]:
        # A key that was rotated after the pointer was read has other material than the pointer leads to.
        known = [key for key in listing.keys if key.material <= listing.pointer.revision]
        wanted = usable(known, provider, model)
        plaintexts = self._plaintexts(tenant, listing.pointer) if wanted else {}
        found = [KeyInHand(key, self._shown(key, plaintexts[key.key_id])) for key in wanted if key.key_id in plaintexts]
        if not found:
            reasons = why_not(listing.keys, provider, model)
            allow_others = reasons and set(reasons.values()) == {MODEL_NOT_ALLOWED}
            lack = f"allows {model}" if allow_others else "can be used"
            raise NoUsableKey(f"no key of {provider} {lack}", provider=provider, reasons=reasons)
        return found

    def _read(self, tenant: TenantId) -> _Listing:
        self._opened.drop_expired()
        return self._listings.anew(tenant)

    def _plaintexts(self, tenant: TenantId, pointer: VaultPointer) -> Mapping[str, Plaintext]:
        if pointer.secret is None or pointer.version is None:
            return {}
        opened = self._opened.fresh(tenant)
        if opened is None or opened.version != pointer.version:
            at, content = self._clock(), self._secrets.get(pointer.secret, pointer.version)
            opened = _Opened(pointer.version, {key_id: Plaintext(text) for key_id, text in content.items()})
            self._opened.put(tenant, opened, at=at)
        return opened.plaintexts
