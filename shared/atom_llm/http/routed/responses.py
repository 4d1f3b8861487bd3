"""The answers of routes beside their success, for the OpenAPI document."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel

from atom_llm.http.envelopes import AnthropicFailure, Failure, OAuthFailure, OpenAIFailure
from atom_llm.http.problems import MALFORMED_ONLY, Dialect

MEANINGS: Final = {
    400: "The request is malformed.",
    401: "No service key, or one that opens nothing.",
    402: "A budget is full, something used has no price, or no key of the provider is stored that may be used.",
    403: "The service key lacks the scope of this route, or an allow-list leaves the model out.",
    404: "There is nothing of that name.",
    408: "The body did not arrive in time.",
    409: "The request contradicts the present state.",
    413: "The request is too large.",
    415: "The body is compressed, or not said to be JSON.",
    422: "A field is invalid; `error.details.fields` names it.",
    429: "Too many requests; `Retry-After` says when to come back, where that is within a minute.",
    499: "The caller left before there was an answer.",
    500: "A mistake of ours; the request id leads to it.",
    502: "Something that we depend on failed.",
    503: "The service cannot answer now; `Retry-After` says when to ask again.",
    504: "Something that we depend on did not answer in time.",
}


_FAILURES: Final[Mapping[Dialect, type[BaseModel]]] = {
    "control": Failure,
    "openai": OpenAIFailure,
    "responses": OpenAIFailure,
    "anthropic": AnthropicFailure,
    "oauth": OAuthFailure,
}


def problem_responses(*statuses: int, dialect: Dialect = "control") -> dict[int | str, dict[str, Any]]:
    """Return a route's answers beside its success, for its OpenAPI document.

    401, 500 and 503 are always among them, and 408 wherever a body is too large at some size.
    """
    model = _FAILURES[dialect]
    if dialect in MALFORMED_ONLY:
        statuses = tuple(status for status in statuses if status != 422)
    return {
        status: {"model": model, "description": MEANINGS[status]}
        for status in sorted({401, 500, 503, *([408] if 413 in statuses else []), *statuses})
    }
