"""A request of OpenAI's Responses API as a chat request.

Fields: `platform.openai.com/docs/api-reference/responses/create`. What is read is checked, and its fault is told by the
field's name; where another provider answers than OpenAI, what it cannot be asked for in a chat is a reason or a
warning.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from atom_llm.domain.calls.kept_response import KeptResponse
from atom_llm.domain.core.errors import InvalidRequest, NotFound
from atom_llm.domain.core.providers import RESPONSES
from atom_llm.domain.providers.exchange import Json, NativeRequest
from atom_llm.domain.routing.chat_request import MAX_MESSAGES, MAX_OUTPUT, ChatRequest, chat_request
from functions.chat.openai_responses.items import ItemReader
from functions.chat.openai_responses.tools import OfferedTools, add_tools
from functions.chat.reading import Findings, flag_at, kind_at, list_at, number_at, object_at, one_of_at, text_at

MAX_LOGPROBS: Final = 20

_READ: Final = frozenset(
    {
        *("model", "input", "instructions", "stream", "stream_options", "tools", "tool_choice", "parallel_tool_calls"),
        *("text", "reasoning", "max_output_tokens", "temperature", "top_p", "top_logprobs", "include", "metadata"),
        *("store", "background", "truncation", "user", "safety_identifier", "prompt_cache_key", "service_tier"),
        *("prompt_cache_retention", "client_metadata"),  # the last for the books: sessions of agents
    }
)
_BEYOND: Final[Mapping[str, str]] = {
    "previous_response_id": "a response is its provider's to go on with; send the whole conversation as input",
    "conversation": "a conversation is OpenAI's to read; send all of it as input",
    "prompt": "a stored prompt is OpenAI's to read",
}
_PASSED: Final = ("user", "safety_identifier", "prompt_cache_key", "prompt_cache_retention", "service_tier")
_EFFORTS: Final = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
_SUMMARIES: Final = ("auto", "concise", "detailed")
_VERBOSITIES: Final = ("low", "medium", "high")
_TRUNCATIONS: Final = ("auto", "disabled")
ENCRYPTED: Final = "reasoning.encrypted_content"  # which is given always
LOGPROBS: Final = "message.output_text.logprobs"


OpenId = Callable[[str], KeptResponse]


@dataclass(frozen=True, slots=True)
class ResponsesRequest:
    """A request as it was given, the chat that it asks for, and the tools by the names of their functions.

    `previous` is the response that it goes on with, where the provider keeps that.
    """

    given: Json
    chat: ChatRequest
    tools: OfferedTools
    previous: KeptResponse | None = None

    @property
    def is_kept(self) -> bool:
        """Return whether the provider is to keep the response: so it does where nobody says anything of it."""
        return self.given.get("store") is not False


def responses_request(content: object, size: int, open_id: OpenId | None = None) -> ResponsesRequest:
    """Read a request of `size` bytes; raises `InvalidRequest` naming the first wrong field.

    `open_id` returns the response that an id of ours stands for, and raises `NotFound`; without it there is none.
    """
    given = object_at(content, "body")
    previous = _previous(given, open_id)
    found = Findings()
    body: Json = {"model": given.get("model"), "stream": given.get("stream")}
    items = ItemReader(found)
    body["messages"] = _conversation(given, items)
    tools = add_tools(given, items.tools, body, found)
    _add_text(given, body, found)
    _add_reasoning(given, body, found)
    _add_options(given, body, found)
    _read_state(given, found)
    for name, value in given.items():
        if name not in _READ and value not in (None, [], {}):
            if name in _BEYOND:
                found.beyond[name] = _BEYOND[name]
            else:
                found.lose(name)
    native = NativeRequest(RESPONSES, given, beyond=found.beyond, left_out=tuple(found.left_out))
    if previous is not None:
        passed = {**given, "previous_response_id": previous.response_id}
        native = replace(native, body=passed, bound_to=previous.key_id)
    chat = chat_request(body, size)
    needs = {**chat.needs, **found.needs}
    return ResponsesRequest(given, replace(chat, needs=needs, native=native), tools, previous)


def _previous(given: Json, open_id: OpenId | None) -> KeptResponse | None:
    identity = given.get("previous_response_id")
    if identity is None:
        return None
    if open_id is None:
        raise InvalidRequest("previous_response_id", "cannot be looked up here")
    try:
        return open_id(text_at(identity, "previous_response_id"))
    except NotFound:
        raise InvalidRequest("previous_response_id", "is none of a response that was made here") from None


def _conversation(given: Json, items: ItemReader) -> list[Json]:
    said = given.get("input")
    if said is None and any(given.get(name) is not None for name in _BEYOND):  # what came before is all there is to say
        pass
    elif isinstance(said, str):
        items.messages.append({"role": "user", "content": said})
    elif not isinstance(said, list) or not said:
        raise InvalidRequest("input", "must be a text or a list of at least one item")
    elif len(said) > MAX_MESSAGES:
        raise InvalidRequest("input", f"has more than {MAX_MESSAGES:,} items")
    else:
        for place, item in enumerate(said):
            items.read(item, f"input.{place}")
    messages = items.end()
    instructions = given.get("instructions")
    if instructions is not None and text_at(instructions, "instructions"):
        messages.insert(0, {"role": "system", "content": instructions})
    # One whose items are all beyond a translation is refused by their names, and not for having no messages.
    return messages or [{"role": "user", "content": ""}]


def _add_text(given: Json, body: Json, found: Findings) -> None:
    text = given.get("text")
    configured = {} if text is None else object_at(text, "text")
    verbosity, form = configured.get("verbosity"), configured.get("format")
    if verbosity is not None:
        body["verbosity"] = one_of_at(verbosity, "text.verbosity", _VERBOSITIES)
    for name in sorted(configured.keys() - {"format", "verbosity"}):
        found.lose(f"text.{name}")
    if form is None:
        return
    kind = kind_at(object_at(form, "text.format"), "text.format")
    if kind == "json_object":
        body["response_format"] = {"type": kind}
    elif kind == "json_schema":
        object_at(form.get("schema"), "text.format.schema")
        text_at(form.get("name"), "text.format.name")
        described = {
            name: form[name] for name in ("name", "description", "schema", "strict") if form.get(name) is not None
        }
        body["response_format"] = {"type": kind, "json_schema": described}
        found.needs["response_schema"] = "text.format"
    elif kind != "text":
        raise InvalidRequest("text.format.type", "must be text, json_object or json_schema")


def _add_reasoning(given: Json, body: Json, found: Findings) -> None:
    reasoning = given.get("reasoning")
    if reasoning is None:
        return
    asked = object_at(reasoning, "reasoning")
    if asked.get("effort") is not None:
        body["reasoning_effort"] = one_of_at(asked["effort"], "reasoning.effort", _EFFORTS)
    for name in ("summary", "generate_summary"):  # thoughts that a provider shows are given always
        if asked.get(name) is not None and one_of_at(asked[name], f"reasoning.{name}", _SUMMARIES) != "auto":
            found.lose(f"reasoning.{name}")
    for name in sorted(asked.keys() - {"effort", "summary", "generate_summary"}):
        if asked[name] is not None:
            found.lose(f"reasoning.{name}")


def _add_options(given: Json, body: Json, found: Findings) -> None:
    for name, most in (("temperature", 2), ("top_p", 1)):
        if given.get(name) is not None:
            body[name] = number_at(given[name], name, most)
    for name, ours, most in (
        ("max_output_tokens", "max_completion_tokens", MAX_OUTPUT),
        ("top_logprobs", "top_logprobs", MAX_LOGPROBS),
    ):
        value = given.get(name)
        if value is not None:
            least = 1 if ours != name else 0
            if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
                raise InvalidRequest(name, f"must be a whole number from {least} to {most:,}")
            body[ours] = value
    included = [] if given.get("include") is None else list_at(given["include"], "include")
    if LOGPROBS in included or body.get("top_logprobs"):
        body["logprobs"] = True
    elif "top_logprobs" in body:
        del body["top_logprobs"]
    for place, name in enumerate(included):
        if text_at(name, f"include.{place}") not in (ENCRYPTED, LOGPROBS):
            found.lose("include")
    for name in _PASSED:
        if given.get(name) is not None:
            body[name] = text_at(given[name], name)
    if given.get("metadata") is not None:
        object_at(given["metadata"], "metadata")
    flag_at(given.get("parallel_tool_calls"), "parallel_tool_calls")


def _read_state(given: Json, found: Findings) -> None:
    """Note what asks for a state that somebody keeps, and what is harmless without it."""
    if flag_at(given.get("background"), "background"):
        raise InvalidRequest("background", "is not served: what it costs is known only when it is fetched")
    if flag_at(given.get("store"), "store"):
        found.lose("store")
    truncation = given.get("truncation")
    if truncation is not None and one_of_at(truncation, "truncation", _TRUNCATIONS) == "auto":
        found.lose("truncation")
    options = given.get("stream_options")
    if options is not None and flag_at(
        object_at(options, "stream_options").get("include_obfuscation"), "stream_options.include_obfuscation"
    ):
        found.lose("stream_options.include_obfuscation")
