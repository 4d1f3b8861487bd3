"""Tenants, service keys and peppers in memory, and clocks that begin where a test says."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import monotonic

from atom_llm.domain.core.errors import Conflict
from atom_llm.domain.core.ids import ServiceKeyId, TenantId
from atom_llm.domain.tenancy.service_keys import ServiceKey
from atom_llm.domain.tenancy.tenants import Tenant

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
    """A clock that runs on from an instant, and can be moved on: what comes later has a later time."""

    def __init__(self, now: datetime = NOON) -> None:
        super().__init__(now)
        self._started = monotonic()

    def __call__(self) -> datetime:
        return self.now + timedelta(seconds=monotonic() - self._started)


class KeysInMemory:
    """Implements `ServiceKeyStore`, and counts its reads."""

    def __init__(self) -> None:
        self.stored: dict[ServiceKeyId, ServiceKey] = {}
        self.reads = 0
        self.notes = 0
        self.fails_with: Exception | None = None

    def find(self, key_id: ServiceKeyId) -> ServiceKey | None:
        self.reads += 1
        if self.fails_with is not None:
            raise self.fails_with
        return self.stored.get(key_id)

    def add(self, key: ServiceKey) -> None:
        if self.stored.setdefault(key.key_id, key) != key:
            raise Conflict("a service key of this id exists already")

    def of(
        self, tenant: TenantId, *, after: ServiceKeyId | None = None, limit: int | None = None
    ) -> Iterator[ServiceKey]:
        own = sorted((key for key in self.stored.values() if key.tenant == tenant), key=lambda key: key.key_id)
        return iter([key for key in own if after is None or key.key_id > after][:limit])

    def revoke(self, tenant: TenantId, key_id: ServiceKeyId, at: datetime) -> ServiceKey | None:
        key = self.stored.get(key_id)
        if key is None or key.tenant != tenant:
            return None
        self.stored[key_id] = replace(key, revoked_at=key.revoked_at or at)
        return self.stored[key_id]

    def used(self, key_id: ServiceKeyId, at: datetime) -> None:
        self.notes += 1
        if self.fails_with is not None:
            raise self.fails_with
        key = self.stored.get(key_id)
        if key is not None:
            self.stored[key_id] = replace(key, last_used_at=max(key.last_used_at or at, at))


class TenantsInMemory:
    """Implements `TenantStore`."""

    def __init__(self) -> None:
        self.stored: dict[TenantId, Tenant] = {}

    def find(self, tenant: TenantId) -> Tenant | None:
        return self.stored.get(tenant)

    def all(self, *, after: TenantId | None = None, limit: int | None = None) -> Iterator[Tenant]:
        return iter([self.stored[each] for each in sorted(self.stored) if after is None or each > after][:limit])

    def add(self, tenant: Tenant) -> None:
        if self.stored.setdefault(tenant.id, tenant) != tenant:
            raise Conflict("the tenant's id is taken", tenant=str(tenant.id))

    def change(self, tenant: TenantId, *, name: str | None, time_zone: str | None) -> Tenant | None:
        found = self.stored.get(tenant)
        if found is None or found.deleted_at is not None:
            return None
        self.stored[tenant] = replace(found, name=name or found.name, time_zone=time_zone or found.time_zone)
        return self.stored[tenant]

    def mark_deleted(self, tenant: TenantId, at: datetime) -> None:
        found = self.stored.get(tenant)
        if found is not None:
            self.stored[tenant] = replace(found, deleted_at=found.deleted_at or at)


class PeppersInMemory:
    """Implements `PepperVault`, and counts how often the current pepper was asked for."""

    def __init__(self) -> None:
        self.versions = {"v1": b"a pepper of thirty-two characters", "v2": b"another one, just about as long.."}
        self.current_version = "v1"
        self.asked = 0

    def current(self) -> tuple[str, bytes]:
        self.asked += 1
        return self.current_version, self.versions[self.current_version]

    def pepper(self, version: str) -> bytes | None:
        return self.versions.get(version)
