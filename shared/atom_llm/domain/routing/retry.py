"""The step after a failed attempt: docs/routing.md, "Failure", as a function without side effects."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from atom_llm.domain.providers.failures import FailureKind

MAX_CANDIDATES: Final = 3  # docs/routing.md, "Ranking"
MAX_ATTEMPTS: Final = 6

FIRST_BACKOFF_S: Final = 0.25  # before the one retry, times a random factor of 0.5 to 1.5


class NextStep(StrEnum):
    """The step after a failed attempt."""

    RETRY = "retry"  # the same candidate with the same key, after a pause
    NEXT_KEY = "next_key"  # the tenant's next key of that provider, then the next candidate
    NEXT_CANDIDATE = "next_candidate"
    NEXT_PROVIDER = "next_provider"  # the next candidate of another provider, which reads requests otherwise
    LARGER_WINDOW = "larger_window"  # the next candidate that is not known to take shorter prompts
    STOP = "stop"  # nothing else is tried: the failure is the answer


@dataclass(frozen=True, slots=True)
class TriesSoFar:
    """The tries of a call so far: attempts in all, and of them retries on the present candidate."""

    attempts: int
    retries: int


# What a failure leads to where attempts are left.
_AFTER: Final[dict[FailureKind, NextStep]] = {
    FailureKind.REQUEST: NextStep.NEXT_PROVIDER,
    FailureKind.UNTRANSLATABLE: NextStep.NEXT_PROVIDER,
    FailureKind.CONTENT_FILTER: NextStep.STOP,
    FailureKind.UNSUPPORTED: NextStep.NEXT_CANDIDATE,
    FailureKind.CONTEXT_LENGTH: NextStep.LARGER_WINDOW,
    FailureKind.KEY_INVALID: NextStep.NEXT_KEY,
    FailureKind.OUT_OF_CREDIT: NextStep.NEXT_KEY,
    FailureKind.TRANSIENT: NextStep.RETRY,
    FailureKind.RATE_LIMITED: NextStep.NEXT_KEY,
    FailureKind.SILENT: NextStep.NEXT_CANDIDATE,
    FailureKind.CUT: NextStep.NEXT_CANDIDATE,
}

# Failures of the provider, which its circuit counts. A caller's mistake, a bad key and a rate limit say nothing about
# whether the model works.
COUNTED_BY_CIRCUIT: Final = frozenset({FailureKind.TRANSIENT, FailureKind.SILENT, FailureKind.CUT})


def next_step(kind: FailureKind, tried: TriesSoFar) -> NextStep:
    """Return the step after a failure: one retry a candidate, and never more than `MAX_ATTEMPTS` in all."""
    if tried.attempts >= MAX_ATTEMPTS:
        return NextStep.STOP
    step = _AFTER[kind]
    if step is NextStep.RETRY and tried.retries > 0:
        return NextStep.NEXT_CANDIDATE
    return step


def backoff_s(chance: float, retry_after_s: float | None) -> float:
    """Return the seconds to wait before a retry; `chance` is uniform in [0, 1), a provider's own wait a lower bound."""
    return max(FIRST_BACKOFF_S * (0.5 + chance), retry_after_s or 0.0)
