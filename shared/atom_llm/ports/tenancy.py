"""The storage of tenants, their keys and the record of changes, and the test of keys."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from atom_llm.domain.core.audit import AuditEntry
from atom_llm.domain.core.ids import ProviderKeyId, ServiceKeyId, TenantId
from atom_llm.domain.ledger.windows import BudgetCalendar
from atom_llm.domain.providers.key_verdict import ProbeResult
from atom_llm.domain.tenancy.identity.claims import Claims
from atom_llm.domain.tenancy.identity.key_sets import Jwk, KeySet
from atom_llm.domain.tenancy.identity.trusted_issuers import TrustedIssuer
from atom_llm.domain.tenancy.own_names import OwnNames
from atom_llm.domain.tenancy.peppers import Peppers, StoredPeppers
from atom_llm.domain.tenancy.provider_keys import KeyStatus, ProviderKey
from atom_llm.domain.tenancy.rate_limit import LimitStep, PaidUntil
from atom_llm.domain.tenancy.service_keys import ServiceKey
from atom_llm.domain.tenancy.tenants import Tenant
from atom_llm.domain.tenancy.vault import VaultPointer


class ServiceKeyStore(Protocol):
    """Service keys by their public id, and by tenant. A change and the `entry` that tells of it are one write."""

    def find(self, key_id: ServiceKeyId) -> ServiceKey | None:
        """Return the stored key, or None."""
        ...

    def add(self, key: ServiceKey, entry: AuditEntry, *, over: ServiceKey | None = None) -> None:
        """Store a new key, or in place of `over` one of the same id, while that has neither been used nor changed.

        Raises `Conflict` when the id is taken.
        """
        ...

    def hand_over(self, key_id: ServiceKeyId) -> None:
        """Take away the instant at which a key lapses: its secret reached somebody."""
        ...

    def of(
        self,
        tenant: TenantId,
        *,
        after: ServiceKeyId | None = None,
        limit: int | None = None,
        exchanged: bool = False,
    ) -> Iterator[ServiceKey]:
        """Iterate over a tenant's keys in the order of their ids, revoked ones included.

        With `exchanged` they are those that tokens were exchanged for, else those that admins have issued.
        """
        ...

    def revoke(self, tenant: TenantId, key_id: ServiceKeyId, at: datetime, entry: AuditEntry) -> ServiceKey | None:
        """Revoke a tenant's key, once; None when the tenant has no such key."""
        ...

    def name(self, tenant: TenantId, key_id: ServiceKeyId, names: OwnNames, entry: AuditEntry) -> ServiceKey | None:
        """Give a tenant's key other own names, unless it was revoked; None when the tenant has no such key."""
        ...

    def revoke_all(self, tenant: TenantId, at: datetime) -> int:
        """Revoke the keys that a tenant has left, as a part of its erasure; returns how many those were."""
        ...

    def used(self, key_id: ServiceKeyId, at: datetime) -> None:
        """Note the instant of a key's last use, which hands it over; raises `StoreUnavailable`, whatever the reason."""
        ...

    def rehash(self, key: ServiceKey, secret_hash: bytes, pepper_version: str) -> None:
        """Hash a key's secret by another pepper, unless its hash has changed; raises `StoreUnavailable` likewise."""
        ...


class TenantStore(Protocol):
    """The tenants of a deployment, those that were deleted included. A change and its `entry` are one write."""

    def find(self, tenant: TenantId) -> Tenant | None:
        """Return a tenant, or None."""
        ...

    def all(self, *, after: TenantId | None = None, limit: int | None = None) -> Iterator[Tenant]:
        """Iterate over every tenant in the order of ids, from the one behind `after` on."""
        ...

    def add(self, tenant: Tenant, entry: AuditEntry) -> None:
        """Store a new tenant; raises `Conflict` when the id is, or was, another's."""
        ...

    def change(
        self,
        tenant: TenantId,
        entry: AuditEntry,
        *,
        name: str | None,
        calendar: BudgetCalendar | None,
        hashes_end_users: bool | None = None,
    ) -> Tenant | None:
        """Change what is given, at least one of them; None when there is no such tenant, or it was deleted."""
        ...

    def mark_deleted(self, tenant: TenantId, at: datetime, entry: AuditEntry) -> None:
        """Mark a tenant as deleted, once."""
        ...


class IssuerStore(Protocol):
    """The issuers that the operator trusts, and what was last read of their keys."""

    def find(self, url: str) -> TrustedIssuer | None:
        """Return an issuer by its address, exactly as tokens spell it; None where it is not trusted."""
        ...

    def all(self) -> list[TrustedIssuer]:
        """Return every issuer in the order of ids."""
        ...

    def save(self, issuer: TrustedIssuer, entries: Sequence[AuditEntry], *, before: str | None) -> bool:
        """Write an issuer over its revision `before`, None for a new one, with the entries that tell of it.

        Returns False where another revision is in force.
        """
        ...

    def remove(self, issuer: TrustedIssuer, entries: Sequence[AuditEntry]) -> bool:
        """Remove an issuer with its keys, and write the entries; False where another revision is in force."""
        ...

    def last_keys(self, url: str) -> KeySet | None:
        """Return an issuer's keys as any process read them last; None where none did."""
        ...

    def keep_keys(self, url: str, read: KeySet) -> None:
        """Keep an issuer's keys for processes that cannot read them; raises `StoreUnavailable`, whatever the reason."""
        ...


class KeySetSource(Protocol):
    """The published keys of issuers."""

    def read(self, issuer: TrustedIssuer) -> tuple[Jwk, ...]:
        """Read an issuer's keys; raises `IssuerUnavailable`, whose sentence says what is wrong with its answer."""
        ...


class TokenVerifier(Protocol):
    """The check of a token's signature and of the claims that every token has."""

    def verify(self, token: str, algorithm: str, keys: Sequence[Jwk], issuer: TrustedIssuer, now: datetime) -> Claims:
        """Return the claims of a token by one of the keys, within its time, for us; raises `TokenRefused`."""
        ...


class TenantErasure(Protocol):
    """A store of tenants' data that can forget one of them."""

    def erase(self, tenant: TenantId) -> Mapping[str, int]:
        """Erase a tenant's data; returns the number erased by kind. Repeating it erases what came since."""
        ...


class PepperVault(Protocol):
    """The secret that service keys are hashed with, by version, and the one of end users' names."""

    def current(self) -> tuple[str, bytes]:
        """Return the version for new keys, and its pepper."""
        ...

    def pepper(self, version: str) -> bytes | None:
        """Return the pepper of a version; None when it was retired."""
        ...

    def of_names(self) -> bytes:
        """Return the pepper that names of end users are hashed with, the same one for good."""
        ...


class PepperStore(Protocol):
    """The secret of the peppers as a whole, for whoever rotates it with the account's own rights."""

    def read(self) -> StoredPeppers:
        """Return what is in force; raises `Unavailable`."""
        ...

    def replace(self, found: StoredPeppers, peppers: Peppers) -> None:
        """Put peppers in place of what was found; raises `Conflict` when something else is there by now."""
        ...


class AuditLog(Protocol):
    """The record of acts and their actors. Each store writes the entries of its own changes, in their transactions."""

    def record(self, entry: AuditEntry) -> None:
        """Write the entry of an act that changed nothing stored: a read by the operator, a refresh without news."""
        ...

    def entries(self, tenant: TenantId, *, before: str | None, limit: int) -> Iterator[AuditEntry]:
        """Iterate over a tenant's entries newest first, only those with ids below `before`."""
        ...


class SecretStore(Protocol):
    """Secrets by name, each a map from key ids to plaintexts. No error reveals the content of a secret."""

    def holds(self, version: str) -> bool:
        """Return whether a version is where the store would put it; one that is elsewhere moves when it is written."""
        ...

    def get(self, name: str, version: str) -> Mapping[str, str]:
        """Return the content of a version; raises `SecretMissing`."""
        ...

    def create(self, name: str, content: Mapping[str, str]) -> str:
        """Make a secret; returns its version."""
        ...

    def restore(self, name: str, in_force: str) -> None:
        """Make the version in force the newest again, where a writer that died has put another one before it."""
        ...

    def put(self, name: str, content: Mapping[str, str]) -> str:
        """Store a new version and return it. The one that was the newest stays readable beside it."""
        ...

    def delete(self, name: str) -> bool:
        """Delete a secret beyond recovery; False when there was none."""
        ...


class ProviderKeyBook(Protocol):
    """The metadata of provider keys, and the pointer to their secret."""

    def of(self, tenant: TenantId) -> tuple[list[ProviderKey], VaultPointer]:
        """Return a tenant's keys, tombstones included, and the pointer to their secret."""
        ...

    def find(self, tenant: TenantId, key_id: ProviderKeyId) -> ProviderKey | None:
        """Return one key, also a tombstone; None when there is none."""
        ...

    def lease(self, tenant: TenantId, holder: str, draft: str, now: datetime, until: datetime) -> VaultPointer | None:
        """Become the one writer of a tenant's secret, noting the name of a secret that may be made.

        Returns None while another writer's lease lasts.
        """
        ...

    def release(
        self, tenant: TenantId, holder: str, *, retired: Sequence[str] = (), drafts: Sequence[str] = ()
    ) -> None:
        """Give back a lease that nothing came of, with the secrets that are still to be deleted."""
        ...

    def flip(
        self,
        tenant: TenantId,
        holder: str,
        pointer: VaultPointer,
        key_id: ProviderKeyId | None,
        fields: Mapping[str, object],
        entry: AuditEntry,
    ) -> bool:
        """Bring a version and a key's metadata into force together with the change's entry, and give the lease back;
        False when the lease was lost. Without a `key_id` no key changes."""
        ...

    def forget_retired(self, tenant: TenantId, pointer: VaultPointer) -> None:
        """Note that the retired secrets of a revision are deleted."""
        ...

    def change(
        self, tenant: TenantId, key_id: ProviderKeyId, fields: Mapping[str, object], entry: AuditEntry
    ) -> ProviderKey | None:
        """Change metadata of a key together with the change's entry; None when the key is gone."""
        ...

    def note(
        self,
        tenant: TenantId,
        key_id: ProviderKeyId,
        fields: Mapping[str, object],
        *,
        material: int,
        only_from: Collection[KeyStatus] = (),
        entry: AuditEntry | None = None,
    ) -> ProviderKey | None:
        """Note metadata that a test or a call told of a key, and return the key; a test's `entry` is the same write.

        It is noted only while `material` is its material, with `only_from` only while it has one of those statuses;
        None where a condition does not hold, or the key is gone.
        """
        ...

    def erase(self, tenant: TenantId) -> int:
        """Remove the keys and the pointer; returns the number of keys."""
        ...


class KeyProber(Protocol):
    """A test of a key by one cheap authenticated call to its provider."""

    def probe(self, provider: str, plaintext: str) -> tuple[ProbeResult, str]:
        """Return the result of a test of a key, and the reason in a few words of ours."""
        ...


class RateLimitStore(Protocol):
    """The instants until which subjects owe what they took."""

    def take(
        self, subject: str, requests: LimitStep | None, tokens: LimitStep | None, forget_at: datetime
    ) -> tuple[bool, PaidUntil]:
        """Move both instants in one write if both conditions hold; returns whether it did, and the instants stored."""
        ...

    def correct(self, subject: str, tokens: int) -> PaidUntil | None:
        """Add signed microseconds of tokens; None where nothing is stored of the subject."""
        ...


class OperatorSecrets(Protocol):
    """The operator's own keys at the providers that it declares."""

    def get(self, name: str) -> str:
        """Return a key; raises `SecretMissing` and `VaultUnavailable`."""
        ...
