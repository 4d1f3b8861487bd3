"""Authentication by a token of a trusted issuer: from what is shown to the tenant, the person and the scopes."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final, NamedTuple

from atom_llm.domain.core.errors import SignerRefused, TokenRefused
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.tenancy.identity.account_roles import claims_of
from atom_llm.domain.tenancy.identity.claims import Identity, identity_of
from atom_llm.domain.tenancy.identity.key_sets import fitting
from atom_llm.domain.tenancy.identity.tokens import LEEWAY_S, shown_token
from atom_llm.domain.tenancy.identity.trusted_issuers import ACCOUNT, TrustedIssuer
from atom_llm.domain.tenancy.service_keys import Caller, Holder, id_of_principal
from atom_llm.domain.tenancy.tenants import Tenant
from atom_llm.ports.core import Clock
from atom_llm.ports.tenancy import TenantStore, TokenVerifier
from atom_llm.process_cache import BoundedMap, ReadThrough
from atom_llm.services.tenancy.identity.issuer_keys import IssuerKeys
from atom_llm.services.tenancy.identity.trusted_issuers import KnownIssuers

CHECKED_EVERY: Final = timedelta(seconds=30)  # a token that was let in: its issuer, its key, its tenant
TENANTS_KNOWN_FOR: Final = timedelta(seconds=30)
CACHED_TOKENS: Final = 10_000  # a few megabytes
CACHED_TENANTS: Final = 10_000


@dataclass(frozen=True, slots=True)
class VerifiedToken:
    """Who a token stands for, by which issuer, and the instant at which it ends."""

    issuer: TrustedIssuer
    subject: str
    identity: Identity
    ends_at: datetime

    @property
    def caller(self) -> Caller:
        """The caller that it is where it is used as it is."""
        who = self.identity
        key_id = id_of_principal(self.issuer.url, self.subject, who.tenant)
        holder = Holder(who.person, self.issuer.url, who.team)
        return Caller(who.tenant, key_id, who.scopes, holder=holder)


class _LetIn(NamedTuple):
    caller: Caller
    until: datetime


class TokenAuthenticator:
    """The check of tokens. One that was let in is checked again after half a minute."""

    def __init__(
        self, issuers: KnownIssuers, keys: IssuerKeys, verifier: TokenVerifier, tenants: TenantStore, clock: Clock
    ) -> None:
        self._issuers = issuers
        self._keys = keys
        self._verifier = verifier
        self._tenants: ReadThrough[TenantId, Tenant | None] = ReadThrough(
            tenants.find, clock, TENANTS_KNOWN_FOR, CACHED_TENANTS
        )
        self._clock = clock
        self._let_in: BoundedMap[bytes, _LetIn] = BoundedMap(CACHED_TOKENS)

    def remembered(self, shown: str) -> Caller | None:
        """Return the caller of a token that was let in a moment ago; None: `authenticate` knows more."""
        known = self._let_in.get(_trace(shown))
        return known.caller if known is not None and self._clock() < known.until else None

    def authenticate(self, shown: str) -> Caller:
        """Return the caller of a token; raises `TokenRefused` with the reason, and `IssuerUnavailable`."""
        verified = self.verified(shown)
        caller, now = verified.caller, self._clock()
        self._let_in.put(_trace(shown), _LetIn(caller, min(verified.ends_at, now + CHECKED_EVERY)))
        return caller

    def verified(self, shown: str) -> VerifiedToken:
        """Verify a token and return who it stands for; raises likewise."""
        said = shown_token(shown)
        issuer = self._issuers.of(said.issuer)
        if issuer is None:
            raise TokenRefused("issuer", "is by an issuer that is not trusted here")
        if said.algorithm not in issuer.algorithms:
            raise TokenRefused("algorithm", "is signed by an algorithm that its issuer is not trusted by")
        keys = fitting(self._keys.of(issuer, said.kid).keys, said.algorithm, said.kid)
        claims = self._verifier.verify(shown, said.algorithm, keys, issuer, self._clock())
        identity = identity_of(claims, issuer)
        self._check_tenant(identity)
        ends_at = datetime.fromtimestamp(claims["exp"], UTC) + timedelta(seconds=LEEWAY_S)
        return VerifiedToken(issuer, claims["sub"], identity, ends_at)

    def of_account(self, signer: str) -> Caller:
        """Return the caller that a role of the account is, by the ARN by which it has signed; raises `SignerRefused`.

        The ARN is taken as it is: only API Gateway's authorizer may have said it.
        """
        account, claims = self._issuers.of(ACCOUNT), claims_of(signer)
        if account is None:
            raise SignerRefused("issuer", "lets nobody in: no role of the account is trusted here")
        try:
            who = identity_of(claims, account)
            self._check_tenant(who)
        except TokenRefused as refused:
            raise SignerRefused(refused.reason, "is by a role that no rule lets in") from None
        key_id = id_of_principal(ACCOUNT, f"{claims['role']}/{claims['session']}", who.tenant)
        return Caller(who.tenant, key_id, who.scopes, holder=Holder(who.person, ACCOUNT, who.team))

    def is_still_trusted(self, holder: Holder, since: datetime) -> bool:
        """Return whether keys that a token was exchanged for at an instant still open something."""
        issuer = self._issuers.of(holder.issuer)
        return issuer is not None and since >= issuer.trusted_from

    def _check_tenant(self, identity: Identity) -> None:
        """Raise `TokenRefused` for a tenant that is not there; the operator's is named by a rule alone, never claimed.

        Else whoever may name tenants at an issuer would operate the deployment.
        """
        found = self._tenants.of(identity.tenant)
        if found is None or found.deleted_at is not None or (identity.is_tenant_claimed and found.is_operator):
            raise TokenRefused("tenant", "stands for no tenant that it may stand for")


def _trace(shown: str) -> bytes:
    """Return the hash by which a token is known in memory."""
    return sha256(shown.encode()).digest()
