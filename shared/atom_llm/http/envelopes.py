"""The envelope of `/api/*`, which wraps every answer of the control plane."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from atom_llm.http.timestamps import timestamp


class Success[Data](BaseModel):
    """An answer: its data, and never an error."""

    success: Literal[True] = True
    data: Data
    error: None = None
    message: str | None = None
    timestamp: str


class ErrorBody(BaseModel):
    """The failure: a stable code, a sentence, details for machines."""

    code: str
    message: str
    details: dict[str, Any] | None = None


class Failure(BaseModel):
    """A failure: an error, and never an answer in `data`."""

    success: Literal[False] = False
    data: None = None
    error: ErrorBody
    message: str
    timestamp: str


class OpenAIErrorBody(BaseModel):
    """OpenAI's error object; of a full budget with what it holds, when it resets and what would fit."""

    message: str
    type: str
    param: str | None = None
    code: str | None = None
    details: dict[str, Any] | None = None


class OpenAIFailure(BaseModel):
    """The failure of a route of `/v1/*`, in OpenAI's shape."""

    error: OpenAIErrorBody


class AnthropicErrorDetails(BaseModel):
    """What an SDK of Anthropic's reads to ask in another way by itself; of a full budget with what it holds, when it
    resets and what would fit."""

    model_config = ConfigDict(extra="allow")

    error_code: str
    unsupported: list[str] | None = None


class AnthropicErrorBody(BaseModel):
    """Anthropic's error object."""

    type: str
    message: str
    details: AnthropicErrorDetails | None = None


class AnthropicFailure(BaseModel):
    """The failure of a route that speaks Anthropic's dialect, in its shape."""

    type: Literal["error"] = "error"
    error: AnthropicErrorBody
    request_id: str | None = None


def success[Data](data: Data, now: datetime, message: str | None = None) -> Success[Data]:
    """Wrap an answer in its envelope."""
    return Success[Data].model_construct(success=True, data=data, error=None, message=message, timestamp=timestamp(now))


class OAuthFailure(BaseModel):
    """A token endpoint's envelope of a failure (RFC 6749, 5.2)."""

    error: str
    error_description: str
