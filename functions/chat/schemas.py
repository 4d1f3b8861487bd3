"""The wire models for the OpenAPI document: OpenAI's objects, as far as routing reads or writes them.

Bodies are not validated by these models: fields that we do not know pass to the provider, and the fault of one that we
read is told by `domain/routing/chat_request.py`. The documented models are checked against both in the tests.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from atom_llm.domain.routing.chat_request import MAX_CHOICES, MAX_MESSAGES, MAX_MODEL, MAX_OUTPUT, MAX_TOOLS
from functions.chat import options
from functions.chat.documented import ANSWER_HEADERS

ModelField = Annotated[
    str,
    Field(
        min_length=1,
        max_length=MAX_MODEL,
        description="`provider/model`, a bare known model, `auto`, `tier/standard` … or a chain separated by commas.",
        examples=["openai/gpt-4o-mini", "gpt-4o-mini,anthropic/claude-haiku-4-5", "auto", "tier/heavy"],
    ),
]


class PassingOn(BaseModel):
    """An object whose other fields pass to the provider, and back."""

    model_config = ConfigDict(extra="allow")


class ChatMessageIn(PassingOn):
    """A message of the conversation."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[dict[str, Any]] | None = None


class ChatIn(PassingOn):
    """OpenAI's chat completion request."""

    model: ModelField
    messages: Annotated[list[ChatMessageIn], Field(min_length=1, max_length=MAX_MESSAGES)]
    stream: bool | None = None
    stream_options: dict[str, Any] | None = None
    max_completion_tokens: Annotated[int, Field(ge=1, le=MAX_OUTPUT)] | None = None
    max_tokens: Annotated[int, Field(ge=1, le=MAX_OUTPUT)] | None = None
    n: Annotated[int, Field(ge=1, le=MAX_CHOICES)] | None = None
    tools: Annotated[list[dict[str, Any]], Field(max_length=MAX_TOOLS)] | None = None
    response_format: dict[str, Any] | None = None


class ChatChoiceOut(PassingOn):
    """One answer."""

    index: int
    message: dict[str, Any]
    finish_reason: str | None


class ChatOut(PassingOn):
    """OpenAI's chat completion; `model` is the one that answered, as `provider/model`."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[ChatChoiceOut]
    usage: dict[str, Any] | None = None


class EmbeddingsIn(PassingOn):
    """OpenAI's request for embeddings."""

    model: ModelField
    input: str | list[str] | list[int] | list[list[int]]
    dimensions: Annotated[int, Field(ge=1)] | None = None
    encoding_format: Literal["float", "base64"] | None = None


class EmbeddingsOut(PassingOn):
    """OpenAI's list of embeddings; `model` is the one that answered."""

    object: Literal["list"]
    model: str
    data: list[dict[str, Any]]
    usage: dict[str, Any] | None = None


class CandidateOut(BaseModel):
    """A model that would be tried, in its place in the order. Amounts are USD.

    `quality` and `value`, which is quality² per USD, stand only where a tier was asked for.
    """

    model: str
    provider: str
    expected_cost_usd: str
    most_cost_usd: str
    output_limit: int
    quality: float | None
    value: float | None


class ExcludedOut(BaseModel):
    """A model that would not be tried, and the reason."""

    model: str
    reason: str
    detail: str
    field: str | None
    expected_cost_usd: str | None


class RouteSignalOut(BaseModel):
    """A reason for a tier: its weight in the score, and the words that it was seen by."""

    name: str
    weight: int
    evidence: str


class RouteTierOut(BaseModel):
    """The tier that a call would get, and the reason. Without a classification the caller or the tenant named it."""

    tier: str
    why: str
    minimum_quality: float
    prefer: str
    score: int | None
    tokens: int | None
    confidence: float | None
    signals: list[RouteSignalOut]


class OwnNameOut(BaseModel):
    """A name that was asked for, and what stands for it at the service key that asks."""

    name: str
    stands_for: str


class RouteCacheOut(BaseModel):
    """The decision whether a call keeps to the model and provider key that hold its conversation's prompt cache.

    `worth_usd` is what reading `cached_tokens` from the cache saves on this call, `saving_usd` what `instead`, the
    model that ranks first without it, would save if nothing were cached; negative where it is dearer.
    """

    model: str
    provider_key: str
    cached_tokens: int
    worth_usd: str
    instead: str | None
    saving_usd: str | None
    kept: bool


class RouteOut(BaseModel):
    """The plan of a call. `chosen` is the first candidate, `runner_up` the second; `tier` only if one was asked for,
    `cache` only if a prompt cache is known to hold the conversation.
    """

    object: Literal["route"]
    asked: str
    own_names: list[OwnNameOut]
    chosen: str | None
    runner_up: CandidateOut | None
    candidates: list[CandidateOut]
    excluded: list[ExcludedOut]
    tier: RouteTierOut | None
    cache: RouteCacheOut | None
    prompt_tokens_estimated: int
    price_version: str


class CallableModelOut(BaseModel):
    """A model that the tenant can call now. `created`, a field of OpenAI's, is the instant its row came into force."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str
    mode: str
    max_input_tokens: int | None
    max_output_tokens: int | None
    capabilities: list[str]


class CallableModelsOut(BaseModel):
    """The models that the tenant can call now, or a page of them."""

    object: Literal["list"]
    data: list[CallableModelOut]
    has_more: bool
    first_id: str | None
    last_id: str | None


def call_by_hand(model: type[BaseModel], *query: dict[str, Any]) -> dict[str, Any]:
    """Return the OpenAPI of a call of a model, which its route reads by itself, and the headers of its answer."""
    return {**by_hand(model, *query), **ANSWERED}


def by_hand(model: type[BaseModel], *query: dict[str, Any]) -> dict[str, Any]:
    """Return the OpenAPI of a request that its route reads by itself: its body, its headers and its query."""
    schema = model.model_json_schema()
    inlined = _inlined(schema, schema.pop("$defs", {}))
    body = {"required": True, "content": {"application/json": {"schema": inlined}}}
    return {"requestBody": body, "parameters": [*options.DOCUMENTED, *query]}


def _inlined(schema: Any, definitions: dict[str, Any]) -> Any:
    """Return a schema without references: it stands in a document whose components are of others."""
    if isinstance(schema, list):
        return [_inlined(each, definitions) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    return {name: _inlined(each, definitions) for name, each in schema.items()}


ANSWERED: Final = {"responses": {"200": {"headers": ANSWER_HEADERS}}}
