"""Store, rotate and delete provider keys: one secret a tenant, and writers of it one after the other.

The material is written first, then one transaction brings it into force together with what is known of the key. What a
crash leaves behind, a secret or a version that is not in force, is deleted by whoever writes next.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from secrets import token_bytes
from time import sleep
from typing import Final

from pydantic import SecretStr

from atom_llm.domain.errors import Conflict, InvalidRequest, NotFound, Unavailable
from atom_llm.domain.ids import RANDOM_BYTES, ProviderKeyId, TenantId, ulid
from atom_llm.domain.provider_keys import MAX_KEYS, KeyStatus, ProviderKey
from atom_llm.domain.vault import MAX_SECRET_BYTES, VaultPointer
from atom_llm.ports import Clock, ProviderKeyBook, SecretStore

LEASE: Final = timedelta(seconds=20)  # a write takes three round trips; longer than all their timeouts and retries
ATTEMPTS: Final = 40  # to get the lease: eight seconds, as long as a handful of writers take
PAUSE_S: Final = 0.2

Content = Mapping[str, str]


class ProviderKeyVault:
    """Writes of provider keys. Nothing here remembers, logs or returns a plaintext."""

    def __init__(
        self, book: ProviderKeyBook, secrets: SecretStore, clock: Clock, pause: Callable[[float], None] = sleep
    ) -> None:
        """`pause` waits for another writer to end."""
        self._book = book
        self._secrets = secrets
        self._clock = clock
        self._pause = pause

    def store(self, key: ProviderKey, plaintext: SecretStr) -> ProviderKey:
        """Store a new key; raises `Conflict` when the tenant has this very key already, or too many."""

        def with_key(content: Content) -> Content:
            for key_id, known in content.items():
                if known == plaintext.get_secret_value():
                    raise Conflict("this key is stored already", key_id=key_id)
            if len(content) >= MAX_KEYS:
                raise Conflict(f"a tenant has at most {MAX_KEYS} provider keys; delete some")
            return {**content, str(key.key_id): plaintext.get_secret_value()}

        listed, _ = self._book.of(key.tenant)
        last = max((each.order for each in listed if each.provider == key.provider), default=0)
        placed = replace(key, order=key.order or last + 1)
        self._write(key.tenant, key.key_id, with_key, _known(placed))
        return self._found(key.tenant, key.key_id)

    def rotate(self, key: ProviderKey, plaintext: SecretStr, last4: str, fingerprint: str) -> ProviderKey:
        """Put new material in place of a key's old one; what is said about the old one from now on is not heard."""
        now = self._clock()

        def with_material(content: Content) -> Content:
            if str(key.key_id) not in content:
                raise NotFound("there is no provider key of that id", key_id=str(key.key_id))
            for key_id, known in content.items():
                if known == plaintext.get_secret_value():
                    raise Conflict("this key is stored already", key_id=key_id)
            return {**content, str(key.key_id): plaintext.get_secret_value()}

        fields = {
            "last4": last4,
            "fingerprint": fingerprint,
            "status": KeyStatus.UNTESTED,
            "status_reason": "rotated",
            "status_at": now,
            "rotated_at": now,
        }
        self._write(key.tenant, key.key_id, with_material, fields)
        return self._found(key.tenant, key.key_id)

    def delete(self, key: ProviderKey) -> ProviderKey:
        """Erase the material: what remains moves to a new secret, and the old one is deleted beyond recovery.

        The metadata stays as a tombstone. May be repeated; then it finishes what a crash left.
        """
        if key.deleted_at is None:
            gone = str(key.key_id)
            fields = {"deleted_at": self._clock(), "status_reason": "deleted"}
            self._write(
                key.tenant,
                key.key_id,
                lambda content: {key_id: known for key_id, known in content.items() if key_id != gone},
                fields,
                moves=True,
            )
        else:
            self._tidy(key.tenant)
        return self._found(key.tenant, key.key_id)

    def erase(self, tenant: TenantId) -> Mapping[str, int]:
        """Delete everything that is a tenant's, secrets first."""
        _, pointer = self._book.of(tenant)
        names = {pointer.secret, *pointer.retired, *pointer.drafts} - {None}
        secrets = sum(self._secrets.delete(name) for name in names if name is not None)
        return {"provider_keys_deleted": self._book.erase(tenant), "secrets_deleted": secrets}

    def _write(
        self,
        tenant: TenantId,
        key_id: ProviderKeyId,
        change: Callable[[Content], Content],
        fields: Mapping[str, object],
        *,
        moves: bool = False,
    ) -> None:
        for _ in range(ATTEMPTS):
            holder = self._new_name()
            draft = f"{tenant}/{self._new_name()}"
            now = self._clock()
            pointer = self._book.lease(tenant, holder, draft, now, now + LEASE)
            if pointer is None:
                self._pause(PAUSE_S)
                continue
            try:
                flipped = self._under_lease(tenant, key_id, holder, draft, pointer, change, fields, moves=moves)
            except (Conflict, InvalidRequest, NotFound):
                self._book.release(tenant, holder)
                raise
            if flipped:
                return
        raise Unavailable("the tenant's keys are being changed by others; ask again")

    def _under_lease(
        self,
        tenant: TenantId,
        key_id: ProviderKeyId,
        holder: str,
        draft: str,
        pointer: VaultPointer,
        change: Callable[[Content], Content],
        fields: Mapping[str, object],
        *,
        moves: bool,
    ) -> bool:
        for name in {*pointer.retired, *pointer.drafts} - {draft, pointer.secret}:  # what a crash left behind
            self._secrets.delete(name)
        content = change(self._content(pointer))
        if sum(len(name) + len(text) + 8 for name, text in content.items()) > MAX_SECRET_BYTES:
            raise InvalidRequest("api_key", "is one too many: the tenant's keys do not fit into one secret")
        secret, version = pointer.secret, pointer.version
        if not content:
            secret = version = None
        elif moves or secret is None or version is None:
            secret, version = draft, self._secrets.create(draft, content)
        else:
            version = self._secrets.put(secret, content, version)
        retired = (pointer.secret,) if pointer.secret is not None and pointer.secret != secret else ()
        flipped = VaultPointer(secret, version, pointer.revision + 1, retired)
        # New material has a number that no other had, so that what is said about the old one is not taken for its own.
        known = fields if moves else {**fields, "material": flipped.revision}
        if not self._book.flip(tenant, holder, flipped, key_id, known):
            return False
        for name in retired:
            self._secrets.delete(name)
        if retired:
            self._book.forget_retired(tenant, flipped)
        return True

    def _tidy(self, tenant: TenantId) -> None:
        """Delete retired secrets that a crash left."""
        _, pointer = self._book.of(tenant)
        for name in pointer.retired:
            self._secrets.delete(name)
        if pointer.retired:
            self._book.forget_retired(tenant, pointer)

    def _content(self, pointer: VaultPointer) -> Content:
        if pointer.secret is None or pointer.version is None:
            return {}
        return self._secrets.get(pointer.secret, pointer.version)

    def _found(self, tenant: TenantId, key_id: ProviderKeyId) -> ProviderKey:
        found = self._book.find(tenant, key_id)
        if found is None:
            raise NotFound("there is no provider key of that id", key_id=str(key_id))
        return found

    def _new_name(self) -> str:
        return ulid(self._clock(), token_bytes(RANDOM_BYTES))


def _known(key: ProviderKey) -> dict[str, object]:
    """The metadata of a new key; what is empty is left out."""
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
    }
    return {name: value for name, value in fields.items() if value is not None}
