"""Trusted issuers in memory, and issuers whose keys are set by a test."""

from collections.abc import Sequence

from atom_llm.domain.core.audit import AuditEntry
from atom_llm.domain.core.errors import IssuerUnavailable
from atom_llm.domain.tenancy.identity.key_sets import Jwk, KeySet
from atom_llm.domain.tenancy.identity.trusted_issuers import TrustedIssuer
from testing.fakes.audit_log import AuditLogInMemory


class IssuersInMemory:
    """Implements `IssuerStore`."""

    def __init__(self, audit: AuditLogInMemory | None = None) -> None:
        self.audit = audit or AuditLogInMemory()
        self.stored: dict[str, TrustedIssuer] = {}
        self.kept: dict[str, KeySet] = {}
        self.reads = 0

    def find(self, url: str) -> TrustedIssuer | None:
        self.reads += 1
        return self.stored.get(url)

    def all(self) -> list[TrustedIssuer]:
        return sorted(self.stored.values(), key=lambda each: each.id)

    def save(self, issuer: TrustedIssuer, entries: Sequence[AuditEntry], *, before: str | None) -> bool:
        there = self.stored.get(issuer.url)
        if (there.revision if there is not None else None) != before:
            return False
        self.stored[issuer.url] = issuer
        self._tell(entries)
        return True

    def remove(self, issuer: TrustedIssuer, entries: Sequence[AuditEntry]) -> bool:
        there = self.stored.get(issuer.url)
        if there is None or there.revision != issuer.revision:
            return False
        del self.stored[issuer.url]
        self.kept.pop(issuer.url, None)
        self._tell(entries)
        return True

    def last_keys(self, url: str) -> KeySet | None:
        return self.kept.get(url)

    def keep_keys(self, url: str, read: KeySet) -> None:
        there = self.kept.get(url)
        if there is None or there.read_at < read.read_at:
            self.kept[url] = read

    def _tell(self, entries: Sequence[AuditEntry]) -> None:
        for entry in entries:
            self.audit.record(entry)


class KeySetsInMemory:
    """Implements `KeySetSource`: every issuer publishes the same keys, until it is down."""

    def __init__(self, keys: Sequence[Jwk] = ({"kty": "OKP", "crv": "Ed25519", "x": "x", "kid": "nobody's"},)) -> None:
        self.keys = tuple(keys)
        self.is_down = False
        self.reads = 0

    def read(self, issuer: TrustedIssuer) -> tuple[Jwk, ...]:
        self.reads += 1
        if self.is_down:
            raise IssuerUnavailable("the issuer's keys cannot be read: nobody answers")
        return self.keys
