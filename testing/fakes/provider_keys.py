"""Provider keys, their secrets and a prober in memory, with the same conditions on every write as AWS's."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from threading import RLock
from typing import Any
from uuid import uuid4

from atom_llm.domain.core.audit import AuditEntry
from atom_llm.domain.core.errors import SecretMissing, VaultUnavailable
from atom_llm.domain.core.ids import ProviderKeyId, TenantId
from atom_llm.domain.providers.key_verdict import ProbeResult
from atom_llm.domain.tenancy.provider_keys import KeyStatus, ProviderKey
from atom_llm.domain.tenancy.vault import VaultPointer
from testing.fakes.audit_log import AuditLogInMemory
from testing.fakes.reached import Reached, nobody_asks


class SecretsInMemory:
    """Implements `SecretStore`; a secret has the two newest versions, as labels keep them."""

    def __init__(self, reached: Reached = nobody_asks) -> None:
        self.reached = reached
        self.all: dict[str, dict[str, dict[str, str]]] = {}
        self.is_down = False
        self.written = 0

    def holds(self, version: str) -> bool:
        return any(version in versions for versions in self.all.values())

    def get(self, name: str, version: str) -> Mapping[str, str]:
        self._ask("get")
        try:
            return dict(self.all[name][version])
        except KeyError:
            raise SecretMissing from None

    def create(self, name: str, content: Mapping[str, str]) -> str:
        self._ask("create")
        self.written += 1
        version = str(uuid4())
        self.all[name] = {version: dict(content)}
        self.reached("created")
        return version

    def restore(self, name: str, in_force: str) -> None:
        self._ask("restore")
        try:
            kept = self.all[name].pop(in_force)
        except KeyError:
            raise SecretMissing from None
        self.all[name][in_force] = kept

    def put(self, name: str, content: Mapping[str, str]) -> str:
        self._ask("put")
        if name not in self.all:
            raise SecretMissing
        self.written += 1
        version = str(uuid4())
        newest = list(self.all[name])[-1]
        self.all[name] = {newest: self.all[name][newest], version: dict(content)}
        self.reached("put done")
        return version

    def delete(self, name: str) -> bool:
        self._ask("delete")
        there = self.all.pop(name, None) is not None
        self.reached("deleted")
        return there

    def everything(self) -> str:
        """Return all plaintexts that are kept anywhere."""
        return str(self.all)

    def _ask(self, step: str) -> None:
        self.reached(step)
        if self.is_down:
            raise VaultUnavailable(f"secrets manager: {step}: InternalServiceError", is_refusal=True)


class ProviderKeyBookInMemory:
    """Implements `ProviderKeyBook`."""

    def __init__(self, reached: Reached = nobody_asks, audit: AuditLogInMemory | None = None) -> None:
        self.reached = reached
        self.audit = audit or AuditLogInMemory()
        self.keys: dict[tuple[TenantId, ProviderKeyId], ProviderKey] = {}
        self.pointers: dict[TenantId, VaultPointer] = {}
        self.leases: dict[TenantId, tuple[str, datetime]] = {}
        self.lock = RLock()
        self.changes = 0
        self.reads = 0

    def of(self, tenant: TenantId) -> tuple[list[ProviderKey], VaultPointer]:
        self.reads += 1
        own = [key for (owner, _), key in sorted(self.keys.items()) if owner == tenant]
        return own, self.pointers.get(tenant, VaultPointer())

    def find(self, tenant: TenantId, key_id: ProviderKeyId) -> ProviderKey | None:
        return self.keys.get((tenant, key_id))

    def lease(self, tenant: TenantId, holder: str, draft: str, now: datetime, until: datetime) -> VaultPointer | None:
        self.reached("lease")
        with self.lock:
            held = self.leases.get(tenant)
            if held is not None and held[0] != holder and held[1] >= now:
                return None
            self.leases[tenant] = (holder, until)
            pointer = self.pointers.get(tenant, VaultPointer())
            self.pointers[tenant] = replace(pointer, drafts=(*pointer.drafts, draft))
        self.reached("leased")
        return self.pointers[tenant]

    def release(
        self, tenant: TenantId, holder: str, *, retired: Sequence[str] = (), drafts: Sequence[str] = ()
    ) -> None:
        self.reached("release")
        with self.lock:
            if self.leases.get(tenant, ("",))[0] == holder:
                del self.leases[tenant]
                self.pointers[tenant] = replace(self.pointers[tenant], retired=tuple(retired), drafts=tuple(drafts))
        self.reached("released")

    def flip(
        self,
        tenant: TenantId,
        holder: str,
        pointer: VaultPointer,
        key_id: ProviderKeyId | None,
        fields: Mapping[str, object],
        entry: AuditEntry,
    ) -> bool:
        self.reached("flip")
        with self.lock:
            known = self.pointers.get(tenant, VaultPointer())
            if self.leases.get(tenant, ("",))[0] != holder or known.revision != pointer.revision - 1:
                return False
            self.pointers[tenant] = pointer
            del self.leases[tenant]
            if key_id is not None:
                self._set(tenant, key_id, fields)
            self.audit.record(entry)
        self.reached("flipped")
        return True

    def forget_retired(self, tenant: TenantId, pointer: VaultPointer) -> None:
        self.reached("forget")
        with self.lock:
            known = self.pointers.get(tenant)
            if known is not None and known.revision == pointer.revision:
                self.pointers[tenant] = replace(known, retired=())
        self.reached("forgotten")

    def change(
        self, tenant: TenantId, key_id: ProviderKeyId, fields: Mapping[str, object], entry: AuditEntry
    ) -> ProviderKey | None:
        self.changes += 1
        with self.lock:
            key = self.keys.get((tenant, key_id))
            if key is None or key.deleted_at is not None:
                return None
            self._set(tenant, key_id, fields)
            self.audit.record(entry)
            return self.keys[tenant, key_id]

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
        self.changes += 1
        with self.lock:
            key = self.keys.get((tenant, key_id))
            if key is None or key.deleted_at is not None or material != key.material:
                return None
            if only_from and key.status not in only_from:
                return None
            self._set(tenant, key_id, fields)
            self.audit.told(entry)
            return self.keys[tenant, key_id]

    def erase(self, tenant: TenantId) -> int:
        with self.lock:
            own, _ = self.of(tenant)
            for key in own:
                del self.keys[tenant, key.key_id]
            self.pointers.pop(tenant, None)
            self.leases.pop(tenant, None)
            return sum(key.deleted_at is None for key in own)

    def _set(self, tenant: TenantId, key_id: ProviderKeyId, fields: Mapping[str, object]) -> None:
        known = self.keys.get((tenant, key_id))
        changed: dict[str, Any] = {**fields, "key_id": key_id}
        self.keys[tenant, key_id] = replace(known, **changed) if known else ProviderKey(tenant=tenant, **changed)


class ProberInMemory:
    """Implements `KeyProber`: a key has the result that the test gave it."""

    def __init__(self) -> None:
        self.results: dict[str, ProbeResult] = {}
        self.asked: list[str] = []

    def probe(self, provider: str, plaintext: str) -> tuple[ProbeResult, str]:
        self.asked.append(provider)
        return self.results.get(plaintext, "valid"), "the provider answered 200"


class OperatorSecretsInMemory:
    """Implements `OperatorSecrets`."""

    def __init__(self) -> None:
        self.all: dict[str, str] = {}
        self.asked = 0

    def get(self, name: str) -> str:
        self.asked += 1
        try:
            return self.all[name]
        except KeyError:
            raise SecretMissing from None
