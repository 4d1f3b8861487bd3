"""The errors that callers hear of, one class a failure; the HTTP edge translates each class once.

Those of refreshes and syncs are in the capabilities' own `errors.py`.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import ClassVar


class AtomError(Exception):
    """A failure that a caller may hear of: a stable `code`, a sentence, and machine-readable details."""

    code: ClassVar[str] = "internal_error"

    def __init__(self, message: str, **details: object) -> None:
        """Keep the sentence and the details; neither may hold a secret or a rejected value.

        `about_call` is empty until a model's call fails: then it names the call, and says how many attempts it made
        and what those that were charged have cost.
        """
        super().__init__(message)
        self.message = message
        self.details: Mapping[str, object] = details
        self.about_call: Mapping[str, str] = {}


class InvalidRequest(AtomError):
    """A field of the request is wrong; `field` names it."""

    code: ClassVar[str] = "invalid_request"

    def __init__(self, field: str, fault: str) -> None:
        """Word the error as the field's name followed by `fault`, which completes the sentence."""
        super().__init__(f"{field} {fault}", field=field)
        self.field = field
        self.fault = fault


class MalformedBody(InvalidRequest):
    """A body that is no JSON as RFC 8259 has it, or holds a number that no reader of it can hold."""

    code: ClassVar[str] = "malformed_json"


class ThreadUnsupported(InvalidRequest):
    """A conversation that its provider is to keep: what is in it cannot be held for, and no other provider has it.

    The code is Anthropic's own: its SDKs send the whole conversation instead where they hear it.
    """

    code: ClassVar[str] = "thread_unsupported_request"


class EncodedBody(InvalidRequest):
    """A body that is compressed, or encoded otherwise; nobody here unpacks one, for a small one may hold gigabytes."""

    code: ClassVar[str] = "unsupported_media_type"

    def __init__(self) -> None:
        """Name the header, and what is taken of it."""
        super().__init__("content-encoding", "must be identity: bodies are taken uncompressed alone")


class BodyTimeout(AtomError):
    """A body that did not arrive within its time."""

    code: ClassVar[str] = "request_timeout"


class InvalidUsage(InvalidRequest):
    """Usage that cannot be: no count, or a part that exceeds its whole."""

    code: ClassVar[str] = "invalid_usage"


class InvalidRate(AtomError):
    """A published rate, or a word that selects one, that is none; `key` names it."""

    code: ClassVar[str] = "invalid_rate"

    def __init__(self, key: str, fault: str) -> None:
        """Word the error as the key followed by `fault`, which completes the sentence."""
        super().__init__(f"{key} {fault}", field=key)
        self.key = key
        self.fault = fault


class ModelUnpriced(AtomError):
    """A model that was asked for by name has no price: a call of it could not be held for, nor billed."""

    code: ClassVar[str] = "model_unpriced"


class Unauthenticated(AtomError):
    """No service key, or one that does not open anything."""

    code: ClassVar[str] = "unauthenticated"


class TokenRefused(Unauthenticated):
    """A token that opens nothing; `reason` says why in one word, and nothing of the token is repeated."""

    code: ClassVar[str] = "token_refused"

    def __init__(self, reason: str, fault: str) -> None:
        """Word the error as `fault`, which completes the sentence that begins with the token."""
        super().__init__(f"the token {fault}", reason=reason)
        self.reason = reason


class SignerRefused(Unauthenticated):
    """A signed request whose signer opens nothing; `reason` says why in one word."""

    code: ClassVar[str] = "signer_refused"

    def __init__(self, reason: str, fault: str) -> None:
        """Word the error as `fault`, which completes the sentence that begins with the signature."""
        super().__init__(f"the signature {fault}", reason=reason)
        self.reason = reason


class ScopeMissing(AtomError):
    """The service key lacks the scope that the route asks for."""

    code: ClassVar[str] = "scope_missing"


class OperatorOnly(ScopeMissing):
    """The scope is there, and yet it takes a service key of the operator's tenant."""

    code: ClassVar[str] = "operator_only"


class NotFound(AtomError):
    """There is nothing of that name, or nothing that the caller may know of."""

    code: ClassVar[str] = "not_found"


class ModelNotFound(NotFound):
    """No row of the catalogue has that name; `near` are up to five names that are close."""

    code: ClassVar[str] = "model_not_found"

    def __init__(self, model: str, near: Sequence[str]) -> None:
        """Keep the name asked for and `near`, the names that it may have been meant to be."""
        others = f"; near it are {', '.join(near)}" if near else ""
        super().__init__(f"no model is known as {model!r}{others}", model=model, near=list(near))
        self.near = tuple(near)


class Conflict(AtomError):
    """The request contradicts the present state."""

    code: ClassVar[str] = "conflict"


class ImplausiblePrice(AtomError):
    """An own price that is far from the list's; `rates` names what has to be confirmed."""

    code: ClassVar[str] = "implausible_price"


class IdempotencyMismatch(InvalidRequest):
    """An Idempotency-Key that was used for another request already."""

    code: ClassVar[str] = "idempotency_key_reused"


class RequestInProgress(Conflict):
    """A request with the same Idempotency-Key is being carried out; `retry_after_s` says when to ask again."""

    code: ClassVar[str] = "idempotent_request_in_progress"

    def __init__(self, message: str, retry_after_s: float) -> None:
        """Keep `retry_after_s`, the seconds until an answer may be there."""
        super().__init__(message)
        self.retry_after_s = retry_after_s


class AnswerNotKept(Conflict):
    """A request with the same Idempotency-Key was carried out, and its answer cannot be given again."""

    code: ClassVar[str] = "idempotent_answer_not_kept"


class BudgetExceeded(AtomError):
    """A hard budget has no room for the call; the details name the budget, what it has left and when it resets."""

    code: ClassVar[str] = "budget_exceeded"

    def __init__(self, message: str, available: Decimal | None = None, **details: object) -> None:
        """Keep `available`, the USD that the budget has left; None where it was not looked at."""
        super().__init__(message, **details)
        self.available = available

    @property
    def keeps_away_dearer(self) -> bool:
        """Return whether no model that is held for more USD would fit either: a budget of a model or of other units
        than USD says nothing about others."""
        of_a_model = str(self.details.get("scope", "")).startswith(("model:", "provider:"))
        return not of_a_model and self.details.get("unit", "usd") == "usd"


class UnboundedOption(BudgetExceeded):
    """An option of the request may be billed without bound, and a hard budget or the caller's own limit applies."""

    code: ClassVar[str] = "unbounded_option"

    def __init__(self, field: str, model: str, limit: str) -> None:
        """Name the option's field; `limit` is the sentence's end, which says what has to be kept to."""
        super().__init__(f"{field}: nothing bounds what {model} may bill for it, and {limit}", field=field)


class RateLimited(AtomError):
    """Too many requests; `retry_after_s` says when one may pass."""

    code: ClassVar[str] = "rate_limited"

    def __init__(self, message: str, retry_after_s: float) -> None:
        """Keep `retry_after_s`, the seconds until a retry can succeed."""
        super().__init__(message)
        self.retry_after_s = retry_after_s


class TooManyOpenCalls(RateLimited):
    """A budget has as many open holds as its item may carry."""

    code: ClassVar[str] = "too_many_open_calls"


class NoUsableKey(AtomError):
    """The tenant has no key of the provider that may be used; `reasons` has the cause for each key."""

    code: ClassVar[str] = "no_usable_key"


class CapabilityMissing(InvalidRequest):
    """No model that was asked for has a capability that a field of the request needs."""

    code: ClassVar[str] = "capability_missing"


class NoModelAllowed(InvalidRequest):
    """The tenant's preferences, or the bounds of a tier, leave no model: that does not pass by itself."""

    code: ClassVar[str] = "no_model_allowed"


class ModelNotAllowed(AtomError):
    """An allow-list leaves out every model that the call could go to."""

    code: ClassVar[str] = "model_not_allowed"


class CostAboveLimit(AtomError):
    """The call may cost more than its caller allows it to."""

    code: ClassVar[str] = "max_cost_exceeded"


class ProviderRefused(AtomError):
    """A provider will not take the request as it is; the sentence is the provider's."""

    code: ClassVar[str] = "provider_refused"


class ContextTooLong(ProviderRefused):
    """The prompt does not fit into any model that may be tried."""

    code: ClassVar[str] = "context_length_exceeded"


class ContentFiltered(ProviderRefused):
    """A provider will not answer this prompt."""

    code: ClassVar[str] = "content_filter"


class UnusableAnswer(AtomError):
    """A model's answer is not what was asked for, even after the model was told what is wrong with it."""

    code: ClassVar[str] = "unusable_answer"


class ModelNotServed(NotFound):
    """The provider does not serve the model, or not to this key."""

    code: ClassVar[str] = "model_not_served"


class NoCandidate(AtomError):
    """No model that was asked for can be called now; the details hold the reason for each."""

    code: ClassVar[str] = "no_candidate"

    def __init__(self, message: str, retry_after_s: float, **details: object) -> None:
        """Keep `retry_after_s`, the seconds until one of the models may be worth a try."""
        super().__init__(message, **details)
        self.retry_after_s = retry_after_s


class CallerLeft(AtomError):
    """The caller has gone before there was an answer: nothing more is paid for."""

    code: ClassVar[str] = "caller_left"


class TooLarge(AtomError):
    """The request is larger than the limit."""

    code: ClassVar[str] = "too_large"


class AnswerTooLarge(AtomError):
    """The answer is there and was paid for, and is larger than what Lambda gives out at once."""

    code: ClassVar[str] = "answer_too_large"


class UpstreamFailed(AtomError):
    """Something that we depend on answered with a failure, or not usably."""

    code: ClassVar[str] = "upstream_failed"


class UpstreamUnavailable(UpstreamFailed):
    """A provider is there and takes no calls now; `retry_after_s` says when to ask again."""

    code: ClassVar[str] = "upstream_unavailable"

    def __init__(self, message: str, retry_after_s: float) -> None:
        """Keep the seconds until a retry is worth it."""
        super().__init__(message)
        self.retry_after_s = retry_after_s


class UpstreamTimeout(AtomError):
    """Something that we depend on did not answer in time."""

    code: ClassVar[str] = "upstream_timeout"


class Unavailable(AtomError):
    """The service cannot answer now; `retry_after_s` says when to ask again."""

    code: ClassVar[str] = "unavailable"

    def __init__(self, message: str, retry_after_s: float = 1.0) -> None:
        """Keep `retry_after_s`, the seconds until a retry is worth it."""
        super().__init__(message)
        self.retry_after_s = retry_after_s


class StoreUnavailable(Unavailable):
    """A table did not answer, or throttled us, after every retry."""

    code: ClassVar[str] = "store_unavailable"


class VaultUnavailable(Unavailable):
    """The vault of tenants' secrets did not answer, or refused: after a refusal (`is_refusal`) no write is pending."""

    code: ClassVar[str] = "vault_unavailable"

    def __init__(self, message: str, *, is_refusal: bool = False) -> None:
        """Take a message that names the operation and the cause, and holds nothing of what the operation carried."""
        super().__init__(message)
        self.is_refusal = is_refusal


class IssuerUnavailable(Unavailable):
    """The issuer of a token cannot be asked for its keys, and what was known of them is too old to hold."""

    code: ClassVar[str] = "issuer_unavailable"


class SecretMissing(Unavailable):
    """A secret, or a version of it, is not there: it was moved or deleted a moment ago."""

    code: ClassVar[str] = "secret_missing"

    def __init__(self) -> None:
        """Word the failure without details: the name of a secret is told to no caller."""
        super().__init__("a secret is not where it was")
