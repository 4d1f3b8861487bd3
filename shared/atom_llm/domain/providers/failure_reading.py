"""Reading a provider's error: its kind, its sentence, and the seconds to wait before the next try."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from atom_llm.domain.providers.error_body import ErrorWords, parsed, told
from atom_llm.domain.providers.failure_rules import kind_of
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from atom_llm.domain.providers.retry_after import reset_after_s, retry_after_s, told_retry_s

MAX_CODE: Final = 100  # characters of a provider's code, or of a field's name
UNKNOWN_STATUS: Final = 502  # of an error inside of a success that does not say which status it stands for

# The status that a code within a success stands for. Anthropic: platform.claude.com/docs/en/api/errors; OpenAI's own
# types; the rest says a status of HTTP by itself (Google's `code`, MiniMax's `http_code`, Mistral's `raw_status_code`).
_STATUS_OF: Final[Mapping[str, int]] = {
    "invalid_request_error": 400,
    "bad_request_error": 400,
    "authentication_error": 401,
    "authorized_error": 401,
    "invalid_api_key": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "conflict_error": 409,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "insufficient_quota": 429,
    "insufficient_balance_error": 429,
    "api_error": 500,
    "server_error": 500,
    "internal_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
    "InvalidApiKey": 401,  # Qwen
}
# Numbers mean something else at each provider. Zhipu: docs.z.ai/api-reference/api-code; MiniMax:
# platform.minimax.io/docs/api-reference/errorcode.
_STATUS_OF_NUMBER: Final[Mapping[str, Mapping[str, int]]] = {
    "zhipu": {
        **dict.fromkeys(("1000", "1001", "1002", "1003", "1004"), 401),
        **dict.fromkeys(("1110", "1111", "1112", "1113", "1121"), 429),
        **dict.fromkeys(("1302", "1303", "1304", "1305", "1308", "1309", "1310", "1312", "1313"), 429),
        **dict.fromkeys(("1210", "1213", "1214", "1215", "1261", "1301"), 400),
    },
    "minimax": {
        **dict.fromkeys(("1004", "2049"), 401),
        **dict.fromkeys(("1002", "1008", "1039", "1041", "2045", "2056"), 429),
        **dict.fromkeys(("1026", "1027", "1042", "2013"), 400),
    },
}
# A page is of whatever stands before the provider: a firewall that takes offence at a place or at a prompt, and a limit
# in bytes. It knows nothing of keys, and says nothing about whether a model works.
_OF_A_PAGE: Final[Mapping[int, FailureKind]] = {403: FailureKind.UNSUPPORTED, 413: FailureKind.REQUEST}
# One of these stands in every error; the chunks of a stream, of which there are many, have hardly ever any.
_OF_AN_ERROR: Final = frozenset({"error", "base_resp", "x_groq", "message", "msg", "detail"})
_SAYS_STATUS: Final = ("status_code", "http_code", "raw_status_code", "code", "status")
# What a whole answer, a chunk or a list has, of any of the dialects, and no bare error has.
_OF_AN_ANSWER: Final = frozenset({"choices", "candidates", "content", "data", "embeddings", "usageMetadata", "usage"})


def classified(
    provider_id: str, status: int, headers: Mapping[str, str], body: bytes, now: datetime
) -> ProviderFailure:
    """Return the failure that an answer with another status than 200 is; names of `headers` are in lower case."""
    content = _unwrapped(parsed(body))
    said = told(content)
    is_page = content is None and body.lstrip()[:1] == b"<"
    kind = _OF_A_PAGE.get(status) if is_page else None
    if kind is None:
        kind = kind_of(provider_id, status, said)
    wait_s: float | None = None
    if kind in (FailureKind.TRANSIENT, FailureKind.RATE_LIMITED):
        wait_s = retry_after_s(headers, now)
    if wait_s is None and kind is FailureKind.RATE_LIMITED:
        wait_s = told_retry_s(content)
        if wait_s is None:
            wait_s = reset_after_s(headers, now)
    return _failure(kind, status, content, said, wait_s)


def error_within(provider_id: str, body: Any) -> ProviderFailure | None:
    """Return the failure inside a success, of a whole answer or a stream's event; None where it is no error."""
    content = _unwrapped(body)
    error = _error_in(content)
    if error is None:
        return None
    said = told(error)
    status = _status(provider_id, error, said)
    kind = kind_of(provider_id, status, said)
    wait_s = told_retry_s(content) if kind is FailureKind.RATE_LIMITED else None
    return _failure(kind, status or UNKNOWN_STATUS, content, said, wait_s)


def unreadable(reason: str, *, was_begun: bool = False) -> ProviderFailure:
    """Return the failure of a success that is no JSON, or empty: it may pass, and its status is `UNKNOWN_STATUS`."""
    return ProviderFailure(FailureKind.TRANSIENT, reason, status=UNKNOWN_STATUS, was_begun=was_begun)


def _unwrapped(content: Any) -> Any:
    """Take an error out of the list of one in which Google wraps some."""
    return content[0] if isinstance(content, list) and len(content) == 1 else content


def _error_in(body: Any) -> Any:
    """Return the part of a body that is an error; None where the body is an answer, or one of its events."""
    if not isinstance(body, dict) or _OF_AN_ERROR.isdisjoint(body):
        return None
    error = body.get("error")
    if isinstance(error, str) and error:
        return body
    if isinstance(error, dict) and any(value is not None for value in error.values()):
        return error
    base = body.get("base_resp")  # MiniMax
    if isinstance(base, dict) and base.get("status_code") not in (None, 0):
        return base
    if body.get("type") == "error" or body.get("object") == "error":
        return body
    of_groq = body.get("x_groq")  # why a stream was stopped early, groq-python's `XGroq.error`
    if isinstance(of_groq, dict) and of_groq.get("error"):
        return of_groq
    is_bare = any(isinstance(body.get(name), str) for name in ("message", "msg", "detail"))
    return body if is_bare and _OF_AN_ANSWER.isdisjoint(body) else None


def _status(provider: str, error: Any, said: ErrorWords) -> int | None:
    """Return the status that an error inside a success stands for; None where it does not say."""
    for name in _SAYS_STATUS:
        value = error.get(name)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) == 3:
            value = int(value)
        if isinstance(value, int) and 400 <= value <= 599:
            return value
    known = {**_STATUS_OF, **_STATUS_OF_NUMBER.get(provider, {})}
    return next((known[code] for code in reversed(said.codes) if code in known), None)


def _failure(kind: FailureKind, status: int, content: Any, said: ErrorWords, wait_s: float | None) -> ProviderFailure:
    error: Any = content.get("error") or content.get("base_resp") if isinstance(content, dict) else None
    if not isinstance(error, dict):
        error = content if isinstance(content, dict) else {}
    return ProviderFailure(
        kind,
        said.sentence or f"the provider answered {status}",
        status=status,
        retry_after_s=wait_s,
        provider_code=_code(error),
        param=_short(error.get("param")),
    )


def _code(error: Mapping[str, Any]) -> str | None:
    """Return the most telling of an error's codes; an HTTP status is none."""
    for name in ("code", "status_code", "type", "status"):
        value = error.get(name)
        if isinstance(value, int) and value > 599:
            value = str(value)
        found = _short(value)
        if found is not None:
            return found
    return None


def _short(value: object) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= MAX_CODE and value.isprintable() else None
