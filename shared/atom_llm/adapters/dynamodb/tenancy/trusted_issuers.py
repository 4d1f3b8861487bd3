"""Trusted issuers in the keys table, one item each, and beside each its keys as some process last read them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from atom_llm.adapters.dynamodb import keys
from atom_llm.adapters.dynamodb.audit import AuditedWrites
from atom_llm.adapters.dynamodb.table import ConditionFailed, Item, Table
from atom_llm.domain.core.audit import AuditEntry
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.tenancy.identity.key_sets import KeySet, as_json
from atom_llm.domain.tenancy.identity.trusted_issuers import ClaimRule, TrustedIssuer, issuer_id
from atom_llm.domain.tenancy.service_keys import Scope


class DynamoIssuers:
    """Implements `IssuerStore`."""

    def __init__(self, table: Table) -> None:
        """Take the keys table."""
        self._table = table
        self._audited = AuditedWrites(table)

    def find(self, url: str) -> TrustedIssuer | None:
        """Return an issuer by its address. Consistent: one that is no longer trusted has to be refused in time."""
        item = self._table.get(keys.trusted_issuer(issuer_id(url)), consistent=True)
        return _issuer(item) if item is not None and item["url"] == url else None

    def all(self) -> list[TrustedIssuer]:
        """Return every issuer with one query."""
        return [_issuer(item) for item in self._table.query(keys.TRUSTED_ISSUERS, consistent=True)]

    def save(self, issuer: TrustedIssuer, entries: Sequence[AuditEntry], *, before: str | None) -> bool:
        """Write the item with one condition, and the entries, all or none."""
        place, item = keys.trusted_issuer(issuer.id), _item(issuer)
        write = (
            self._table.putting(place, item, if_absent=True)
            if before is None
            else self._table.putting(place, item, condition="revision = :before", values={":before": before})
        )
        try:
            self._audited.commit(entries[0], write, further=entries[1:])
        except ConditionFailed:
            return False
        return True

    def remove(self, issuer: TrustedIssuer, entries: Sequence[AuditEntry]) -> bool:
        """Remove both items and write the entries in one transaction."""
        gone = self._table.deleting(
            keys.trusted_issuer(issuer.id), condition="revision = :seen", values={":seen": issuer.revision}
        )
        try:
            self._audited.commit(
                entries[0], gone, self._table.deleting(keys.issuer_keys(issuer.id)), further=entries[1:]
            )
        except ConditionFailed:
            return False
        return True

    def last_keys(self, url: str) -> KeySet | None:
        """Return the keys that were read last."""
        item = self._table.get(keys.issuer_keys(issuer_id(url)), consistent=True)
        if item is None or item["url"] != url:
            return None
        return KeySet(tuple(dict(each) for each in item["keys"]), datetime.fromisoformat(item["read_at"]))

    def keep_keys(self, url: str, read: KeySet) -> None:
        """Write them over those before, unless these were read earlier."""
        try:
            self._table.update(
                keys.issuer_keys(issuer_id(url)),
                "SET #url = :url, #keys = :keys, read_at = :at",
                {":url": url, ":keys": as_json(read.keys), ":at": read.read_at.isoformat()},
                condition="attribute_not_exists(pk) OR read_at < :at",
                names={"#url": "url", "#keys": "keys"},
            )
        except ConditionFailed:
            return


def _item(issuer: TrustedIssuer) -> Item:
    item: Item = {
        "url": issuer.url,
        "audiences": list(issuer.audiences),
        "algorithms": list(issuer.algorithms),
        "rules": [_rule_item(rule) for rule in issuer.rules],
        "trusted_from": issuer.trusted_from.isoformat(),
        "changed_at": issuer.changed_at.isoformat(),
        "revision": issuer.revision,
        "jwks_uri": issuer.jwks_uri,
        "longest_life_s": issuer.longest_life_s,
        "sign_in_client": issuer.sign_in_client,
    }
    return {name: value for name, value in item.items() if value is not None}


def _rule_item(rule: ClaimRule) -> dict[str, Any]:
    item = {
        "scopes": sorted(str(scope) for scope in rule.scopes),
        "tenant": rule.tenant,
        "tenant_claim": rule.tenant_claim,
        "when": [{"claim": claim, "values": list(values)} for claim, values in rule.when],
        "scopes_claim": rule.scopes_claim,
        "team": rule.team,
        "team_claim": rule.team_claim,
        "person_claim": rule.person_claim,
    }
    return {name: value for name, value in item.items() if value is not None}


def _issuer(item: Item) -> TrustedIssuer:
    return TrustedIssuer(
        url=item["url"],
        audiences=tuple(item["audiences"]),
        algorithms=tuple(item["algorithms"]),
        rules=tuple(_rule(each) for each in item["rules"]),
        trusted_from=datetime.fromisoformat(item["trusted_from"]),
        changed_at=datetime.fromisoformat(item["changed_at"]),
        revision=item["revision"],
        jwks_uri=item.get("jwks_uri"),
        longest_life_s=int(item["longest_life_s"]),
        sign_in_client=item.get("sign_in_client"),
    )


def _rule(item: Item) -> ClaimRule:
    return ClaimRule(
        scopes=frozenset(Scope(scope) for scope in item["scopes"]),
        tenant=TenantId(item["tenant"]) if "tenant" in item else None,
        tenant_claim=item.get("tenant_claim"),
        when=tuple((each["claim"], tuple(each["values"])) for each in item["when"]),
        scopes_claim=item.get("scopes_claim"),
        team=item.get("team"),
        team_claim=item.get("team_claim"),
        person_claim=item["person_claim"],
    )
