"""The table of docs/routing.md, "Failure", line by line, as what is tried next."""

import pytest

from atom_llm.domain.providers.failures import FailureKind
from atom_llm.domain.routing.retry import FIRST_BACKOFF_S, MAX_ATTEMPTS, NextStep, TriesSoFar, backoff_s, next_step

FIRST = TriesSoFar(attempts=1, retries=0)

TABLE = {
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


@pytest.mark.parametrize("kind", FailureKind)
def test_every_kind_of_failure_leads_where_the_table_says(kind: FailureKind) -> None:
    assert next_step(kind, FIRST) is TABLE[kind]


def test_a_candidate_is_retried_once() -> None:
    assert next_step(FailureKind.TRANSIENT, TriesSoFar(attempts=2, retries=1)) is NextStep.NEXT_CANDIDATE


@pytest.mark.parametrize("kind", FailureKind)
def test_nothing_is_tried_after_the_last_attempt(kind: FailureKind) -> None:
    assert next_step(kind, TriesSoFar(MAX_ATTEMPTS, 0)) is NextStep.STOP


@pytest.mark.parametrize("kind", [kind for kind, step in TABLE.items() if step is not NextStep.STOP])
def test_the_last_but_one_attempt_still_has_a_successor(kind: FailureKind) -> None:
    assert next_step(kind, TriesSoFar(MAX_ATTEMPTS - 1, 0)) is not NextStep.STOP


@pytest.mark.parametrize(("chance", "factor"), [(0.0, 0.5), (0.5, 1.0), (0.999, 1.499)])
def test_the_pause_before_a_retry_is_spread(chance: float, factor: float) -> None:
    assert backoff_s(chance, None) == pytest.approx(FIRST_BACKOFF_S * factor)


def test_a_provider_that_says_when_to_come_back_is_not_asked_before() -> None:
    assert backoff_s(0.0, 2.5) == 2.5
    assert backoff_s(0.5, 0.01) == FIRST_BACKOFF_S
