"""The wire models of the Responses dialect for the OpenAPI document, as far as it is read or written here.

Bodies are not validated by these models: `functions/chat/openai_responses/request.py` tells their faults.
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from atom_llm.domain.routing.chat_request import MAX_MESSAGES, MAX_OUTPUT, MAX_TOOLS
from functions.chat.schemas import ModelField, PassingOn


class InputTokensIn(PassingOn):
    """OpenAI's request for a count of a prompt's tokens."""

    model: ModelField
    input: str | Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MAX_MESSAGES)]
    instructions: str | None = None
    tools: Annotated[list[dict[str, Any]], Field(max_length=MAX_TOOLS)] | None = None


class ResponsesIn(InputTokensIn):
    """OpenAI's request for a response."""

    stream: bool | None = None
    max_output_tokens: Annotated[int, Field(ge=1, le=MAX_OUTPUT)] | None = None


class ResponsesOut(PassingOn):
    """OpenAI's response; `model` is OpenAI's own word where it answers, else the one that did, as `provider/model`."""

    id: str
    object: Literal["response"]
    created_at: int
    status: Literal["completed", "incomplete"]
    model: str
    output: list[dict[str, Any]]
    usage: dict[str, Any] | None = None
    store: bool | None = None


class DeletedOut(PassingOn):
    """OpenAI's word on a response that it has forgotten."""

    id: str
    deleted: bool


class InputItemsOut(PassingOn):
    """OpenAI's page of the items that a response answered."""

    object: Literal["list"]
    data: list[dict[str, Any]]
    has_more: bool
    first_id: str | None = None
    last_id: str | None = None


class InputTokensOut(PassingOn):
    """OpenAI's count of a prompt; `x-llm-token-count` says whether it is the provider's or an estimate."""

    object: Literal["response.input_tokens"]
    input_tokens: int
