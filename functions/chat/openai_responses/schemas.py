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
    """OpenAI's response; `model` is the one that answered, as `provider/model`, and `store` is false."""

    id: str
    object: Literal["response"]
    created_at: int
    status: Literal["completed", "incomplete"]
    model: str
    output: list[dict[str, Any]]
    usage: dict[str, Any] | None
    store: Literal[False]


class InputTokensOut(PassingOn):
    """OpenAI's count of a prompt; it is an estimate, as `x-llm-token-count` says."""

    object: Literal["response.input_tokens"]
    input_tokens: int
