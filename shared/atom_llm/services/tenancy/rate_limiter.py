"""Rate limits as calls meet them: one conditional write a limited subject, none where nothing is limited.

What a call used is corrected by the write of the next one in the same process, while the subject is far from its limit.
"""

from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from atom_llm.domain.core.errors import RateLimited, StoreUnavailable
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.tenancy.rate_limit import (
    LimitCosts,
    LimitStanding,
    PaidUntil,
    RateLimit,
    headers,
    may_wait,
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
KNOWN_FOR: Final = timedelta(seconds=30)  # what a process knows of a subject that others may have taken from since
CARRIED_FOR: Final = timedelta(minutes=1)  # behind it, what was owed is paid off
MICROSECONDS: Final = 1_000_000
MICROSECOND: Final = timedelta(microseconds=1)
NOTHING: Final = PaidUntil()
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class _Known(NamedTuple):
    """What the store last said of a subject, and when."""

    paid: PaidUntil = NOTHING
    at: datetime = EPOCH


class _Carried(NamedTuple):
    """Microseconds of tokens that go with the next write, and since when."""

    tokens: int = 0
    since: datetime = EPOCH


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
        self._known: BoundedMap[str, _Known] = BoundedMap(CACHED_SUBJECTS)
        self._carried: BoundedMap[str, _Carried] = BoundedMap(CACHED_SUBJECTS)
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
        limit, now = self.limit_of(caller), self._clock()
        taken = self._take(_key(caller), limit, tokens, "the service key", now)
        return {} if taken is None else _standings(limit, taken, _microseconds(now))

    def refuse_of_key(self, caller: Caller, tokens: int) -> None:
        """Raise `RateLimited` where it is known without asking anybody that `take_of_key` would."""
        limit, now = self.limit_of(caller), self._clock()
        if limit.is_none or self._outage.is_on(now):
            return
        subject, instant = _key(caller), _microseconds(now)
        known, carried = (self._known.get(subject) or _Known()).paid, _lasting(self._carried.get(subject), now)
        if wait := _wait(known, limit.costs(tokens), instant, carried):
            raise _refusal("the service key", limit, known, instant, wait)

    def take_of_provider(self, tenant: TenantId, provider: str, tokens: int) -> None:
        """Take a request and tokens from a tenant's limits at a provider; raises `RateLimited`."""
        subject = _provider(tenant, provider)
        self._take(subject, self._of_provider, tokens, f"the tenant at {provider}", self._clock())

    def correct_key(self, caller: Caller, taken: int, used: int) -> None:
        """Count the tokens that a call used instead of those that were taken for it; best effort."""
        self._correct(_key(caller), self.limit_of(caller), taken, used)

    def correct_provider(self, tenant: TenantId, provider: str, taken: int, used: int) -> None:
        """Count the tokens that a call used at a provider instead of those that were taken for it; best effort."""
        self._correct(_provider(tenant, provider), self._of_provider, taken, used)

    def limit_of(self, caller: Caller) -> RateLimit:
        return caller.limit.over(self._usual_of_key)

    def _take(self, subject: str, limit: RateLimit, tokens: int, whose: str, instant: datetime) -> PaidUntil | None:
        """Take from a subject's limits and return what it owes; None where nothing is limited, or nobody can be asked.

        Raises `RateLimited`.
        """
        if limit.is_none or self._outage.is_on(instant):
            return None
        now, costs = _microseconds(instant), limit.costs(tokens)
        carried = _lasting(self._carried.pop(subject), instant) if costs.tokens else 0
        known = (self._known.get(subject) or _Known()).paid
        is_taken = False
        try:
            for _ in range(ATTEMPTS):
                # What others did since can only have made it later, but for corrections: a refusal needs no write.
                if wait := _wait(known, costs, now, carried):
                    raise _refusal(whose, limit, known, now, wait)
                requests, used = (
                    step(known.requests, costs.requests, now),
                    step(known.tokens, costs.tokens, now, carried),
                )
                if requests is None and used is None:
                    return known
                is_taken, known = self._store.take(subject, requests, used, instant + KEPT)
                self._known.put(subject, _Known(known, instant))
                if is_taken:
                    return known
        except StoreUnavailable as error:
            self._outage.begin(error, instant)
            return None
        finally:
            if carried and not is_taken:
                self._carry(subject, carried, instant)
        logger().warning("a rate limit was too busy to be counted", subject=subject.partition(":")[0])
        return known

    def _correct(self, subject: str, limit: RateLimit, taken: int, used: int) -> None:
        now, difference = self._clock(), price(limit.tokens, used) - price(limit.tokens, taken)
        if not difference or self._outage.is_on(now):
            return
        difference += _lasting(self._carried.pop(subject), now)
        known = self._known.get(subject) or _Known()
        if now - known.at <= KNOWN_FOR and may_wait(known.paid.tokens, difference, _microseconds(now)):
            self._carry(subject, difference, now)
            return
        try:
            found = self._store.correct(subject, difference)
        except StoreUnavailable as error:
            self._outage.begin(error, now)
            return
        if found is not None:
            self._known.put(subject, _Known(found, now))

    def _carry(self, subject: str, tokens: int, now: datetime) -> None:
        def together(carried: _Carried | None) -> _Carried:
            return _Carried(tokens + _lasting(carried, now), now)

        self._carried.change(subject, together)


def _lasting(carried: _Carried | None, now: datetime) -> int:
    """Return what is still to be written of a correction; after `CARRIED_FOR` it would be of what was paid off."""
    return carried.tokens if carried is not None and now - carried.since <= CARRIED_FOR else 0


def _key(caller: Caller) -> str:
    return f"service-key:{caller.key_id}"


def _provider(tenant: TenantId, provider: str) -> str:
    return f"provider:{tenant}:{provider}"


def _wait(known: PaidUntil, costs: LimitCosts, now: int, carried: int) -> int:
    """Return the microseconds until the costs may be taken."""
    of_requests = wait_us(known.requests, costs.requests, now)
    return max(of_requests, wait_us(known.tokens, costs.tokens, now, carried))


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
    return (instant - EPOCH) // MICROSECOND
