"""The error of a call in which no attempt came to an answer: the one that says most."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

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
    UpstreamUnavailable,
)
from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.domain.ledger.rows import ledger_amount
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from atom_llm.domain.routing.candidates import Candidate, ExcludedModel, ExclusionReason
from atom_llm.services.calls.call_progress import USUAL_RETRY_S, CallProgress

UNAVAILABLE: Final = frozenset({503, 529})  # statuses by which a provider says that it is there and overloaded
CIRCUIT_RETRY_S: Final = 5.0  # when it is worth a look whether a provider works again
KEYS_RETRY_S: Final = 30.0  # a tenant has to bring another key first


def error_of_call(progress: CallProgress, excluded: Sequence[ExcludedModel], near: Sequence[str] = ()) -> AtomError:
    """Return the error of a call that has come to its end without an answer; `near` could be called in its place."""
    if progress.failures:
        return error_of_failure(*progress.failures[-1])
    if progress.obstacles:
        return _of_obstacles(progress)
    return _of_exclusions(excluded, near)


def error_of_failure(candidate: Candidate, failure: ProviderFailure) -> AtomError:
    """Return a provider's failure in the words of our own answers."""
    said = f"{candidate.id}: {failure.message}"
    match failure.kind:
        case FailureKind.UNTRANSLATABLE:
            return InvalidRequest(failure.param or "body", failure.message)
        case FailureKind.REQUEST:
            return ProviderRefused(said, field=failure.param)
        case FailureKind.UNSUPPORTED:
            return ModelNotServed(said) if failure.status in (403, 404) else ProviderRefused(said, field=failure.param)
        case FailureKind.CONTEXT_LENGTH:
            return ContextTooLong(said, field="messages")
        case FailureKind.CONTENT_FILTER:
            return ContentFiltered(said)
        case FailureKind.KEY_INVALID | FailureKind.OUT_OF_CREDIT if _is_operators(candidate):
            message = f"{candidate.id}: what this deployment shows for itself is refused there; its operator has to act"
            return UpstreamUnavailable(message, KEYS_RETRY_S)
        case FailureKind.KEY_INVALID | FailureKind.OUT_OF_CREDIT:
            return NoUsableKey(
                f"{candidate.entry.provider} takes no key of this tenant: {failure.kind}",
                provider=candidate.entry.provider,
            )
        case FailureKind.RATE_LIMITED:
            wait_s = USUAL_RETRY_S if failure.retry_after_s is None else failure.retry_after_s
            return RateLimited(f"{candidate.entry.provider} takes no more requests now: {failure.message}", wait_s)
        case FailureKind.SILENT:
            return UpstreamTimeout(said)
        case FailureKind.TRANSIENT if failure.status in UNAVAILABLE:
            return UpstreamUnavailable(said, USUAL_RETRY_S if failure.retry_after_s is None else failure.retry_after_s)
        case FailureKind.TRANSIENT | FailureKind.CUT:
            return UpstreamFailed(said)


def _is_operators(candidate: Candidate) -> bool:
    """Return whether calls of its provider show what is the operator's, or nothing."""
    provider = PROVIDER_BY_ID.get(candidate.entry.provider)
    return provider is not None and provider.access in ("operator", "open")


def error_of_deadline(progress: CallProgress) -> AtomError:
    """Return the error of a call whose deadline came before an answer."""
    last = f"; the last failure: {progress.failures[-1][1].message}" if progress.failures else ""
    if progress.failures and progress.failures[-1][1].kind is FailureKind.RATE_LIMITED:
        return error_of_failure(*progress.failures[-1])
    return UpstreamTimeout(f"no provider answered within the deadline{last}")


def _of_obstacles(progress: CallProgress) -> AtomError:
    """Return a full budget where there is one, else the obstacle of the last candidate."""
    for candidate, obstacle in progress.obstacles:
        if isinstance(obstacle, BudgetExceeded):
            return _with_fitting_output(candidate, obstacle)
    return progress.obstacles[-1][1]


def _with_fitting_output(candidate: Candidate, full: BudgetExceeded) -> BudgetExceeded:
    """Return the refusal of a full budget with the longest answer, in tokens, that it still has room for."""
    held_for, available = candidate.held_for, full.available
    if held_for is None or available is None:
        return full
    # The hold grows with the limit, so that those that fit are the first so many of 1, 2, 3, …
    asked = range(1, candidate.output_limit)
    fits = bisect_left(asked, True, key=lambda tokens: ledger_amount(held_for(tokens)) > available)
    advice = f"it would fit with max_tokens of {fits}" if fits else "no max_tokens would fit"
    return BudgetExceeded(
        f"{full.message}; {candidate.id}: {advice}", available, **{**full.details, "max_tokens_that_fit": fits}
    )


def _of_exclusions(excluded: Sequence[ExcludedModel], near: Sequence[str]) -> AtomError:
    reasons = {each.model: {"reason": str(each.reason), "detail": each.detail} for each in excluded}
    first = next((each for reason in _TELLING for each in excluded if each.reason is reason), None)
    if first is None:
        return NoCandidate("no model that was asked for can be called", KEYS_RETRY_S, reasons=reasons)
    said = f"{first.model}: {first.detail}"
    instead = f"; near it in quality, and callable, are {', '.join(near)}" if near else ""
    match first.reason:
        case ExclusionReason.CAPABILITY | ExclusionReason.NOT_EXPRESSIBLE | ExclusionReason.WRONG_MODE:
            return CapabilityMissing(first.field or "model", f"cannot be served: {said}")
        case ExclusionReason.CONTEXT_WINDOW:
            return ContextTooLong(said, field="messages")
        case ExclusionReason.UNPRICED:
            return ModelUnpriced(f"{said}{instead}", field=first.field)
        case ExclusionReason.OVER_MAX_COST:
            if first.field is not None:
                return UnboundedOption(first.field, first.model, "the caller sets a limit to the cost")
            return CostAboveLimit(said)
        case ExclusionReason.NO_KEY:
            without = sorted({each.model.partition("/")[0] for each in excluded if each.reason is first.reason})
            return NoUsableKey(
                f"{said}; without such a key: {', '.join(without)}{instead}",
                providers=without,
                reasons=reasons,
                near=list(near) or None,
            )
        case ExclusionReason.NOT_ALLOWED:
            return ModelNotAllowed(f"{said}{instead}", field=first.field, near=list(near) or None)
        case ExclusionReason.NOT_SERVED:
            return ModelNotServed(f"{said}{instead}")
        case (
            ExclusionReason.BLOCKED
            | ExclusionReason.BELOW_QUALITY
            | ExclusionReason.OBSCURE
            | ExclusionReason.DEPRECATED
        ):
            return NoModelAllowed("model", f"leaves none that may be called: {said}")
        case ExclusionReason.CIRCUIT_OPEN:
            return NoCandidate(f"{said}{instead}", CIRCUIT_RETRY_S, reasons=reasons)
        case _:
            return NoCandidate(said, KEYS_RETRY_S, reasons=reasons)


# Which exclusion is the answer where all candidates are out for different reasons: what the caller can mend soonest.
_TELLING: Final = (
    ExclusionReason.CIRCUIT_OPEN,
    ExclusionReason.OVER_MAX_COST,
    ExclusionReason.CONTEXT_WINDOW,
    ExclusionReason.NOT_EXPRESSIBLE,
    ExclusionReason.CAPABILITY,
    ExclusionReason.NO_KEY,
    ExclusionReason.NOT_ALLOWED,
    ExclusionReason.UNPRICED,
    ExclusionReason.WRONG_MODE,
    ExclusionReason.NOT_SERVED,
    ExclusionReason.BLOCKED,
    ExclusionReason.BELOW_QUALITY,
    ExclusionReason.OBSCURE,
    ExclusionReason.DEPRECATED,
)
