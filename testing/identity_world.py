"""The check of tokens over stores in memory: one trusted issuer with three keys, and a clock."""

from datetime import timedelta

from atom_llm.adapters.identity.joserfc_verifier import JoserfcVerifier
from atom_llm.domain.core.audit import Actor
from atom_llm.domain.core.ids import ServiceKeyId, TenantId
from atom_llm.domain.tenancy.identity.trusted_issuers import ClaimRule, TrustedIssuer
from atom_llm.domain.tenancy.service_keys import Scope
from atom_llm.domain.tenancy.tenants import Tenant
from atom_llm.services.tenancy.identity.authenticate_token import TokenAuthenticator
from atom_llm.services.tenancy.identity.exchange_token import TokenExchange
from atom_llm.services.tenancy.identity.issuer_keys import IssuerKeys
from atom_llm.services.tenancy.identity.trusted_issuers import KnownIssuers, TrustedIssuers
from atom_llm.services.tenancy.issue_service_key import ServiceKeyIssuer
from testing.fakes.audit_log import AuditLogInMemory
from testing.fakes.issuers import IssuersInMemory, KeySetsInMemory
from testing.fakes.service_keys import NOON, KeysInMemory, PeppersInMemory, SetClock, TenantsInMemory
from testing.issuer_keys import AUDIENCE, ISSUER, claims, public, signing_key, token

OPERATOR, ACME, OTHER = TenantId("operator"), TenantId("acme"), TenantId("other")
BY = Actor(OPERATOR, ServiceKeyId("operatorsKey"), "203.0.113.9")
RULE = ClaimRule(frozenset({Scope.CHAT, Scope.USAGE_READ}), tenant=ACME, when=(("groups", ("llm-users",)),))
ALGORITHMS = ("RS256", "ES256", "EdDSA")


class IdentityWorld:
    """One process, three tenants and the issuer that `RULE` leads from to one of them."""

    def __init__(self, *rules: ClaimRule) -> None:
        self.clock = SetClock()
        self.audit = AuditLogInMemory()
        self.tenants = TenantsInMemory(self.audit)
        for each in (OPERATOR, ACME, OTHER):
            made = Tenant(each, each.title(), "UTC", NOON - timedelta(days=30), is_operator=each == OPERATOR)
            self.tenants.stored[each] = made
        self.rsa, self.ec, self.ed = (signing_key(each, f"{each}-1") for each in ALGORITHMS)
        self.store = IssuersInMemory(self.audit)
        self.source = KeySetsInMemory([public(key) for key in (self.rsa, self.ec, self.ed)])
        self.service_keys = KeysInMemory(self.audit)
        self.is_new_process()
        self.trusted.trust(self.issuer(*(rules or (RULE,))), BY)

    def is_new_process(self) -> None:
        """Forget all that a process remembers."""
        self.known = KnownIssuers(self.store, self.clock)
        self.keys = IssuerKeys(self.store, self.source, self.clock)
        self.trusted = TrustedIssuers(
            self.store, self.tenants, self.known, self.keys, self.clock, on_this_machine=False
        )
        self.tokens = TokenAuthenticator(self.known, self.keys, JoserfcVerifier(), self.tenants, self.clock)
        service_key_issuer = ServiceKeyIssuer(self.service_keys, PeppersInMemory(), "dev", self.clock)
        self.exchange = TokenExchange(self.tokens, self.keys, service_key_issuer, self.clock)

    def issuer(self, *rules: ClaimRule, url: str = ISSUER) -> TrustedIssuer:
        """Return the issuer as the operator declares it."""
        now = self.clock()
        return TrustedIssuer(url, (AUDIENCE,), rules, now, now, "", algorithms=ALGORITHMS)

    def good(self, **other: object) -> str:
        """Return a token that is let in, where no claim is another one."""
        return token(self.rsa, claims(self.clock(), **other))
