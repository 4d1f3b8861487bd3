"""The exchange of a token, or of the account's word, for a service key that lives for an hour at most."""

from datetime import datetime, timedelta
from typing import Final

from atom_llm.domain.core.audit import Actor
from atom_llm.domain.core.errors import InvalidRequest, RateLimited
from atom_llm.domain.core.ids import ServiceKeyId
from atom_llm.domain.tenancy.service_keys import Caller, Scope
from atom_llm.ports.core import Clock
from atom_llm.process_cache import BoundedMap
from atom_llm.services.tenancy.identity.authenticate_token import TokenAuthenticator
from atom_llm.services.tenancy.identity.issuer_keys import IssuerKeys
from atom_llm.services.tenancy.issue_service_key import IssuedServiceKey, ServiceKeyIssuer

LIVES_FOR: Final = timedelta(hours=1)  # and no longer than its token
EXCHANGES_A_MINUTE: Final = 30  # of one principal in one process: a client asks once an hour
PRINCIPALS: Final = 10_000


class TokenExchange:
    """The exchange of what a caller is known by for a service key."""

    def __init__(
        self, tokens: TokenAuthenticator, issuers_keys: IssuerKeys, issuer: ServiceKeyIssuer, clock: Clock
    ) -> None:
        """Take the check of tokens, the issuers' published keys and the issue of service keys."""
        self._tokens = tokens
        self._issuers_keys = issuers_keys
        self._issuer = issuer
        self._clock = clock
        self._begun: BoundedMap[ServiceKeyId, tuple[datetime, int]] = BoundedMap(PRINCIPALS)

    def of_token(self, shown: str, wanted: frozenset[Scope], origin: str | None) -> IssuedServiceKey:
        """Return a key for a token, with the scopes that are wanted, or all that it has where none is named.

        Raises `TokenRefused`, `IssuerUnavailable`, `InvalidRequest` for scopes beyond it, and `RateLimited`.
        """
        verified = self._tokens.verified(shown)
        self._issuers_keys.keep(verified.issuer)
        return self.of_caller(verified.caller, wanted, origin, verified.ends_at)

    def of_account(self, signer: str, wanted: frozenset[Scope], origin: str | None) -> IssuedServiceKey:
        """Return a key for a role of the account that has signed; raises `SignerRefused` and as above."""
        return self.of_caller(self._tokens.of_account(signer), wanted, origin)

    def of_caller(
        self, caller: Caller, wanted: frozenset[Scope], origin: str | None, ends_at: datetime | None = None
    ) -> IssuedServiceKey:
        """Return a key for a caller that somebody vouches for; raises as above."""
        if beyond := wanted - caller.scopes:
            raise InvalidRequest("scope", f"names what the caller may not have: {' '.join(sorted(beyond))}")
        now = self._clock()
        self._count(caller.key_id, now)
        ends = now + LIVES_FOR
        return self._issuer.store(
            caller.tenant,
            wanted or caller.scopes,
            Actor(caller.tenant, caller.key_id, origin, person=caller.person),
            label=None,
            expires_at=min(ends, ends_at) if ends_at is not None else ends,
            holder=caller.holder,
        )

    def _count(self, principal: ServiceKeyId, now: datetime) -> None:
        def counted(begun: tuple[datetime, int] | None) -> tuple[datetime, int]:
            if begun is None or now - begun[0] >= timedelta(minutes=1):
                return now, 1
            return begun[0], begun[1] + 1

        since, times = self._begun.change(principal, counted)
        if times > EXCHANGES_A_MINUTE:
            wait = timedelta(minutes=1) - (now - since)
            raise RateLimited("one caller exchanges 30 times a minute at most", wait.total_seconds())
