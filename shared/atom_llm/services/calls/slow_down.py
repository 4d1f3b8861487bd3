"""Slower calls near a budget's limit: a share of the service key's rate limit, from the step's threshold on."""

from dataclasses import replace

from atom_llm.services.calls.call import Call
from atom_llm.services.ledger.budgets.near_limits import NearLimits
from atom_llm.services.tenancy.rate_limiter import RateLimiter


class SlowDown:
    """The rate limits of calls whose budgets are nearly spent. A key without a limit has none to take a share of."""

    def __init__(self, near: NearLimits, limiter: RateLimiter) -> None:
        self._near = near
        self._limiter = limiter

    def slowed(self, call: Call) -> Call:
        """Return a call with the share of its caller's limit that a step leaves it, or as it is."""
        caller, limit = call.caller, self._limiter.limit_of(call.caller)
        if limit.is_none:
            return call
        found = self._near.reached(caller.tenant, caller.key_id, call.end_user, caller.team, call.tags, "slow_down")
        if found is None or found.step.to_percent is None:
            return call
        share = found.step.to_percent
        return replace(
            call,
            caller=replace(caller, limit=limit.share(share)),
            slowed_down=f"to {share} % of the rate limit: {found.why}",
        )
