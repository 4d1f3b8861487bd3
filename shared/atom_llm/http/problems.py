"""Failures as callers see them: one table from the domain's errors to statuses, and one rendering per dialect."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from typing import Any, Final, Literal

from atom_llm.domain.catalogue.errors import (
    ActivationConflict,
    LeaseLost,
    RefreshInProgress,
    SnapshotCorrupt,
    SnapshotMissing,
    SourcesDown,
    SourceUnavailable,
    UnreadableSource,
)
from atom_llm.domain.core import errors
from atom_llm.domain.pricing.cost import Unpriced
from atom_llm.domain.providers.failures import ProviderFailure
from atom_llm.domain.registry.errors import BoardRefused, QualityConflict
from atom_llm.http.headers import IDENTITY
from atom_llm.http.timestamps import timestamp

Dialect = Literal["control", "openai", "responses", "anthropic", "oauth"]
"""Of a route's requests and failures: `openai` is that of chat completions and all else at OpenAI but its Responses,
`oauth` that of a token endpoint (RFC 6749, 5.2)."""

# Where a wrong field is 400, as at those APIs themselves: an agent sends what got a 422 again and again.
MALFORMED_ONLY: Final[frozenset[Dialect]] = frozenset({"responses", "anthropic", "oauth"})

# Domain error → status, and OpenAI's type for it. The nearest class in an error's ancestry counts.
STATUSES: Final[Mapping[type[errors.AtomError], tuple[int, str]]] = {
    errors.AtomError: (500, "server_error"),
    errors.InvalidRequest: (422, "invalid_request_error"),
    errors.MalformedBody: (400, "invalid_request_error"),
    errors.ThreadUnsupported: (400, "invalid_request_error"),
    errors.EncodedBody: (415, "invalid_request_error"),
    errors.BodyTimeout: (408, "invalid_request_error"),
    errors.AnswerTooLarge: (422, "invalid_request_error"),
    errors.InvalidUsage: (422, "invalid_request_error"),
    errors.InvalidRate: (422, "invalid_request_error"),
    errors.CapabilityMissing: (422, "invalid_request_error"),
    errors.NoModelAllowed: (422, "invalid_request_error"),
    errors.ImplausiblePrice: (422, "invalid_request_error"),
    errors.IdempotencyMismatch: (422, "invalid_request_error"),
    errors.ProviderRefused: (400, "invalid_request_error"),
    errors.ContextTooLong: (400, "invalid_request_error"),
    errors.ContentFiltered: (400, "invalid_request_error"),
    errors.Unauthenticated: (401, "authentication_error"),
    errors.TokenRefused: (401, "authentication_error"),
    errors.SignerRefused: (401, "authentication_error"),
    Unpriced: (402, "insufficient_quota"),
    errors.ModelUnpriced: (402, "insufficient_quota"),
    errors.BudgetExceeded: (402, "insufficient_quota"),
    errors.UnboundedOption: (402, "insufficient_quota"),
    errors.CostAboveLimit: (402, "insufficient_quota"),
    errors.NoUsableKey: (402, "insufficient_quota"),
    errors.ScopeMissing: (403, "permission_error"),
    errors.OperatorOnly: (403, "permission_error"),
    errors.ModelNotAllowed: (403, "permission_error"),
    errors.NotFound: (404, "not_found_error"),
    errors.ModelNotFound: (404, "not_found_error"),
    errors.ModelNotServed: (404, "not_found_error"),
    errors.Conflict: (409, "conflict_error"),
    errors.RequestInProgress: (409, "conflict_error"),
    errors.AnswerNotKept: (409, "conflict_error"),
    RefreshInProgress: (409, "conflict_error"),
    ActivationConflict: (409, "conflict_error"),
    LeaseLost: (409, "conflict_error"),
    QualityConflict: (409, "conflict_error"),
    errors.TooLarge: (413, "invalid_request_error"),
    errors.RateLimited: (429, "rate_limit_error"),
    errors.TooManyOpenCalls: (429, "rate_limit_error"),
    errors.CallerLeft: (499, "invalid_request_error"),  # nginx's word for it; nobody hears it
    errors.NoCandidate: (503, "server_error"),
    errors.UpstreamFailed: (502, "upstream_error"),
    errors.UpstreamUnavailable: (503, "server_error"),
    ProviderFailure: (502, "upstream_error"),
    errors.UnusableAnswer: (502, "upstream_error"),
    SourceUnavailable: (502, "upstream_error"),
    SourcesDown: (502, "upstream_error"),
    BoardRefused: (502, "upstream_error"),
    UnreadableSource: (502, "upstream_error"),
    errors.Unavailable: (503, "server_error"),
    errors.StoreUnavailable: (503, "server_error"),
    errors.VaultUnavailable: (503, "server_error"),
    errors.IssuerUnavailable: (503, "server_error"),
    errors.SecretMissing: (503, "server_error"),
    SnapshotMissing: (503, "server_error"),
    SnapshotCorrupt: (503, "server_error"),
    errors.UpstreamTimeout: (504, "upstream_error"),
}

# Failures whose own sentence names tables or versions: it is for the log, and a caller hears this one.
PUBLIC_SENTENCES: Final[Mapping[type[errors.AtomError], str]] = {
    errors.StoreUnavailable: "a table of ours did not answer; ask again",
    errors.VaultUnavailable: "the vault of provider keys did not answer; ask again",
    SnapshotMissing: "the prices cannot be read now; ask again",
    SnapshotCorrupt: "the prices cannot be read now; ask again",
}

LONGEST_WAIT_S: Final = 60.0  # that a client is asked to wait for

_TYPE_OF_STATUS: Final = dict(STATUSES.values())

# platform.claude.com/docs/en/api/errors; for any other status, that of its hundred.
_ANTHROPIC_TYPES: Final[Mapping[int, str]] = {
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
    504: "timeout_error",
    529: "overloaded_error",
}

# By the type of pydantic's error, what is said of a field where pydantic speaks of Python.
_MUST_BE: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        (
            *("dict_type", "mapping_type", "model_type", "model_attributes_type", "dataclass_type"),
            *("typed_dict_type", "is_instance_of", "dataclass_exact_type"),
        ),
        "must be an object",
    ),
    **dict.fromkeys(("list_type", "tuple_type", "set_type", "frozen_set_type", "iterable_type"), "must be a list"),
    **dict.fromkeys(("decimal_type", "decimal_parsing"), "must be a number"),
    "none_required": "must be null",
}
_OF_OUR_VALIDATORS: Final = "Value error, "


@dataclass(frozen=True, slots=True)
class Problem:
    """A failure ready to be rendered."""

    status: int
    code: str
    message: str
    details: Mapping[str, Any] | None = None
    param: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def problem_of(error: errors.AtomError) -> Problem:
    """Return the problem of a domain error, by the table."""
    status, _ = next(STATUSES[cls] for cls in type(error).__mro__ if cls in STATUSES)
    retry_after_s = getattr(error, "retry_after_s", 1 if status == 503 else None)
    headers = {**_retry_headers(status, retry_after_s), **error.about_call}
    if status == 408:  # RFC 9110, 15.5.9: what is still on its way shall not be read as the next request
        headers["Connection"] = "close"
    if status == 415:  # the same, 12.5.3: what is taken
        headers["Accept-Encoding"] = IDENTITY
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    named = error.details.get("field")
    public = PUBLIC_SENTENCES.get(type(error))
    return Problem(
        status=status,
        code=error.code,
        message=public or error.message,
        details=None if public else _details(error.details),
        param=named if isinstance(named, str) else None,
        headers=headers,
    )


def _retry_headers(status: int, retry_after_s: float | None) -> dict[str, str]:
    """Return what tells clients when to ask again: SDKs and agents that are told so sleep for all of it.

    A wait that is longer than anybody should sleep for is told by the sentence alone, and asking again at once is not
    worth it; a budget does not fill up by being asked.
    """
    if status == 402 or (status == 429 and retry_after_s is not None and retry_after_s > LONGEST_WAIT_S):
        return {"x-should-retry": "false"}
    if retry_after_s is None:
        return {}
    return {"Retry-After": str(max(1, ceil(min(retry_after_s, LONGEST_WAIT_S))))}


def problem_of_fields(faults: Sequence[Mapping[str, Any]]) -> Problem:
    """Return the problem of a request that did not validate: every field with its fault, and no rejected value."""
    if any(fault["type"] == "json_invalid" for fault in faults):
        return Problem(400, "malformed_json", "the body is not valid JSON")
    fields = [{"field": _field(fault["loc"]), "message": _fault_of(fault)} for fault in faults[:20]]
    first = fields[0]
    message = f"{first['field']}: {first['message']}"
    return Problem(422, "invalid_request", message, {"fields": fields}, param=first["field"])


def _fault_of(fault: Mapping[str, Any]) -> str:
    """Return the sentence for one of pydantic's errors (`ValidationError.errors()`)."""
    kind, context = fault["type"], fault.get("ctx", {})
    if kind == "too_short":
        return f"must have at least {_entries(context['min_length'])}"
    if kind == "too_long":
        return f"must have at most {_entries(context['max_length'])}"
    message: str = _MUST_BE.get(kind, fault["msg"])
    return message.removeprefix(_OF_OUR_VALIDATORS)


def _entries(count: int) -> str:
    return "1 entry" if count == 1 else f"{count:,} entries"


def status_of(problem: Problem, dialect: Dialect) -> int:
    """Return the status of a failure in the dialect of its routes; in some, a wrong field is 400."""
    if dialect == "oauth" and problem.code == errors.TokenRefused.code:
        return 400  # RFC 8693, 2.2.2: what is exchanged is a parameter, not the client's own credential
    return 400 if problem.status == 422 and dialect in MALFORMED_ONLY else problem.status


def rendered(problem: Problem, dialect: Dialect, now: datetime, request_id: str | None = None) -> dict[str, Any]:
    """Return the body of a failure in the dialect of its routes."""
    return _RENDERINGS[dialect](problem, now, request_id)


def _for_control(problem: Problem, now: datetime, _request_id: str | None) -> dict[str, Any]:
    return {
        "success": False,
        "data": None,
        "error": {"code": problem.code, "message": problem.message, "details": problem.details},
        "message": problem.message,
        "timestamp": timestamp(now),
    }


def _for_openai(problem: Problem, _now: datetime, _request_id: str | None) -> dict[str, Any]:
    kind = _TYPE_OF_STATUS.get(problem.status, "invalid_request_error")
    error: dict[str, Any] = {"message": problem.message, "type": kind, "param": problem.param, "code": problem.code}
    if problem.code == errors.BudgetExceeded.code and problem.details:  # OpenAI's words have no place for it
        error["details"] = problem.details
    return {"error": error}


def _for_anthropic(problem: Problem, _now: datetime, request_id: str | None) -> dict[str, Any]:
    other = "invalid_request_error" if problem.status < 500 else "api_error"
    told: dict[str, Any] = {"type": _ANTHROPIC_TYPES.get(problem.status, other), "message": problem.message}
    if problem.code == errors.ThreadUnsupported.code:
        told["details"] = {"error_code": problem.code, "unsupported": [problem.param]}
    if problem.code == errors.BudgetExceeded.code:
        told["details"] = {"error_code": problem.code, **(problem.details or {})}
    return {"type": "error", "error": told, "request_id": request_id}


def _for_oauth(problem: Problem, _now: datetime, _request_id: str | None) -> dict[str, Any]:
    return {"error": _oauth_code(problem), "error_description": _OAUTH_TEXT.sub("'", problem.message)}


_RENDERINGS: Final[Mapping[Dialect, Callable[[Problem, datetime, str | None], dict[str, Any]]]] = {
    "control": _for_control,
    "openai": _for_openai,
    "responses": _for_openai,
    "anthropic": _for_anthropic,
    "oauth": _for_oauth,
}


def _oauth_code(problem: Problem) -> str:
    """Return the code of RFC 6749 (5.2) for a failure; where it has none, ours."""
    if problem.status in (400, 422) or problem.code == errors.TokenRefused.code:
        return {"grant_type": "unsupported_grant_type", "scope": "invalid_scope"}.get(
            problem.param or "", "invalid_request"
        )
    return {401: "invalid_client", 503: "temporarily_unavailable"}.get(problem.status, problem.code)


_OAUTH_TEXT: Final = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]")  # what an error_description may not hold


def _details(details: Mapping[str, object]) -> dict[str, Any] | None:
    """Return an error's details; where one field is wrong it stands in the same place as for many."""
    shown = {name: value for name, value in details.items() if value is not None}
    if isinstance(named := shown.pop("field", None), str):
        shown["fields"] = [{"field": named}]
    return shown or None


def _field(location: Iterable[object]) -> str:
    """Return `messages.0.role` of `("body", "messages", 0, "role")`; a whole body is called so."""
    parts = [str(part) for part in location]
    return ".".join(parts[1:])[:200] or parts[0]
