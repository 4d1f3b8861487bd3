"""The rate limits of a call: its service key's, taken once a call, and its tenant's at a provider, once an attempt.

What is taken before anybody has counted the tokens is corrected to what was used behind each attempt.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future, wait
from contextlib import contextmanager
from typing import Final

from atom_llm.domain.core.errors import AtomError
from atom_llm.domain.pricing.units import RATES_OF_TOKENS
from atom_llm.domain.pricing.usage import quantity
from atom_llm.domain.routing.candidates import Candidate
from atom_llm.domain.tenancy.rate_limit import LimitStanding
from atom_llm.services.calls.call import AttemptOutcome, Call, PreparedAttempt
from atom_llm.services.tenancy.rate_limiter import RateLimiter

_TOKENS: Final = frozenset(RATES_OF_TOKENS)


class CallRateLimits:
    """The takings of calls from rate limits, and their correction. With an `executor` it goes on beside other work."""

    def __init__(self, limiter: RateLimiter, executor: Executor | None = None) -> None:
        self._limiter = limiter
        self._executor = executor

    @contextmanager
    def admission(self, call: Call) -> Iterator[Callable[[], Mapping[str, LimitStanding]]]:
        """Take a call from its service key's limits, where possible while its first attempt is being begun.

        The context's value waits for the limits' standings, or raises `RateLimited`; that is raised at once where it is
        known already. The context ends when nothing is under way any more.
        """
        tokens = expected_tokens(call)
        if self._executor is None or not self._limiter.limits_key(call.caller):
            standings = self._limiter.take_of_key(call.caller, tokens)
            try:
                yield lambda: standings
            except AtomError:
                self.give_back(call)
                raise
            return
        self._limiter.refuse_of_key(call.caller, tokens)
        taking = self._executor.submit(self._limiter.take_of_key, call.caller, tokens)
        try:
            yield taking.result
        except AtomError:
            wait((taking,))
            if taking.exception() is None:
                self.give_back(call)
            raise
        finally:
            wait((taking,))

    def taking(self, call: Call, candidate: Candidate) -> "Future[object] | None":
        """Take an attempt from its tenant's limits at the provider, and return None; raises `RateLimited`.

        Where it can be taken beside other work, the future of that is returned instead, which raises the same.
        """
        taken = call.caller.tenant, candidate.entry.provider, expected_tokens(call, candidate)
        if self._executor is None or not self._limiter.limits_providers:
            self._limiter.take_of_provider(*taken)
            return None
        return self._executor.submit(self._limiter.take_of_provider, *taken)

    def correct(self, prepared: PreparedAttempt, outcome: AttemptOutcome) -> None:
        """Count what an attempt used, in place of what was expected; best effort."""
        used = quantity(outcome.bill.usage.counts, _TOKENS)
        call, candidate = prepared.call, prepared.candidate
        taken = expected_tokens(call, candidate)
        self._limiter.correct_provider(call.caller.tenant, candidate.entry.provider, taken, used)
        # A key's tokens are taken once a call: what attempts before the last have used comes on top.
        self._limiter.correct_key(call.caller, expected_tokens(call) if outcome.is_last else 0, used)

    def give_back(self, call: Call) -> None:
        """Give back the tokens that a call without a last attempt was taken for at its service key; best effort."""
        self._limiter.correct_key(call.caller, expected_tokens(call), 0)


def expected_tokens(call: Call, candidate: Candidate | None = None) -> int:
    """Return the tokens that are taken for a call before any provider has counted it.

    They are the prompt, and as many as the answer may have by `max_tokens` and by the candidate; where the caller sets
    no limit, as many as it is expected to have, for the models' own limits are those of a whole minute.
    """
    requirements = call.wanted.requirements
    if requirements.output_limit is None:
        return requirements.about_tokens + requirements.expected_output * requirements.choices
    published = None if candidate is None else candidate.entry.limits.max_output_tokens
    limit = requirements.output_limit if published is None else min(published, requirements.output_limit)
    return requirements.about_tokens + limit * requirements.choices
