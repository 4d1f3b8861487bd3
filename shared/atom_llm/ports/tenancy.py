"""Where tenants, their keys and the record of changes are kept, and who tests keys."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from atom_llm.domain.core.ids import ProviderKeyId, ServiceKeyId, TenantId
from atom_llm.domain.providers.key_verdict import ProbeResult
from atom_llm.domain.tenancy.audit import AuditEntry
from atom_llm.domain.tenancy.provider_keys import KeyStatus, ProviderKey
from atom_llm.domain.tenancy.rate_limit import LimitStep, Taken
from atom_llm.domain.tenancy.service_keys import ServiceKey
from atom_llm.domain.tenancy.tenants import Tenant
from atom_llm.domain.tenancy.vault import VaultPointer


class ServiceKeyStore(Protocol):
    """Service keys by their public id, and by tenant."""

    def find(self, key_id: ServiceKeyId) -> ServiceKey | None:
        """The stored key, or None."""
        ...

    def add(self, key: ServiceKey) -> None:
        """Store a new key; raises `Conflict` when the id is taken."""
        ...

    def of(
        self, tenant: TenantId, *, after: ServiceKeyId | None = None, limit: int | None = None
    ) -> Iterator[ServiceKey]:
        """A tenant's keys in the order of their ids, revoked ones included."""
        ...

    def revoke(self, tenant: TenantId, key_id: ServiceKeyId, at: datetime) -> ServiceKey | None:
        """Revoke a tenant's key, once; None when the tenant has no such key."""
        ...

    def used(self, key_id: ServiceKeyId, at: datetime) -> None:
        """Note when a key was used last; raises `StoreUnavailable` whatever the reason why that could not be done."""
        ...


class TenantStore(Protocol):
    """The tenants of a deployment, those that were deleted included."""

    def find(self, tenant: TenantId) -> Tenant | None:
        """A tenant, or None."""
        ...

    def all(self, *, after: TenantId | None = None, limit: int | None = None) -> Iterator[Tenant]:
        """Every tenant in the order of ids, those behind `after`."""
        ...

    def add(self, tenant: Tenant) -> None:
        """Store a new one; raises `Conflict` when the id is, or was, another's."""
        ...

    def change(self, tenant: TenantId, *, name: str | None, time_zone: str | None) -> Tenant | None:
        """Change what is given, at least one of the two; None when there is no such tenant, or no longer."""
        ...

    def mark_deleted(self, tenant: TenantId, at: datetime) -> None:
        """Mark a tenant as deleted, once."""
        ...


class TenantErasure(Protocol):
    """Something that holds what belongs to tenants, and can forget it."""

    def erase(self, tenant: TenantId) -> Mapping[str, int]:
        """Erase what is a tenant's; says how many of what there were. Repeating it erases what came since."""
        ...


class PepperVault(Protocol):
    """The secret that service keys are hashed with, by version."""

    def current(self) -> tuple[str, bytes]:
        """The version for new keys, and its pepper."""
        ...

    def pepper(self, version: str) -> bytes | None:
        """The pepper of a version; None when it was retired."""
        ...


class AuditLog(Protocol):
    """Who changed what."""

    def record(self, entry: AuditEntry) -> None:
        """Store an entry."""
        ...

    def entries(self, tenant: TenantId, *, before: str | None, limit: int) -> Iterator[AuditEntry]:
        """A tenant's entries newest first, only those with ids below `before`."""
        ...


class SecretStore(Protocol):
    """Secrets by name, each a map from key ids to plaintexts. No error says what a secret holds."""

    def get(self, name: str, version: str) -> Mapping[str, str]:
        """What a version holds; raises `SecretMissing`."""
        ...

    def create(self, name: str, content: Mapping[str, str]) -> str:
        """Make a secret; says its version."""
        ...

    def restore(self, name: str, in_force: str) -> None:
        """Make the version in force the newest again, where a writer that died has put another one before it."""
        ...

    def put(self, name: str, content: Mapping[str, str]) -> str:
        """Store a new version; says which. The one that was the newest stays readable beside it."""
        ...

    def delete(self, name: str) -> bool:
        """Delete a secret beyond recovery; says whether there was one."""
        ...


class ProviderKeyBook(Protocol):
    """What is known of provider keys, and where their secret is."""

    def of(self, tenant: TenantId) -> tuple[list[ProviderKey], VaultPointer]:
        """A tenant's keys, tombstones included, and the pointer to their secret."""
        ...

    def find(self, tenant: TenantId, key_id: ProviderKeyId) -> ProviderKey | None:
        """One key, also a tombstone."""
        ...

    def lease(self, tenant: TenantId, holder: str, draft: str, now: datetime, until: datetime) -> VaultPointer | None:
        """Become the one writer of a tenant's secret, noting the name of a secret that may be made; None while
        another is."""
        ...

    def release(
        self, tenant: TenantId, holder: str, *, retired: Sequence[str] = (), drafts: Sequence[str] = ()
    ) -> None:
        """Give a lease back that nothing came of, saying what is still to be deleted."""
        ...

    def flip(
        self,
        tenant: TenantId,
        holder: str,
        pointer: VaultPointer,
        key_id: ProviderKeyId,
        fields: Mapping[str, object],
    ) -> bool:
        """Bring a version and a key's metadata into force together, and give the lease back; False when the lease was
        lost."""
        ...

    def forget_retired(self, tenant: TenantId, pointer: VaultPointer) -> None:
        """Note that the retired secrets of a revision are deleted."""
        ...

    def change(
        self,
        tenant: TenantId,
        key_id: ProviderKeyId,
        fields: Mapping[str, object],
        *,
        material: int | None = None,
        only_from: Collection[KeyStatus] = (),
    ) -> ProviderKey | None:
        """Change metadata of a key; with `material` only while that is its material, with `only_from` only while it has
        one of those statuses. None where it is not so, or the key is gone."""
        ...

    def erase(self, tenant: TenantId) -> int:
        """Remove the keys and the pointer; says how many keys there were."""
        ...


class KeyProber(Protocol):
    """One cheap authenticated call to a provider."""

    def probe(self, provider: str, plaintext: str) -> tuple[ProbeResult, str]:
        """What a key is good for, and why in a few words of ours."""
        ...


class RateLimitStore(Protocol):
    """When subjects are paid off."""

    def take(
        self, subject: str, requests: LimitStep | None, tokens: LimitStep | None, forget_at: datetime
    ) -> tuple[bool, Taken]:
        """Move both instants if both steps' conditions hold, in one write; says whether it did, and how they stand."""
        ...

    def correct(self, subject: str, tokens: int) -> Taken | None:
        """Add signed microseconds of tokens; None where nothing is known of the subject (any more)."""
        ...
