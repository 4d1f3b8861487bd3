"""Tenants, service keys and peppers in memory, and clocks that begin where a test says."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import monotonic

from atom_llm.domain.core.audit import AuditEntry
from atom_llm.domain.core.errors import Conflict
from atom_llm.domain.core.ids import ServiceKeyId, TenantId
from atom_llm.domain.ledger.windows import BudgetCalendar
from atom_llm.domain.tenancy.own_names import OwnNames
from atom_llm.domain.tenancy.peppers import Peppers, StoredPeppers
from atom_llm.domain.tenancy.service_keys import ServiceKey
from atom_llm.domain.tenancy.tenants import Tenant
from atom_llm.ports.core import Clock
from testing.fakes.audit_log import AuditLogInMemory

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class SetClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_s(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class RunningClock(SetClock):
    """A clock that runs on from an instant, and can be moved on: later readings have later times."""

    def __init__(self, now: datetime = NOON) -> None:
        super().__init__(now)
        self._started = monotonic()

    def __call__(self) -> datetime:
        return self.now + timedelta(seconds=monotonic() - self._started)


class KeysInMemory:
    """Implements `ServiceKeyStore`, and counts its reads."""

    def __init__(self, audit: AuditLogInMemory | None = None) -> None:
        self.audit = audit or AuditLogInMemory()
        self.stored: dict[ServiceKeyId, ServiceKey] = {}
        self.reads = 0
        self.notes = 0
        self.fails_with: Exception | None = None

    def find(self, key_id: ServiceKeyId) -> ServiceKey | None:
        self.reads += 1
        if self.fails_with is not None:
            raise self.fails_with
        return self.stored.get(key_id)

    def add(self, key: ServiceKey, entry: AuditEntry, *, over: ServiceKey | None = None) -> None:
        own = replace(key)
        there = self.stored.get(key.key_id)
        is_unused = there is not None and there.last_used_at is None and there.revoked_at is None
        if there is not None and over is not None and is_unused and there.secret_hash == over.secret_hash:
            del self.stored[key.key_id]
        if not self.audit.has(entry) and self.stored.setdefault(key.key_id, own) is not own:
            raise Conflict("a service key of this id exists already")
        self.audit.record(entry)

    def hand_over(self, key_id: ServiceKeyId) -> None:
        if self.fails_with is not None:
            raise self.fails_with
        if key_id in self.stored:
            self.stored[key_id] = replace(self.stored[key_id], lapses_at=None)

    def of(
        self,
        tenant: TenantId,
        *,
        after: ServiceKeyId | None = None,
        limit: int | None = None,
        exchanged: bool = False,
    ) -> Iterator[ServiceKey]:
        every = (key for key in self.stored.values() if key.tenant == tenant and (key.holder is not None) == exchanged)
        own = sorted(every, key=lambda key: key.key_id)
        return iter([key for key in own if after is None or key.key_id > after][:limit])

    def revoke(self, tenant: TenantId, key_id: ServiceKeyId, at: datetime, entry: AuditEntry) -> ServiceKey | None:
        key = self.stored.get(key_id)
        if key is None or key.tenant != tenant:
            return None
        if key.revoked_at is None:
            self.stored[key_id] = replace(key, revoked_at=at)
            self.audit.record(entry)
        return self.stored[key_id]

    def name(self, tenant: TenantId, key_id: ServiceKeyId, names: OwnNames, entry: AuditEntry) -> ServiceKey | None:
        found = self.stored.get(key_id)
        if found is None or found.tenant != tenant:
            return None
        if found.revoked_at is None:
            self.stored[key_id] = replace(found, own_names=names)
            self.audit.record(entry)
        return self.stored[key_id]

    def revoke_all(self, tenant: TenantId, at: datetime) -> int:
        every = [*self.of(tenant), *self.of(tenant, exchanged=True)]
        live = [key for key in every if key.revoked_at is None]
        self.stored |= {key.key_id: replace(key, revoked_at=at) for key in live}
        return len(live)

    def used(self, key_id: ServiceKeyId, at: datetime) -> None:
        self.notes += 1
        if self.fails_with is not None:
            raise self.fails_with
        key = self.stored.get(key_id)
        if key is not None:
            self.stored[key_id] = replace(key, last_used_at=max(key.last_used_at or at, at), lapses_at=None)

    def rehash(self, key: ServiceKey, secret_hash: bytes, pepper_version: str) -> None:
        if self.fails_with is not None:
            raise self.fails_with
        there = self.stored.get(key.key_id)
        if there is not None and there.secret_hash == key.secret_hash:
            self.stored[key.key_id] = replace(there, secret_hash=secret_hash, pepper_version=pepper_version)


class TenantsInMemory:
    """Implements `TenantStore`."""

    def __init__(self, audit: AuditLogInMemory | None = None) -> None:
        self.audit = audit or AuditLogInMemory()
        self.stored: dict[TenantId, Tenant] = {}

    def find(self, tenant: TenantId) -> Tenant | None:
        return self.stored.get(tenant)

    def all(self, *, after: TenantId | None = None, limit: int | None = None) -> Iterator[Tenant]:
        return iter([self.stored[each] for each in sorted(self.stored) if after is None or each > after][:limit])

    def add(self, tenant: Tenant, entry: AuditEntry) -> None:
        own = replace(tenant)
        if not self.audit.has(entry) and self.stored.setdefault(tenant.id, own) is not own:
            raise Conflict("the tenant's id is taken", tenant=str(tenant.id))
        self.audit.record(entry)

    def change(
        self,
        tenant: TenantId,
        entry: AuditEntry,
        *,
        name: str | None,
        calendar: BudgetCalendar | None,
        hashes_end_users: bool | None = None,
    ) -> Tenant | None:
        found = self.stored.get(tenant)
        if found is None or found.deleted_at is not None:
            return None
        kept = calendar or found.calendar
        hashes = found.hashes_end_users if hashes_end_users is None else hashes_end_users
        self.stored[tenant] = replace(
            found, name=name or found.name, time_zone=kept.zone.key, ran=kept.ran, hashes_end_users=hashes
        )
        self.audit.record(entry)
        return self.stored[tenant]

    def mark_deleted(self, tenant: TenantId, at: datetime, entry: AuditEntry) -> None:
        found = self.stored.get(tenant)
        if found is not None and found.deleted_at is None:
            self.stored[tenant] = replace(found, deleted_at=at)
            self.audit.record(entry)


class PeppersInMemory:
    """Implements `PepperVault`, and counts the reads of the current pepper."""

    def __init__(self) -> None:
        self.versions = {"v1": b"a pepper of thirty-two characters", "v2": b"another one, just about as long.."}
        self.current_version = "v1"
        self.asked = 0

    def current(self) -> tuple[str, bytes]:
        self.asked += 1
        return self.current_version, self.versions[self.current_version]

    def pepper(self, version: str) -> bytes | None:
        return self.versions.get(version)

    def of_names(self) -> bytes:
        return self.versions["v1"]


class PepperStoreInMemory:
    """Implements `PepperStore`; `meanwhile` is done once between a reading and the next writing."""

    def __init__(self, clock: Clock, peppers: Peppers) -> None:
        self._clock = clock
        self._stored = StoredPeppers(peppers, "1", clock())
        self.meanwhile: Callable[[], None] | None = None

    def read(self) -> StoredPeppers:
        return self._stored

    def replace(self, found: StoredPeppers, peppers: Peppers) -> None:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        if found.revision != self._stored.revision:
            raise Conflict("somebody else has changed the pepper meanwhile")
        self._stored = StoredPeppers(peppers, str(int(found.revision) + 1), self._clock())

    def current(self) -> tuple[str, bytes]:
        """Return what a process that has just read the secret would, as `PepperVault` does."""
        peppers = self._stored.peppers
        return peppers.current, peppers.by_version[peppers.current].encode()

    def pepper(self, version: str) -> bytes | None:
        found = self._stored.peppers.by_version.get(version)
        return found.encode() if found is not None else None

    def of_names(self) -> bytes:
        return self._stored.peppers.of_names.encode()
