"""Service keys in DynamoDB, by their public id."""

from datetime import datetime

from atom_llm.adapters.dynamodb import keys
from atom_llm.adapters.dynamodb.table import ConditionFailed, Item, Table
from atom_llm.domain.errors import Conflict
from atom_llm.domain.ids import ServiceKeyId, TenantId
from atom_llm.domain.service_keys import Scope, ServiceKey


class DynamoServiceKeys:
    """Implements `ServiceKeyStore` on the keys table."""

    def __init__(self, table: Table) -> None:
        """`table` is the keys table."""
        self._table = table

    def find(self, key_id: ServiceKeyId) -> ServiceKey | None:
        """A stored key; eventually consistent, which the minute in the callers' memory covers anyway."""
        item = self._table.get(keys.service_key(key_id))
        return _key(item) if item is not None else None

    def add(self, key: ServiceKey) -> None:
        """Store a new key."""
        try:
            # The condition protects an existing key from one that was drawn with the same id.
            self._table.put(keys.service_key(key.key_id), _item(key), if_absent=True)
        except ConditionFailed:
            raise Conflict("a service key of this id exists already") from None


def _item(key: ServiceKey) -> Item:
    item: Item = {
        "key_id": str(key.key_id),
        "tenant": str(key.tenant),
        "scopes": sorted(str(scope) for scope in key.scopes),
        "secret_hash": key.secret_hash,
        "pepper_version": key.pepper_version,
        "created_at": key.created_at.isoformat(),
        "label": key.label,
        "expires_at": key.expires_at and key.expires_at.isoformat(),
        "revoked_at": key.revoked_at and key.revoked_at.isoformat(),
    }
    return {name: value for name, value in item.items() if value is not None}


def _key(item: Item) -> ServiceKey:
    return ServiceKey(
        key_id=ServiceKeyId(item["key_id"]),
        tenant=TenantId(item["tenant"]),
        scopes=frozenset(Scope(scope) for scope in item["scopes"]),
        secret_hash=bytes(item["secret_hash"]),
        pepper_version=item["pepper_version"],
        created_at=datetime.fromisoformat(item["created_at"]),
        label=item.get("label"),
        expires_at=_instant(item.get("expires_at")),
        revoked_at=_instant(item.get("revoked_at")),
    )


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
