"""A call's way through its candidates: what is tried next, with which key, and after how long."""

from decimal import Decimal

import pytest

from atom_llm.domain.catalogue.catalogue import ModelEntry, TokenLimits
from atom_llm.domain.core.errors import BudgetExceeded, NoUsableKey
from atom_llm.domain.core.ids import ProviderKeyId
from atom_llm.domain.pricing.rates import read_rates
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from atom_llm.domain.routing.candidates import Candidate
from atom_llm.domain.routing.retry import FIRST_BACKOFF_S, MAX_ATTEMPTS
from atom_llm.services.calls.call_progress import LONGEST_PAUSE_S, USUAL_RETRY_S, CallProgress

KEY, OTHER_KEY = ProviderKeyId("key-1"), ProviderKeyId("key-2")
EVEN = 0.5  # the chance that spreads a pause by nothing


def candidate(name: str, *, hold: str = "0.01", window: int = 100_000) -> Candidate:
    entry = ModelEntry(name, name.partition("/")[0], name, "litellm", "chat", limits=TokenLimits(window))
    return Candidate(entry, read_rates({}), 100, Decimal(hold) / 2, Decimal(hold))


def failure(kind: FailureKind, retry_after_s: float | None = None) -> ProviderFailure:
    return ProviderFailure(kind, "it failed", status=500, retry_after_s=retry_after_s)


A, B, C = candidate("openai/a"), candidate("anthropic/b"), candidate("google/c")


def test_a_transient_failure_is_retried_once_with_the_same_key_after_a_pause() -> None:
    progress = CallProgress((A, B))
    assert progress.failed(A, KEY, failure(FailureKind.TRANSIENT), EVEN) == FIRST_BACKOFF_S
    assert (progress.candidate, progress.repeat) == (A, KEY)
    assert progress.failed(A, KEY, failure(FailureKind.TRANSIENT), EVEN) == 0
    assert (progress.candidate, progress.repeat) == (B, None)


@pytest.mark.parametrize(("after_s", "next_one"), [(LONGEST_PAUSE_S, A), (LONGEST_PAUSE_S + 1, B)])
def test_a_provider_that_wants_to_be_left_alone_for_long_is_not_waited_for(after_s: float, next_one: Candidate) -> None:
    progress = CallProgress((A, B))
    progress.failed(A, KEY, failure(FailureKind.TRANSIENT, after_s), EVEN)
    assert progress.candidate is next_one


def test_the_next_candidate_has_a_retry_of_its_own() -> None:
    progress = CallProgress((A, B))
    for _ in range(2):
        progress.failed(A, KEY, failure(FailureKind.TRANSIENT), EVEN)
    progress.failed(B, KEY, failure(FailureKind.TRANSIENT), EVEN)
    assert progress.candidate is B


def test_a_silent_route_is_not_asked_twice() -> None:
    progress = CallProgress((A, B))
    progress.failed(A, KEY, failure(FailureKind.SILENT), EVEN)
    assert progress.candidate is B


@pytest.mark.parametrize("kind", [FailureKind.KEY_INVALID, FailureKind.OUT_OF_CREDIT])
def test_a_bad_key_leaves_the_candidate_to_the_next_key(kind: FailureKind) -> None:
    progress = CallProgress((A, B))
    progress.failed(A, KEY, failure(kind), EVEN)
    assert (progress.candidate, progress.spent) == (A, {KEY})


def test_without_another_key_the_next_candidate_is_tried() -> None:
    progress = CallProgress((A, B))
    progress.failed(A, KEY, failure(FailureKind.KEY_INVALID), EVEN)
    progress.pass_over(A, NoUsableKey("no key is left"))
    assert progress.candidate is B


@pytest.mark.parametrize("window", [100_000, 100_001, 0], ids=["equal", "larger", "unknown"])
def test_a_prompt_that_is_too_long_goes_to_a_window_that_is_not_known_to_be_smaller(window: int) -> None:
    first, smaller, another = candidate("x/s"), candidate("x/t", window=99_999), candidate("x/l", window=window)
    progress = CallProgress((first, smaller, another))
    progress.failed(first, KEY, failure(FailureKind.CONTEXT_LENGTH), EVEN)
    assert progress.candidate is another


def test_a_prompt_that_fits_nowhere_ends_the_course() -> None:
    progress = CallProgress((A, candidate("x/t", window=99_999)))
    progress.failed(A, KEY, failure(FailureKind.CONTEXT_LENGTH), EVEN)
    assert progress.candidate is None


@pytest.mark.parametrize("kind", [FailureKind.REQUEST, FailureKind.UNTRANSLATABLE])
def test_a_request_that_one_provider_refuses_is_offered_to_the_next_provider(kind: FailureKind) -> None:
    sibling = candidate("openai/a2")
    progress = CallProgress((A, sibling, B))
    progress.failed(A, KEY, failure(kind), EVEN)
    assert progress.candidate is B


def test_a_prompt_that_a_provider_will_not_answer_is_not_offered_to_the_next() -> None:
    progress = CallProgress((A, B))
    progress.failed(A, KEY, failure(FailureKind.CONTENT_FILTER), EVEN)
    assert progress.candidate is None


def test_a_rate_limit_leaves_the_candidate_to_the_next_key_at_once() -> None:
    progress = CallProgress((A, B))
    assert progress.failed(A, KEY, failure(FailureKind.RATE_LIMITED, 30), EVEN) == 0
    assert (progress.candidate, progress.used_up(A), progress.used_up(B)) == (A, {KEY}, set())


def test_without_another_key_a_rate_limit_leaves_the_call_to_the_next_candidate() -> None:
    progress = CallProgress((A, B))
    progress.failed(A, KEY, failure(FailureKind.RATE_LIMITED, 30), EVEN)
    progress.pass_over(A, NoUsableKey("no key is left"))
    assert progress.candidate is B


def test_where_nothing_else_can_serve_the_rate_limit_that_ends_first_is_waited_for_with_its_key() -> None:
    progress = CallProgress((A, B, C))
    for limited, wait_s in ((A, 30), (B, 2)):
        progress.failed(limited, KEY, failure(FailureKind.RATE_LIMITED, wait_s), EVEN)
        progress.pass_over(limited, NoUsableKey("no key is left"))
    assert progress.failed(C, KEY, failure(FailureKind.SILENT), EVEN) == 2
    assert (progress.candidate, progress.repeat, progress.used_up(B)) == (B, KEY, set())


def test_a_rate_limit_without_a_time_is_waited_for_as_usual() -> None:
    progress = CallProgress((A,))
    progress.failed(A, KEY, failure(FailureKind.RATE_LIMITED), EVEN)
    progress.pass_over(A, NoUsableKey("no key is left"))
    assert progress.wait_for_a_limit() == USUAL_RETRY_S
    assert progress.candidate is A


def test_attempts_are_bounded_whatever_happens() -> None:
    progress = CallProgress((A,))
    for _ in range(MAX_ATTEMPTS):
        assert progress.candidate is A
        progress.failed(A, KEY, failure(FailureKind.RATE_LIMITED, 0), EVEN)
        if progress.candidate is A:
            progress.pass_over(A, NoUsableKey("no key is left"))
            progress.wait_for_a_limit()
    assert progress.candidate is None


def test_after_a_full_budget_only_cheaper_candidates_are_looked_at() -> None:
    dear, dearer, cheap = candidate("x/d", hold="0.05"), candidate("x/e", hold="0.06"), candidate("x/c", hold="0.01")
    progress = CallProgress((dear, dearer, cheap))
    progress.pass_over(dear, BudgetExceeded("full"))
    assert progress.candidate is cheap


def test_a_call_without_candidates_has_nowhere_to_go() -> None:
    assert CallProgress(()).candidate is None
