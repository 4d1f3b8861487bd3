"""A tenant's provider keys: listed, stored, changed, tested and deleted; a key goes in and never comes out."""

from collections.abc import Mapping
from secrets import token_bytes
from typing import Any

from atom_llm.domain.core.audit import Actor
from atom_llm.domain.core.errors import NotFound
from atom_llm.domain.core.ids import RANDOM_BYTES, ProviderKeyId, TenantId, ulid
from atom_llm.domain.core.plaintext import Plaintext
from atom_llm.domain.tenancy.provider_keys import ProviderKey, fingerprint
from atom_llm.observability import hide
from atom_llm.ports.core import Clock
from atom_llm.ports.tenancy import KeyProber, PepperVault, ProviderKeyBook
from atom_llm.services.core.audit_entries import audit_entry
from atom_llm.services.tenancy.check_key_models import KeyModelCheck
from atom_llm.services.tenancy.provider_key_ring import ProviderKeyRing
from atom_llm.services.tenancy.provider_key_vault import ProviderKeyVault


class TenantProviderKeys:
    """The use cases of provider keys. Every plaintext that passes here is hidden from the log first."""

    def __init__(
        self,
        book: ProviderKeyBook,
        vault: ProviderKeyVault,
        ring: ProviderKeyRing,
        prober: KeyProber,
        peppers: PepperVault,
        models: KeyModelCheck,
        clock: Clock,
    ) -> None:
        """Take the stores; `ring` forgets the keys of a tenant whose keys are changed here."""
        self._book = book
        self._vault = vault
        self._ring = ring
        self._prober = prober
        self._peppers = peppers
        self._models = models
        self._clock = clock

    def listed(self, tenant: TenantId, *, include_deleted: bool, after: str | None, limit: int) -> list[ProviderKey]:
        """List at most `limit` keys behind `after`, oldest first."""
        keys, _ = self._book.of(tenant)
        wanted = (key for key in keys if include_deleted or key.deleted_at is None)
        return sorted((key for key in wanted if after is None or key.key_id > after), key=lambda key: key.key_id)[
            :limit
        ]

    def find(self, tenant: TenantId, key_id: str) -> ProviderKey:
        """Return a key, also a deleted one; raises `NotFound`."""
        found = self._book.find(tenant, ProviderKeyId(key_id))
        if found is None:
            raise _no_key(key_id)
        return found

    def store(
        self,
        provider: str,
        plaintext: Plaintext,
        by: Actor,
        *,
        order: int | None = None,
        label: str | None = None,
        environment: str | None = None,
        allowed_models: tuple[str, ...] | None = None,
        test: bool = False,
    ) -> ProviderKey:
        """Store a key in the tenant's secret, and test it if that is asked for.

        Raises `InvalidRequest` for a model that is none of the provider's, and what the vault raises.
        """
        hide(plaintext.reveal())
        self._models.check(by.acts_for, provider, allowed_models or ())
        now = self._clock()
        key = ProviderKey(
            key_id=ProviderKeyId(ulid(now, token_bytes(RANDOM_BYTES))),
            tenant=by.acts_for,
            provider=provider,
            last4=_last4(plaintext),
            fingerprint=self._fingerprint(by.acts_for, plaintext),
            created_at=now,
            order=order or 0,
            label=label,
            environment=environment,
            allowed_models=allowed_models,
        )
        stored = self._vault.store(key, plaintext, by)
        self._ring.forget(by.acts_for)
        return self._tested(stored, plaintext, by) if test else stored

    def change(self, key_id: str, fields: Mapping[str, Any], by: Actor) -> ProviderKey:
        """Change a key's metadata; raises `NotFound`, also for a deleted one, and `InvalidRequest` for a new model that
        is none of the provider's."""
        if models := fields.get("allowed_models"):
            key = self._live(by.acts_for, key_id)
            self._models.check(by.acts_for, key.provider, models, key.allowed_models or ())
        entry = audit_entry(by, "provider_key.changed", key_id, by.acts_for, self._clock())
        changed = self._book.change(by.acts_for, ProviderKeyId(key_id), fields, entry)
        self._ring.forget(by.acts_for)
        if changed is None:
            raise _no_key(key_id)
        return changed

    def rotate(self, key_id: str, plaintext: Plaintext, by: Actor, *, test: bool = False) -> ProviderKey:
        """Give a key new material under the same id, and test it if that is asked for; raises `NotFound`."""
        hide(plaintext.reveal())
        key = self._live(by.acts_for, key_id)
        print_ = self._fingerprint(by.acts_for, plaintext)
        rotated = self._vault.rotate(key, plaintext, _last4(plaintext), print_, by)
        self._ring.forget(by.acts_for)
        return self._tested(rotated, plaintext, by) if test else rotated

    def delete(self, key_id: str, by: Actor) -> ProviderKey:
        """Erase a key's material; its metadata stays as a tombstone. May be repeated; raises `NotFound`."""
        deleted = self._vault.delete(self.find(by.acts_for, key_id), by)
        self._ring.forget(by.acts_for)
        return deleted

    def test(self, key_id: str, by: Actor) -> ProviderKey:
        """Ask the provider whether a key works; one that cannot be reached leaves the status as it is."""
        key = self._live(by.acts_for, key_id)
        return self._tested(key, self._ring.plaintext_of(key), by)

    def _tested(self, key: ProviderKey, plaintext: Plaintext, by: Actor) -> ProviderKey:
        """Test a key and return it; one that was rotated or deleted meanwhile is returned as it is now."""
        hide(plaintext.reveal())
        result, detail = self._prober.probe(key.provider, plaintext.reveal())
        entry = audit_entry(by, "provider_key.tested", key.key_id, key.tenant, self._clock())
        return self._ring.report(key, result, detail, entry) or self.find(key.tenant, key.key_id)

    def _live(self, tenant: TenantId, key_id: str) -> ProviderKey:
        found = self.find(tenant, key_id)
        if found.deleted_at is not None:
            raise _no_key(key_id)
        return found

    def _fingerprint(self, tenant: TenantId, plaintext: Plaintext) -> str:
        _, pepper = self._peppers.current()
        return fingerprint(pepper, tenant, plaintext.reveal())


def _no_key(key_id: str) -> NotFound:
    return NotFound("there is no provider key of that id", key_id=key_id)


def _last4(plaintext: Plaintext) -> str:
    return plaintext.reveal()[-4:]
