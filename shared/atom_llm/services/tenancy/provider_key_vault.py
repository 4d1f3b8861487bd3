"""The vault of provider keys: stored, rotated and deleted in one secret a tenant, by one writer after the other.

The material is written first, then one transaction brings it into force together with the key's metadata and the audit
entry of the change. What a crash leaves behind, a secret or a version that is not in force, is deleted by the next
writer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from secrets import token_bytes
from time import sleep
from typing import Final

from atom_llm.domain.core.audit import Actor, AuditEntry
from atom_llm.domain.core.errors import AtomError, Conflict, NotFound, Unavailable, VaultUnavailable
from atom_llm.domain.core.ids import RANDOM_BYTES, ProviderKeyId, TenantId, ulid
from atom_llm.domain.core.plaintext import Plaintext
from atom_llm.domain.tenancy.provider_keys import MAX_KEYS, KeyStatus, ProviderKey, is_repetition
from atom_llm.domain.tenancy.vault import VaultPointer
from atom_llm.ports.core import Clock
from atom_llm.ports.tenancy import ProviderKeyBook, SecretStore
from atom_llm.services.core.audit_entries import audit_entry

LEASE: Final = timedelta(seconds=20)  # how long a writer that died holds up the others
WRITE_AT_MOST: Final = timedelta(seconds=8)  # one write of a secret, and clocks that disagree a bit
ATTEMPTS: Final = 40  # to get the lease: eight seconds, as long as a handful of writers take
PAUSE_S: Final = 0.2
TAKEOVERS: Final = 3  # how often a writer begins anew that lost its lease to others

Content = Mapping[str, str]
Change = Callable[[Content], Content | None]
"""What a writer makes of the plaintexts by key id; None: there is nothing left to do."""


@dataclass(frozen=True, slots=True)
class _Lease:
    """The right to write a tenant's secret; `draft` is the name that a new secret may have."""

    tenant: TenantId
    holder: str
    draft: str
    until: datetime
    pointer: VaultPointer


class ProviderKeyVault:
    """The writes of provider keys. Nothing here remembers, logs or returns a plaintext."""

    def __init__(
        self, book: ProviderKeyBook, secrets: SecretStore, clock: Clock, pause: Callable[[float], None] = sleep
    ) -> None:
        """Take the stores; `pause` waits for another writer to end."""
        self._book = book
        self._secrets = secrets
        self._clock = clock
        self._pause = pause

    def store(self, key: ProviderKey, plaintext: Plaintext, by: Actor) -> ProviderKey:
        """Store a new key; raises `Conflict` when the tenant has this very key already, or too many.

        The same request once more, its answer having been lost, finds the key that it made.
        """
        asked = replace(key, stored_by=by.key_id)
        made_before: list[ProviderKey] = []

        def with_key(content: Content) -> Content | None:
            known = _known_as(content, plaintext)
            if known is not None:
                made_before[:] = [self._found(key.tenant, known)]
                if is_repetition(asked, made_before[0]):
                    return None
                raise _stored_already(known)
            if len(content) >= MAX_KEYS:
                raise Conflict(f"a tenant has at most {MAX_KEYS} provider keys; delete some")
            return {**content, str(key.key_id): plaintext.reveal()}

        listed, _ = self._book.of(key.tenant)
        orders = [each.order for each in listed if each.provider == key.provider and each.deleted_at is None]
        placed = replace(asked, order=key.order or max(orders, default=0) + 1)
        entry = audit_entry(by, "provider_key.stored", key.key_id, key.tenant, key.created_at)
        self._write(key.tenant, key.key_id, with_key, _known(placed), entry)
        return made_before[0] if made_before else self._found(key.tenant, key.key_id)

    def rotate(self, key: ProviderKey, plaintext: Plaintext, last4: str, fingerprint: str, by: Actor) -> ProviderKey:
        """Put new material in place of a key's old one; reports on the old one are dropped from then on.

        May be repeated: to rotate to the material that the key has changes nothing.
        """
        now = self._clock()

        def with_material(content: Content) -> Content | None:
            if str(key.key_id) not in content:
                raise NotFound("there is no provider key of that id", key_id=str(key.key_id))
            if content[str(key.key_id)] == plaintext.reveal():
                return None
            known = _known_as(content, plaintext)
            if known is not None:
                raise _stored_already(known)
            return {**content, str(key.key_id): plaintext.reveal()}

        fields = {
            "last4": last4,
            "fingerprint": fingerprint,
            "status": KeyStatus.UNTESTED,
            "status_reason": "rotated",
            "status_at": now,
            "rotated_at": now,
            "probe": None,
        }
        entry = audit_entry(by, "provider_key.rotated", key.key_id, key.tenant, now)
        self._write(key.tenant, key.key_id, with_material, fields, entry)
        return self._found(key.tenant, key.key_id)

    def delete(self, key: ProviderKey, by: Actor) -> ProviderKey:
        """Erase the material: what remains moves to a new secret, and the old one is deleted beyond recovery.

        The metadata stays as a tombstone. May be repeated; then it finishes what a crash left.
        """

        def without_key(content: Content) -> Content | None:
            if self._found(key.tenant, key.key_id).deleted_at is not None:
                return None
            return {key_id: known for key_id, known in content.items() if key_id != str(key.key_id)}

        now = self._clock()
        entry = audit_entry(by, "provider_key.deleted", key.key_id, key.tenant, now)
        fields = {"deleted_at": now, "status_reason": "deleted"}
        self._write(key.tenant, key.key_id, without_key, fields, entry, moves=True)
        return self._found(key.tenant, key.key_id)

    def move(self, tenant: TenantId, by: Actor) -> bool:
        """Move a tenant's secret to where the store keeps its own, unless it is there; returns whether it moved.

        The copy is read back and compared before it is brought into force, and only then is the old one deleted. May be
        repeated; then it finishes what a crash left. Raises `Unavailable`.
        """
        _, pointer = self._book.of(tenant)
        if self._is_home(pointer) and not (pointer.retired or pointer.drafts):
            return False
        entry = audit_entry(by, "provider_keys.moved", str(tenant), tenant, self._clock())
        return self._write(tenant, None, lambda content: content, {}, entry, only_to_move=True)

    def erase(self, tenant: TenantId) -> Mapping[str, int]:
        """Delete all keys of a tenant, secrets first; returns the number of each."""
        lease = self._leased(tenant)
        try:
            secrets = self._tidy(lease)
            if lease.pointer.secret is not None:
                secrets += self._secrets.delete(lease.pointer.secret)
        except AtomError:
            self._release(lease)
            raise
        self._refuse_if_late(lease)
        return {"provider_keys_deleted": self._book.erase(tenant), "secrets_deleted": secrets}

    def _write(
        self,
        tenant: TenantId,
        key_id: ProviderKeyId | None,
        change: Change,
        fields: Mapping[str, object],
        entry: AuditEntry,
        *,
        moves: bool = False,
        only_to_move: bool = False,
    ) -> bool:
        """Change the content and one key's metadata together; `moves` leaves nothing of the content as it was.

        The entry is written with the change, and neither is where there is nothing to change; returns whether there
        was. `only_to_move` leaves the content as it is, and has nothing to do where it is at home.
        """
        for _ in range(TAKEOVERS):
            lease = self._leased(tenant)
            try:
                self._tidy(lease)
                content = (
                    None if only_to_move and self._is_home(lease.pointer) else change(self._content(lease.pointer))
                )
                self._restore(lease.pointer)
            except AtomError:  # nothing was written yet
                self._release(lease)
                raise
            if content is None:
                self._book.release(tenant, lease.holder)
                return False
            comes_from_elsewhere = not self._is_home(lease.pointer)
            try:
                flipped = self._written(lease, content, moves=moves or comes_from_elsewhere)
                if comes_from_elsewhere:
                    self._compare(flipped, content)
            except VaultUnavailable as error:  # what got no answer may be under way: the lease then has to run out
                if error.is_refusal:  # and may yet have been made: whoever writes next looks for it
                    self._book.release(tenant, lease.holder, drafts=[lease.draft])
                raise
            # New material has a number that no other had, so that what is said of the old one is not taken for its own.
            known = fields if moves else {**fields, "material": flipped.revision}
            if self._book.flip(tenant, lease.holder, flipped, key_id, known, entry):
                self._forget_retired(tenant, flipped)
                return True
            if flipped.secret == lease.draft:  # whoever took over may have looked for it before it was there
                self._secrets.delete(lease.draft)
        raise Unavailable("the tenant's keys are being changed by others; ask again")

    def _leased(self, tenant: TenantId) -> _Lease:
        for _ in range(ATTEMPTS):
            now = self._clock()
            holder, draft, until = self._new_name(), f"{tenant}/{self._new_name()}", now + LEASE
            pointer = self._book.lease(tenant, holder, draft, now, until)
            if pointer is not None:
                return _Lease(tenant, holder, draft, until, pointer)
            self._pause(PAUSE_S)
        raise Unavailable("the tenant's keys are being changed by others; ask again")

    def _release(self, lease: _Lease) -> None:
        """Give the lease back, keeping all that is still to be deleted but for the draft that was never made."""
        drafts = [name for name in lease.pointer.drafts if name != lease.draft]
        self._book.release(lease.tenant, lease.holder, retired=lease.pointer.retired, drafts=drafts)

    def _tidy(self, lease: _Lease) -> int:
        """Delete the secrets that dead writers have left; returns their number."""
        pointer = lease.pointer
        left = sorted({*pointer.retired, *pointer.drafts} - {lease.draft, pointer.secret})
        return sum(self._secrets.delete(name) for name in left)

    def _is_home(self, pointer: VaultPointer) -> bool:
        return pointer.version is None or self._secrets.holds(pointer.version)

    def _content(self, pointer: VaultPointer) -> Content:
        if pointer.secret is None or pointer.version is None:
            return {}
        return self._secrets.get(pointer.secret, pointer.version)

    def _restore(self, pointer: VaultPointer) -> None:
        if pointer.secret is not None and pointer.version is not None:
            self._secrets.restore(pointer.secret, pointer.version)

    def _written(self, lease: _Lease, content: Content, *, moves: bool) -> VaultPointer:
        """Write the material and return the pointer to it; no reader finds it before that is in force."""
        secret, version = lease.pointer.secret, lease.pointer.version
        self._refuse_if_late(lease)
        if not content:
            secret = version = None
        elif moves or secret is None or version is None:
            secret, version = lease.draft, self._secrets.create(lease.draft, content)
        else:
            version = self._secrets.put(secret, content)
        was = lease.pointer.secret
        return VaultPointer(
            secret, version, lease.pointer.revision + 1, (was,) if was is not None and was != secret else ()
        )

    def _compare(self, copied: VaultPointer, content: Content) -> None:
        """Raise `VaultUnavailable` when a copy that is to take its original's place is not the same."""
        if self._content(copied) != content:
            raise VaultUnavailable("the vault gave back something else than it was given", is_refusal=True)

    def _refuse_if_late(self, lease: _Lease) -> None:
        """Raise `Unavailable` when a write begun now might end after another writer took over, never to be found."""
        if self._clock() + WRITE_AT_MOST > lease.until:
            self._release(lease)
            raise Unavailable("the vault is too slow now; ask again")

    def _forget_retired(self, tenant: TenantId, pointer: VaultPointer) -> None:
        for name in pointer.retired:
            self._secrets.delete(name)
        if pointer.retired:
            self._book.forget_retired(tenant, pointer)

    def _found(self, tenant: TenantId, key_id: ProviderKeyId) -> ProviderKey:
        found = self._book.find(tenant, key_id)
        if found is None:
            raise NotFound("there is no provider key of that id", key_id=str(key_id))
        return found

    def _new_name(self) -> str:
        return ulid(self._clock(), token_bytes(RANDOM_BYTES))


def _known_as(content: Content, plaintext: Plaintext) -> ProviderKeyId | None:
    """Return the key that has this very material; None: no key has."""
    same = (key_id for key_id, known in content.items() if known == plaintext.reveal())
    return next((ProviderKeyId(key_id) for key_id in same), None)


def _stored_already(key_id: ProviderKeyId) -> Conflict:
    return Conflict("this key is stored already", key_id=str(key_id))


def _known(key: ProviderKey) -> dict[str, object]:
    """Return the metadata of a new key; empty fields are left out."""
    fields: dict[str, object] = {
        "key_id": str(key.key_id),
        "provider": key.provider,
        "last4": key.last4,
        "fingerprint": key.fingerprint,
        "created_at": key.created_at,
        "status": key.status,
        "order": key.order,
        "label": key.label,
        "environment": key.environment,
        "allowed_models": key.allowed_models,
        "stored_by": key.stored_by,
    }
    return {name: value for name, value in fields.items() if value is not None}
