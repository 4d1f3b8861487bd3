"""The error that a caller gets when nothing came of a call."""

from dataclasses import replace
from decimal import Decimal

import pytest

from atom_llm.domain.core.errors import (
    AtomError,
    BudgetExceeded,
    CapabilityMissing,
    ContentFiltered,
    ContextTooLong,
    CostAboveLimit,
    InvalidRequest,
    ModelNotAllowed,
    ModelNotServed,
    ModelUnpriced,
    NoCandidate,
    NoModelAllowed,
    NoUsableKey,
    ProviderRefused,
    RateLimited,
    UnboundedOption,
    UpstreamFailed,
    UpstreamTimeout,
)
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from atom_llm.domain.routing.candidates import ExcludedModel, ExclusionReason
from atom_llm.http.problems import problem_of
from atom_llm.services.calls.call_error import error_of_call, error_of_deadline, error_of_failure
from atom_llm.services.calls.call_progress import CallProgress
from tests.unit.calls.test_call_progress import EVEN, KEY, A, B

KINDS: dict[FailureKind, tuple[type[AtomError], int]] = {
    FailureKind.REQUEST: (ProviderRefused, 400),
    FailureKind.UNTRANSLATABLE: (InvalidRequest, 422),
    FailureKind.UNSUPPORTED: (ModelNotServed, 404),
    FailureKind.CONTEXT_LENGTH: (ContextTooLong, 400),
    FailureKind.CONTENT_FILTER: (ContentFiltered, 400),
    FailureKind.KEY_INVALID: (NoUsableKey, 402),
    FailureKind.OUT_OF_CREDIT: (NoUsableKey, 402),
    FailureKind.TRANSIENT: (UpstreamFailed, 502),
    FailureKind.RATE_LIMITED: (RateLimited, 429),
    FailureKind.SILENT: (UpstreamTimeout, 504),
    FailureKind.CUT: (UpstreamFailed, 502),
}


@pytest.mark.parametrize("kind", FailureKind)
def test_every_failure_has_its_error_and_status(kind: FailureKind) -> None:
    error = error_of_failure(A, ProviderFailure(kind, "said the provider", status=404))
    assert (type(error), problem_of(error).status) == KINDS[kind]


def test_a_model_that_lacks_what_a_field_asks_is_the_callers_to_mend() -> None:
    failure = ProviderFailure(FailureKind.UNSUPPORTED, "no", status=400, param="temperature")
    assert problem_of(error_of_failure(A, failure)).status == 400
    assert problem_of(error_of_failure(A, failure)).param == "temperature"


def test_the_providers_own_time_is_passed_on() -> None:
    error = error_of_failure(A, ProviderFailure(FailureKind.RATE_LIMITED, "slow down", retry_after_s=7))
    assert problem_of(error).headers["Retry-After"] == "7"


@pytest.mark.parametrize(("status", "ours"), [(500, 502), (502, 502), (503, 503), (529, 503)])
def test_a_provider_that_is_overloaded_stays_a_503_for_our_caller(status: int, ours: int) -> None:
    failure = ProviderFailure(FailureKind.TRANSIENT, "no", status=status, retry_after_s=7)
    problem = problem_of(error_of_failure(A, failure))
    assert (problem.status, problem.headers.get("Retry-After")) == (ours, "7" if ours == 503 else None)


def test_a_missing_key_is_no_reason_to_come_back_and_names_the_providers_without_one() -> None:
    out = [ExcludedModel(model, ExclusionReason.NO_KEY, "no key") for model in ("openai/a", "cohere/b", "openai/c")]
    problem = problem_of(error_of_call(CallProgress(()), out))
    assert (problem.status, problem.headers.get("Retry-After")) == (402, None)
    assert problem.message.endswith("without such a key: cohere, openai")


def test_the_last_failure_is_the_answer() -> None:
    progress = CallProgress((A, B))
    progress.failed(A, KEY, ProviderFailure(FailureKind.SILENT, "nothing came"), EVEN)
    progress.failed(B, KEY, ProviderFailure(FailureKind.REQUEST, "temperature is too high"), EVEN)
    assert isinstance(error_of_call(progress, ()), ProviderRefused)


def test_a_full_budget_is_told_before_other_obstacles() -> None:
    progress = CallProgress((A, B))
    progress.pass_over(A, BudgetExceeded("full"))
    progress.pass_over(B, NoUsableKey("none"))
    assert isinstance(error_of_call(progress, ()), BudgetExceeded)


EXCLUSIONS: dict[ExclusionReason, tuple[type[AtomError], int]] = {
    ExclusionReason.NOT_SERVED: (ModelNotServed, 404),
    ExclusionReason.NOT_ALLOWED: (ModelNotAllowed, 403),
    ExclusionReason.WRONG_MODE: (CapabilityMissing, 422),
    ExclusionReason.CAPABILITY: (CapabilityMissing, 422),
    ExclusionReason.NOT_EXPRESSIBLE: (CapabilityMissing, 422),
    ExclusionReason.CONTEXT_WINDOW: (ContextTooLong, 400),
    ExclusionReason.UNPRICED: (ModelUnpriced, 402),
    ExclusionReason.OVER_MAX_COST: (CostAboveLimit, 402),
    ExclusionReason.DEPRECATED: (NoModelAllowed, 422),
    ExclusionReason.BELOW_QUALITY: (NoModelAllowed, 422),
    ExclusionReason.OBSCURE: (NoModelAllowed, 422),
    ExclusionReason.BLOCKED: (NoModelAllowed, 422),
    ExclusionReason.NO_KEY: (NoUsableKey, 402),
    ExclusionReason.CIRCUIT_OPEN: (NoCandidate, 503),
    ExclusionReason.BEYOND_THE_PLAN: (NoCandidate, 503),
}


@pytest.mark.parametrize("reason", ExclusionReason)
def test_every_exclusion_of_an_only_model_has_its_error_and_status(reason: ExclusionReason) -> None:
    error = error_of_call(CallProgress(()), [ExcludedModel("openai/a", reason, "because")])
    assert (type(error), problem_of(error).status) == EXCLUSIONS[reason]


def test_an_option_that_keeps_a_model_from_a_caller_s_limit_is_named_by_its_field() -> None:
    error = error_of_call(CallProgress(()), [ExcludedModel("a", ExclusionReason.OVER_MAX_COST, "because", "tools")])
    assert (type(error), problem_of(error).status, error.details["field"]) == (UnboundedOption, 402, "tools")


def test_a_word_that_has_no_price_is_named_by_its_field() -> None:
    error = error_of_call(CallProgress(()), [ExcludedModel("a", ExclusionReason.UNPRICED, "because", "service_tier")])
    assert (type(error), error.details["field"]) == (ModelUnpriced, "service_tier")


def test_of_several_exclusions_the_one_that_passes_soonest_is_told() -> None:
    out = [
        ExcludedModel("x/a", ExclusionReason.NO_KEY, "no key"),
        ExcludedModel("x/b", ExclusionReason.CIRCUIT_OPEN, "left alone"),
    ]
    error = error_of_call(CallProgress(()), out)
    assert isinstance(error, NoCandidate)
    assert error.details["reasons"] == {
        "x/a": {"reason": "no_key", "detail": "no key"},
        "x/b": {"reason": "circuit_open", "detail": "left alone"},
    }


def test_a_deadline_names_the_last_failure() -> None:
    progress = CallProgress((A, B))
    progress.failed(A, KEY, ProviderFailure(FailureKind.SILENT, "nothing came"), EVEN)
    error = error_of_deadline(progress)
    assert isinstance(error, UpstreamTimeout)
    assert "nothing came" in error.message


def test_a_rate_limit_that_ends_behind_the_deadline_stays_a_rate_limit() -> None:
    progress = CallProgress((A,))
    progress.failed(A, KEY, ProviderFailure(FailureKind.RATE_LIMITED, "slow down", retry_after_s=600), EVEN)
    assert isinstance(error_of_deadline(progress), RateLimited)


def refused(available: str, limit: int = 1_000) -> CallProgress:
    """A call whose candidate holds 1 USD, and 0.01 for each token of its answer, where so much is left."""
    candidate = replace(A, output_limit=limit, held_for=lambda tokens: 1 + tokens * Decimal("0.01"))
    progress = CallProgress((candidate,))
    progress.pass_over(candidate, BudgetExceeded("full", Decimal(available), scope="tenant"))
    return progress


@pytest.mark.parametrize(
    ("available", "fits"), [("10.99", 999), ("5", 400), ("4.9999", 399), ("1.01", 1), ("1.009", 0), ("0", 0), ("-3", 0)]
)
def test_a_full_budget_names_the_longest_answer_that_it_has_room_for(available: str, fits: int) -> None:
    error = error_of_call(refused(available), ())
    advice = f"it would fit with max_tokens of {fits}" if fits else "no max_tokens would fit"
    assert error.message == f"full; {A.id}: {advice}"
    assert error.details == {"scope": "tenant", "max_tokens_that_fit": fits}


def test_a_full_budget_names_no_length_where_the_request_has_none() -> None:
    progress = CallProgress((A,))
    progress.pass_over(A, BudgetExceeded("full", Decimal(5)))
    assert error_of_call(progress, ()).message == "full"
