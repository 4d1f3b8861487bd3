"""A provider's wire format as the stand-in speaks it: what each has to say, and the words and statuses of failures."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from testing.stand_in.said import Said

Json = dict[str, Any]


@dataclass(frozen=True)
class Piece:
    """One server-sent event of a stream; `is_content`: it shows the caller something of the answer."""

    data: str
    name: str | None = None
    is_content: bool = False
    is_end: bool = False  # the sentinel, which can be left out
    is_usage: bool = False


class Refused(Exception):
    """The request is none that the provider takes."""

    def __init__(self, status: int, body: Json) -> None:
        super().__init__(str(body))
        self.status = status
        self.body = body


class Wire(Protocol):
    """One provider's format."""

    def model(self, path: str, body: Json) -> str: ...
    def streams(self, path: str, body: Json) -> bool: ...
    def said(self, body: Json) -> Said: ...
    def whole(self, model: str, body: Json, told: Said) -> Json: ...
    def pieces(self, model: str, body: Json, told: Said) -> Sequence[Piece]: ...
    def error(self, status: int, kind: str) -> Json: ...


def event(content: Json, name: str | None = None, **flags: bool) -> Piece:
    return Piece(json.dumps(content, ensure_ascii=False), name, **flags)


SENTENCES: Final = {
    "context_length": "This model's maximum context length is 128000 tokens, however you requested 200000 tokens",
    "content_filter": "The prompt was refused by the content filter",
    "out_of_credit": "You exceeded your current quota, please check your plan and billing details",
    "invalid_key": "Incorrect API key provided",
    "rate_limit": "Rate limit reached for requests",
    "server": "The server had an error while processing your request",
    "request": "Invalid value for a parameter",
    "not_found": "The model does not exist or you do not have access to it",
    "overloaded": "Overloaded",
}

# What status a provider answers a kind of failure with, where it is not the same everywhere.
STATUS: Final[Mapping[tuple[str, str], int]] = {
    ("anthropic", "out_of_credit"): 400,
    ("google", "invalid_key"): 400,
    ("google", "out_of_credit"): 403,
    ("deepseek", "out_of_credit"): 402,
}
USUAL_STATUS: Final[Mapping[str, int]] = {
    "context_length": 400,
    "content_filter": 400,
    "out_of_credit": 429,
    "invalid_key": 401,
}
OF_STATUS: Final[Mapping[int, str]] = {
    400: "request",
    401: "invalid_key",
    403: "invalid_key",
    404: "not_found",
    422: "request",
    429: "rate_limit",
    529: "overloaded",
}


def media_type(url: str) -> str:
    """Return the media type of a `data:` address, or `url` for any other."""
    return url.partition(":")[2].partition(";")[0] if url.startswith("data:") else "url"


def vector_of(text: str, dimensions: int) -> list[float]:
    """Return numbers that are always the same for a text; quarters, which every float format holds exactly."""
    return [((sum(text.encode()) + place) % 8 - 4) / 4 for place in range(dimensions)]
