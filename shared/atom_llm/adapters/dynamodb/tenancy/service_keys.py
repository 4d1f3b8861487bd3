"""Service keys in DynamoDB: by their public id, and by tenant."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from atom_llm.adapters.aws.json_client import Refused
from atom_llm.adapters.dynamodb import keys
from atom_llm.adapters.dynamodb.attributes import instant
from atom_llm.adapters.dynamodb.audit import AuditedWrites
from atom_llm.adapters.dynamodb.table import ConditionFailed, Item, Table, Write
from atom_llm.domain.core.audit import AuditEntry
from atom_llm.domain.core.errors import Conflict, StoreUnavailable
from atom_llm.domain.core.ids import ServiceKeyId, TenantId
from atom_llm.domain.tenancy.own_names import NO_OWN_NAMES, OwnNames
from atom_llm.domain.tenancy.rate_limit import RateLimit
from atom_llm.domain.tenancy.service_keys import Holder, Scope, ServiceKey

EXCHANGED_KEPT_FOR: Final = timedelta(days=30)  # beyond its end, so that a ledger row's key can still be looked up

_NEVER_USED: Final = "secret_hash = :before AND attribute_not_exists(last_used_at) AND attribute_not_exists(revoked_at)"


class DynamoServiceKeys:
    """Implements `ServiceKeyStore` on the keys table."""

    def __init__(self, table: Table) -> None:
        """Take the keys table."""
        self._table = table
        self._audited = AuditedWrites(table)

    def find(self, key_id: ServiceKeyId) -> ServiceKey | None:
        """Return a stored key. Consistent: a revoked one, read stale, would be trusted beyond its 5 seconds."""
        item = self._table.get(keys.service_key(key_id), consistent=True)
        return _key(item) if item is not None else None

    def add(self, key: ServiceKey, entry: AuditEntry, *, over: ServiceKey | None = None) -> None:
        """Store a new key and enter it among its tenant's, both or neither."""
        listed, place = {"key_id": str(key.key_id)}, keys.service_key(key.key_id)
        try:
            self._audited.commit(
                entry,
                # The condition protects an existing key from one that was drawn with the same id, or asked for again
                # after it was used.
                self._table.putting(place, _item(key), if_absent=True)
                if over is None
                else self._table.putting(
                    place, _item(key), condition=_NEVER_USED, values={":before": over.secret_hash}
                ),
                self._table.putting(_listing(key), listed | _ttl(key)),
            )
        except ConditionFailed:
            raise Conflict("a service key of this id exists already") from None

    def hand_over(self, key_id: ServiceKeyId) -> None:
        """Take away the instant at which a key lapses."""
        try:
            self._table.update(keys.service_key(key_id), "REMOVE lapses_at", {}, condition="attribute_exists(pk)")
        except ConditionFailed:
            return

    def of(
        self,
        tenant: TenantId,
        *,
        after: ServiceKeyId | None = None,
        limit: int | None = None,
        exchanged: bool = False,
    ) -> Iterator[ServiceKey]:
        """Iterate over a tenant's keys in the order of their ids, revoked ones included. Consistent."""
        place = keys.tenant_exchanged_key if exchanged else keys.tenant_service_key
        start = place(tenant, after)[1] if after is not None else None
        prefix = keys.EXCHANGED_KEYS if exchanged else keys.SERVICE_KEYS
        listed = self._table.query(keys.tenant_items(tenant), prefix=prefix, after=start, limit=limit, consistent=True)
        wanted = [keys.service_key(item["key_id"]) for item in listed]
        found = sorted(map(_key, self._table.get_many(wanted)), key=lambda key: key.key_id)
        return iter(found)

    def revoke(self, tenant: TenantId, key_id: ServiceKeyId, at: datetime, entry: AuditEntry) -> ServiceKey | None:
        """Revoke a tenant's key, once; None when the tenant has no such key."""
        with suppress(ConditionFailed):
            self._audited.commit(entry, self._revoking(tenant, key_id, at))
        found = self.find(key_id)
        return found if found is not None and found.tenant == tenant else None

    def name(self, tenant: TenantId, key_id: ServiceKeyId, names: OwnNames, entry: AuditEntry) -> ServiceKey | None:
        """Write the names over those before; None when the tenant has no such key."""
        change = self._table.updating(
            keys.service_key(key_id),
            "SET own_names = :names",
            {":names": dict(names.targets), ":tenant": str(tenant)},
            # Another tenant's key is not ours to change, and nothing of a revoked one matters any more.
            condition="tenant = :tenant AND attribute_not_exists(revoked_at)",
        )
        with suppress(ConditionFailed):
            self._audited.commit(entry, change)
        found = self.find(key_id)
        return found if found is not None and found.tenant == tenant else None

    def revoke_all(self, tenant: TenantId, at: datetime) -> int:
        """Revoke every key that is not, one after the other."""
        every = [*self.of(tenant), *self.of(tenant, exchanged=True)]
        live = [key for key in every if key.revoked_at is None]
        for key in live:
            with suppress(ConditionFailed):
                self._table.transact([self._revoking(tenant, key.key_id, at)])
        return len(live)

    def used(self, key_id: ServiceKeyId, at: datetime) -> None:
        """Note the instant of a key's last use; a later note of another process stays."""
        self._note(
            key_id,
            "SET last_used_at = :at REMOVE lapses_at",
            {":at": at.isoformat()},
            condition="attribute_exists(pk) AND (attribute_not_exists(last_used_at) OR last_used_at < :at)",
        )

    def rehash(self, key: ServiceKey, secret_hash: bytes, pepper_version: str) -> None:
        """Put another hash of the same secret in place; one that was changed meanwhile, or is gone, stays so."""
        self._note(
            key.key_id,
            "SET secret_hash = :hash, pepper_version = :version",
            {":hash": secret_hash, ":version": pepper_version, ":before": key.secret_hash},
            condition="secret_hash = :before",
        )

    def _note(self, key_id: ServiceKeyId, update: str, values: Item, condition: str) -> None:
        """Write what a use of a key brings with it; where the condition does not hold there is nothing to write."""
        try:
            self._table.update(keys.service_key(key_id), update, values, condition=condition)
        except ConditionFailed:
            return
        except Refused as refused:  # a role that may not write: no reason to turn the caller away
            raise StoreUnavailable(f"a note on a key: {refused.code}") from refused

    def _revoking(self, tenant: TenantId, key_id: ServiceKeyId, at: datetime) -> Write:
        return self._table.updating(
            keys.service_key(key_id),
            "SET revoked_at = :at",
            {":at": at.isoformat(), ":tenant": str(tenant)},
            # Another tenant's key is not ours to revoke, and what was revoked was so at the first instant.
            condition="tenant = :tenant AND attribute_not_exists(revoked_at)",
        )


def _listing(key: ServiceKey) -> keys.Key:
    """Return the key of the item that lists a key: those of tokens are many, and short-lived."""
    place = keys.tenant_service_key if key.holder is None else keys.tenant_exchanged_key
    return place(key.tenant, key.key_id)


def _ttl(key: ServiceKey) -> Item:
    """Return when a key's items go, in seconds since 1970; one that an admin has issued stays."""
    if key.holder is None or key.expires_at is None:
        return {}
    return {"ttl": int((key.expires_at + EXCHANGED_KEPT_FOR).timestamp())}


def _item(key: ServiceKey) -> Item:
    item: Item = {
        **_ttl(key),
        "key_id": str(key.key_id),
        "tenant": str(key.tenant),
        "scopes": sorted(str(scope) for scope in key.scopes),
        "secret_hash": key.secret_hash,
        "pepper_version": key.pepper_version,
        "created_at": key.created_at.isoformat(),
        "label": key.label,
        "expires_at": key.expires_at and key.expires_at.isoformat(),
        "revoked_at": key.revoked_at and key.revoked_at.isoformat(),
        "lapses_at": key.lapses_at and key.lapses_at.isoformat(),
        "last_used_at": key.last_used_at and key.last_used_at.isoformat(),
        "requests_per_minute": key.limit.requests,
        "tokens_per_minute": key.limit.tokens,
        "own_names": dict(key.own_names.targets) or None,
        "person": key.holder and key.holder.person,
        "issuer": key.holder and key.holder.issuer,
        "team": key.holder and key.holder.team,
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
        expires_at=instant(item.get("expires_at")),
        revoked_at=instant(item.get("revoked_at")),
        lapses_at=instant(item.get("lapses_at")),
        last_used_at=instant(item.get("last_used_at")),
        limit=RateLimit(_count(item.get("requests_per_minute")), _count(item.get("tokens_per_minute"))),
        own_names=OwnNames(names) if (names := item.get("own_names")) else NO_OWN_NAMES,
        holder=Holder(person, item["issuer"], item.get("team")) if (person := item.get("person")) else None,
    )


def _count(number: Decimal | None) -> int | None:
    return None if number is None else int(number)
