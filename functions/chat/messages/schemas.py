"""The wire models of Anthropic's dialect for the OpenAPI document, as far as it is read or written here.

Bodies are not validated by these models: `functions/chat/messages/request.py` tells their faults.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, Field

from atom_llm.domain.routing.chat_request import MAX_MESSAGES, MAX_OUTPUT, MAX_TOOLS
from functions.chat.schemas import ModelField, PassingOn

BETA_QUERY: Final = {
    "name": "beta",
    "in": "query",
    "required": False,
    "description": "What SDKs add for beta features, which `anthropic-beta` names.",
    "schema": {"type": "boolean"},
}


class TurnIn(PassingOn):
    """A turn of the conversation."""

    role: Literal["user", "assistant", "system"]
    content: str | list[dict[str, Any]]


class CountIn(PassingOn):
    """Anthropic's request for a count of a prompt's tokens."""

    model: ModelField
    messages: Annotated[list[TurnIn], Field(min_length=1, max_length=MAX_MESSAGES)]
    system: str | list[dict[str, Any]] | None = None
    tools: Annotated[list[dict[str, Any]], Field(max_length=MAX_TOOLS)] | None = None


class MessageIn(CountIn):
    """Anthropic's request for a message."""

    max_tokens: Annotated[int, Field(ge=1, le=MAX_OUTPUT)]
    stream: bool | None = None


class MessageOut(PassingOn):
    """Anthropic's message; `model` is the provider's own word where it speaks this dialect, else `provider/model`."""

    id: str
    type: Literal["message"]
    role: Literal["assistant"]
    model: str
    content: list[dict[str, Any]]
    stop_reason: str | None
    stop_sequence: str | None = None
    usage: dict[str, Any]


class CountOut(PassingOn):
    """Anthropic's count of a prompt; `x-llm-token-count` says whether it is the provider's or an estimate."""

    input_tokens: int


class ModelInfoOut(BaseModel):
    """Anthropic's model; `id` is `provider/model`, or a name for which one is chosen."""

    type: Literal["model"]
    id: str
    display_name: str
    created_at: str
    lifecycle: Literal["active"]
    max_input_tokens: int | None
    max_tokens: int | None


class ModelPageOut(BaseModel):
    """Anthropic's page of models."""

    data: list[ModelInfoOut]
    has_more: bool
    first_id: str | None
    last_id: str | None
