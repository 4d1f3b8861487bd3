"""Rate limits as calls meet them: one conditional write a limited subject, none where nothing is limited."""

from datetime import UTC, datetime, timedelta
from typing import Final

from atom_llm.domain.core.errors import RateLimited, StoreUnavailable
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.tenancy.rate_limit import (
    LimitStanding,
    PaidUntil,
    RateLimit,
    headers,
    price,
    standing,
    step,
    wait_us,
)
from atom_llm.domain.tenancy.service_keys import Caller
from atom_llm.observability import logger
from atom_llm.ports.core import Clock
from atom_llm.ports.tenancy import RateLimitStore
from atom_llm.process_cache import BoundedMap, Outage

# By what a process knew, then by what it was told; once more where somebody else began the same minute in between,
# of the requests or of the tokens.
ATTEMPTS: Final = 4
CACHED_SUBJECTS: Final = 10_000
KEPT: Final = timedelta(hours=1)  # an item that nobody asked for so long says nothing that a missing one does not
MICROSECONDS: Final = 1_000_000
NOTHING: Final = PaidUntil()
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

Standings = dict[str, LimitStanding]
"""How the limits of a subject stand, by `requests` and `tokens`; what is not limited is not there."""


class RateLimiter:
    """The rate limits of service keys and of tenants at providers. Where their table is silent, calls pass, visibly."""

    def __init__(self, store: RateLimitStore, usual_of_key: RateLimit, of_provider: RateLimit, clock: Clock) -> None:
        """Take the limits: `usual_of_key` of keys without any of their own, `of_provider` of a tenant at a provider."""
        self._store = store
        self._usual_of_key = usual_of_key
        self._of_provider = of_provider
        self._clock = clock
        self._known: BoundedMap[str, PaidUntil] = BoundedMap(CACHED_SUBJECTS)
        # Rate limits fail open, and visibly (docs/security.md, "Money").
        self._outage = Outage("rate limits cannot be asked; calls pass", "RuntimeTableUnreachable")

    @property
    def limits_providers(self) -> bool:
        """Return whether tenants are limited at providers at all."""
        return not self._of_provider.is_none

    def limits_key(self, caller: Caller) -> bool:
        """Return whether a service key is limited at all."""
        return not self.limit_of(caller).is_none

    def take_of_key(self, caller: Caller, tokens: int) -> Standings:
        """Take a request and tokens from a service key's limits; returns their standings, raises `RateLimited`."""
        return self._take(_key(caller), self.limit_of(caller), tokens, "the service key")

    def refuse_of_key(self, caller: Caller, tokens: int) -> None:
        """Raise `RateLimited` where it is known without asking anybody that `take_of_key` would."""
        limit, now = self.limit_of(caller), self._clock()
        if limit.is_none or self._outage.is_on(now):
            return
        known, instant = self._known.get(_key(caller)) or NOTHING, _microseconds(now)
        if wait := _wait(limit, known, tokens, instant):
            raise _refusal("the service key", limit, known, instant, wait)

    def take_of_provider(self, tenant: TenantId, provider: str, tokens: int) -> Standings:
        """Take a request and tokens from a tenant's limits at a provider; raises `RateLimited`."""
        return self._take(_provider(tenant, provider), self._of_provider, tokens, f"the tenant at {provider}")

    def correct_key(self, caller: Caller, taken: int, used: int) -> None:
        """Count the tokens that a call used instead of those that were taken for it; best effort."""
        self._correct(_key(caller), self.limit_of(caller), taken, used)

    def correct_provider(self, tenant: TenantId, provider: str, taken: int, used: int) -> None:
        """Count the tokens that a call used at a provider instead of those that were taken for it; best effort."""
        self._correct(_provider(tenant, provider), self._of_provider, taken, used)

    def limit_of(self, caller: Caller) -> RateLimit:
        return caller.limit.over(self._usual_of_key)

    def _take(self, subject: str, limit: RateLimit, tokens: int, whose: str) -> Standings:
        instant = self._clock()
        if limit.is_none or self._outage.is_on(instant):
            return {}
        now = _microseconds(instant)
        requests_cost, tokens_cost = price(limit.requests, 1), price(limit.tokens, tokens)
        known = self._known.get(subject) or NOTHING
        for _ in range(ATTEMPTS):
            # What others did since can only have made it later, but for their corrections: a refusal needs no write.
            if wait := _wait(limit, known, tokens, now):
                raise _refusal(whose, limit, known, now, wait)
            requests, used = step(known.requests, requests_cost, now), step(known.tokens, tokens_cost, now)
            if requests is None and used is None:
                return _standings(limit, known, now)
            try:
                is_taken, known = self._store.take(subject, requests, used, instant + KEPT)
            except StoreUnavailable as error:
                self._outage.begin(error, instant)
                return {}
            self._known.put(subject, known)
            if is_taken:
                return _standings(limit, known, now)
        logger().warning("a rate limit was too busy to be counted", subject=subject.partition(":")[0])
        return _standings(limit, known, now)

    def _correct(self, subject: str, limit: RateLimit, taken: int, used: int) -> None:
        now, difference = self._clock(), price(limit.tokens, used) - price(limit.tokens, taken)
        if not difference or self._outage.is_on(now):
            return
        try:
            known = self._store.correct(subject, difference)
        except StoreUnavailable as error:
            self._outage.begin(error, now)
            return
        if known is not None:
            self._known.put(subject, known)


def _key(caller: Caller) -> str:
    return f"service-key:{caller.key_id}"


def _provider(tenant: TenantId, provider: str) -> str:
    return f"provider:{tenant}:{provider}"


def _wait(limit: RateLimit, known: PaidUntil, tokens: int, now: int) -> int:
    """Return the microseconds until one request and so many tokens may be taken."""
    of_requests = wait_us(known.requests, price(limit.requests, 1), now)
    return max(of_requests, wait_us(known.tokens, price(limit.tokens, tokens), now))


def _refusal(whose: str, limit: RateLimit, known: PaidUntil, now: int, wait: int) -> RateLimited:
    refusal = RateLimited(f"{whose} has taken what a minute allows", wait / MICROSECONDS)
    refusal.about_call = headers(**_standings(limit, known, now))
    return refusal


def _standings(limit: RateLimit, taken: PaidUntil, now: int) -> Standings:
    found = {}
    if limit.requests is not None:
        found["requests"] = standing(limit.requests, taken.requests, now)
    if limit.tokens is not None:
        found["tokens"] = standing(limit.tokens, taken.tokens, now)
    return found


def _microseconds(instant: datetime) -> int:
    return (instant - EPOCH) // timedelta(microseconds=1)
