"""Metadata of provider keys in DynamoDB, with the pointer to the secret that holds them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from atom_llm.adapters.dynamodb import keys
from atom_llm.adapters.dynamodb.attributes import instant
from atom_llm.adapters.dynamodb.audit import AuditedWrites
from atom_llm.adapters.dynamodb.table import ConditionFailed, Item, Table
from atom_llm.domain.core.audit import AuditEntry
from atom_llm.domain.core.ids import ProviderKeyId, TenantId
from atom_llm.domain.tenancy.provider_keys import KeyStatus, KeyTest, ProviderKey
from atom_llm.domain.tenancy.vault import VaultPointer

_NOT_DELETED: Final = "attribute_exists(pk) AND attribute_not_exists(deleted_at)"


class DynamoProviderKeys:
    """Implements `ProviderKeyBook` on the keys table."""

    def __init__(self, table: Table) -> None:
        """Take the keys table."""
        self._table = table
        self._audited = AuditedWrites(table)

    def of(self, tenant: TenantId) -> tuple[list[ProviderKey], VaultPointer]:
        """Return the keys, tombstones included, and the pointer, read last. Consistent, each item for itself."""
        found = list(self._table.query(keys.tenant_items(tenant), prefix=keys.PROVIDER_KEYS_AND_VAULT, consistent=True))
        pointer = found.pop() if found and "key_id" not in found[-1] else {}
        return [_key(tenant, item) for item in found], _pointer(pointer)

    def find(self, tenant: TenantId, key_id: ProviderKeyId) -> ProviderKey | None:
        """Return one key. Consistent."""
        item = self._table.get(keys.provider_key(tenant, key_id), consistent=True)
        return _key(tenant, item) if item is not None else None

    def lease(self, tenant: TenantId, holder: str, draft: str, now: datetime, until: datetime) -> VaultPointer | None:
        """Take the lease by one conditional write that notes which secret its holder may make."""
        try:
            item = self._table.update(
                keys.vault(tenant),
                "SET lease_holder = :holder, lease_until = :until,"
                " drafts = list_append(if_not_exists(drafts, :none), :own)",
                {":holder": holder, ":until": until.isoformat(), ":now": now.isoformat(), ":none": [], ":own": [draft]},
                # One writer at a time; one that died gives way when its time is over.
                condition="attribute_not_exists(lease_until) OR lease_until < :now OR lease_holder = :holder",
            )
        except ConditionFailed:
            return None
        return _pointer(item)

    def release(
        self, tenant: TenantId, holder: str, *, retired: Sequence[str] = (), drafts: Sequence[str] = ()
    ) -> None:
        """Give a lease back that nothing came of."""
        try:
            self._table.update(
                keys.vault(tenant),
                "SET retired = :retired, drafts = :drafts REMOVE lease_holder, lease_until",
                {":holder": holder, ":retired": list(retired), ":drafts": list(drafts)},
                condition="lease_holder = :holder",  # somebody else's lease stays
            )
        except ConditionFailed:
            return

    def flip(
        self,
        tenant: TenantId,
        holder: str,
        pointer: VaultPointer,
        key_id: ProviderKeyId | None,
        fields: Mapping[str, object],
        entry: AuditEntry,
    ) -> bool:
        """Bring the version and the key's metadata into force, and give the lease back, in one transaction.

        The revision is the fence: a writer that lost its lease meanwhile changes nothing.
        """
        of_key = []
        if key_id is not None:
            changed = _fields(fields)
            of_key.append(
                self._table.updating(keys.provider_key(tenant, key_id), *_setting(changed), names=_names(changed))
            )
        fence = "attribute_not_exists(revision)" if pointer.revision == 1 else "revision = :before"
        before = {":before": pointer.revision - 1} if pointer.revision > 1 else {}
        try:
            self._audited.commit(
                entry,
                self._table.updating(
                    keys.vault(tenant),
                    "SET #secret = :secret, #version = :version, revision = :revision, retired = :retired,"
                    " drafts = :none REMOVE lease_holder, lease_until",
                    {
                        ":secret": pointer.secret,
                        ":version": pointer.version,
                        ":revision": pointer.revision,
                        ":retired": list(pointer.retired),
                        ":none": [],
                        ":holder": holder,
                        **before,
                    },
                    condition=f"lease_holder = :holder AND {fence}",
                    names={"#secret": "secret", "#version": "version"},
                ),
                *of_key,
            )
        except ConditionFailed:
            return False
        return True

    def forget_retired(self, tenant: TenantId, pointer: VaultPointer) -> None:
        """Note that the retired secrets of a revision are deleted."""
        try:
            self._table.update(
                keys.vault(tenant),
                "SET retired = :none",
                {":none": [], ":revision": pointer.revision},
                condition="revision = :revision",
            )
        except ConditionFailed:
            return

    def change(
        self, tenant: TenantId, key_id: ProviderKeyId, fields: Mapping[str, object], entry: AuditEntry
    ) -> ProviderKey | None:
        """Change metadata of a key that was not deleted."""
        changed = _fields(fields)
        change = self._table.updating(
            keys.provider_key(tenant, key_id), *_setting(changed), condition=_NOT_DELETED, names=_names(changed)
        )
        try:
            self._audited.commit(entry, change)
        except ConditionFailed:
            return None
        return self.find(tenant, key_id)

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
        """Note what a key was found to be; what is said about old material says nothing about new."""
        changed = _fields(fields)
        expression, values = _setting(changed)
        condition, values = f"{_NOT_DELETED} AND material = :of", values | {":of": material}
        if only_from:  # a story that is older than what is known changes nothing
            before = {f":from{number}": str(status) for number, status in enumerate(sorted(only_from))}
            condition, values = f"{condition} AND #status IN ({', '.join(before)})", values | before
        key, names = keys.provider_key(tenant, key_id), _names({*changed, "status"} if only_from else changed)
        try:
            if entry is None:
                return _key(tenant, self._table.update(key, expression, values, condition=condition, names=names))
            self._audited.commit(entry, self._table.updating(key, expression, values, condition=condition, names=names))
        except ConditionFailed:
            return None
        return self.find(tenant, key_id)

    def erase(self, tenant: TenantId) -> int:
        """Remove the keys and the pointer; returns the number of keys, tombstones left out."""
        listed, _ = self.of(tenant)
        unwanted: Sequence[tuple[str, str]] = [keys.provider_key(tenant, key.key_id) for key in listed]
        self._table.delete_many([*unwanted, keys.vault(tenant)])
        return sum(key.deleted_at is None for key in listed)


def _setting(changed: Mapping[str, object]) -> tuple[str, dict[str, object]]:
    """Return an update expression that sets every field, and its values; `_names` are its names."""
    return "SET " + ", ".join(f"#{name} = :{name}" for name in changed), {f":{n}": v for n, v in changed.items()}


def _names(changed: Iterable[str]) -> dict[str, str]:
    return {f"#{name}": name for name in changed}


def _fields(fields: Mapping[str, object]) -> dict[str, object]:
    return {name: _plain(value) for name, value in fields.items()}


def _plain(value: object) -> object:
    match value:
        case datetime():
            return value.isoformat()
        case KeyTest():
            return {"result": value.result, "at": value.at.isoformat(), "detail": value.detail}
        case tuple():
            return list(value)
        case str():
            return str(value)  # a StrEnum as its word
        case _:
            return value


def _key(tenant: TenantId, item: Item) -> ProviderKey:
    probe: Mapping[str, Any] | None = item.get("probe")
    models = item.get("allowed_models")
    return ProviderKey(
        key_id=ProviderKeyId(item["key_id"]),
        tenant=tenant,
        provider=item["provider"],
        last4=item["last4"],
        fingerprint=item["fingerprint"],
        created_at=datetime.fromisoformat(item["created_at"]),
        status=KeyStatus(item["status"]),
        material=int(item["material"]),
        order=int(item["order"]),
        label=item.get("label"),
        environment=item.get("environment"),
        allowed_models=tuple(models) if models is not None else None,
        rotated_at=instant(item.get("rotated_at")),
        status_reason=item.get("status_reason"),
        status_at=instant(item.get("status_at")),
        probe=KeyTest(probe["result"], datetime.fromisoformat(probe["at"]), probe["detail"]) if probe else None,
        deleted_at=instant(item.get("deleted_at")),
        stored_by=item.get("stored_by"),
    )


def _pointer(item: Mapping[str, Any]) -> VaultPointer:
    return VaultPointer(
        secret=item.get("secret"),
        version=item.get("version"),
        revision=int(item.get("revision", 0)),
        retired=tuple(item.get("retired", ())),
        drafts=tuple(item.get("drafts", ())),
    )
