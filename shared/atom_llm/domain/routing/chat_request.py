"""A chat request in OpenAI's words: checked as far as routing depends on it; all other fields pass to the provider."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.pricing.token_estimate import attached_tokens_at_most
from atom_llm.domain.providers.exchange import Json, NativeRequest

ROLES: Final = frozenset({"system", "developer", "user", "assistant", "tool", "function"})
MAX_MESSAGES: Final = 2_000  # an agent's long run; providers with a lower bound say so themselves
MAX_TOOLS: Final = 512  # no provider takes more
MAX_CHOICES: Final = 128  # OpenAI's own limit on `n`
MAX_MODEL: Final = 500  # characters, a whole chain of names
MAX_CHAIN: Final = 10  # names in a fallback chain
MAX_OUTPUT: Final = 10_000_000  # tokens; ten times the longest answer any model gives


# What ours is, and not the provider's: it is taken out of the body before a dialect sees it.
ROUTING_FIELDS: Final = frozenset({"model", "stream", "stream_options", "max_tokens", "max_completion_tokens"})

# A content part's type → the capability that a model needs for it, as the catalogue names it. `image` and `document`
# are Anthropic's own; a document that is a text, or parts, is read as text.
NEEDED_BY_PART: Final[Mapping[str, str]] = {
    "image_url": "vision",
    "image": "vision",
    "document": "pdf_input",
    "input_audio": "audio_input",
    "file": "pdf_input",
    "video_url": "video_input",
}
_TEXT_TYPES: Final = ("text/", "application/json", "application/xml", "application/yaml", "application/x-yaml")


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """The fields of a chat request that routing needs; `body` is the rest of it, as the dialects take it.

    `needs` are capabilities with the field that asks for each; `texts` all that will be read as text; `attachments` the
    pictures, recordings and files by the capability they need, and `most_attached` the tokens that they are at most;
    `size` the bytes of the whole, without what the attachments hold. `output_limit` is the caller's own, in tokens of
    one choice. `native` is the request in the words of a caller who speaks another dialect than OpenAI's.
    """

    models: tuple[str, ...]
    body: Json
    stream: bool
    include_usage: bool
    choices: int
    output_limit: int | None
    needs: Mapping[str, str]
    texts: tuple[str, ...]
    messages: int
    attachments: Mapping[str, int]
    most_attached: int
    size: int
    native: NativeRequest | None = None

    @property
    def service_tier(self) -> str | None:
        """The service tier that the caller asks for, if any."""
        tier = self.body.get("service_tier")
        return tier if isinstance(tier, str) else None


def chat_request(content: object, size: int | None = None) -> ChatRequest:
    """Read a request of `size` bytes, where that is known; raises `InvalidRequest` naming the first wrong field."""
    given = _mapping(content, "body")
    whole = len(json.dumps(given, default=str)) if size is None else size
    messages = given.get("messages")
    if not isinstance(messages, list) or not messages:
        raise InvalidRequest("messages", "must be a list of at least one message")
    if len(messages) > MAX_MESSAGES:
        raise InvalidRequest("messages", f"are more than {MAX_MESSAGES:,}")
    found = _Found()
    for place, message in enumerate(messages):
        _read_message(message, f"messages.{place}", found)
    _read_tools(given, found)
    _read_response_format(given, found)
    if "audio" in _sequence(given.get("modalities") or [], "modalities"):
        found.needs.setdefault("audio_output", "modalities")
    stream_options = given.get("stream_options") or {}
    return ChatRequest(
        models=model_names(given.get("model")),
        body={name: value for name, value in given.items() if name not in ROUTING_FIELDS},
        stream=_flag(given, "stream"),
        include_usage=bool(_mapping(stream_options, "stream_options").get("include_usage")),
        choices=_whole(given, "n", 1, MAX_CHOICES) or 1,
        output_limit=output_limit(given),
        needs=found.needs,
        texts=tuple(found.texts),
        messages=len(messages),
        attachments=found.attachments,
        most_attached=found.most_attached,
        size=max(0, whole - found.held),
    )


def model_names(value: object) -> tuple[str, ...]:
    """Return the names of a `model` field, one or a fallback chain separated by commas; raises `InvalidRequest`."""
    if not isinstance(value, str) or not value.strip():
        raise InvalidRequest("model", "must name a model: provider/model, a known name, or a chain of them")
    if len(value) > MAX_MODEL:
        raise InvalidRequest("model", f"is longer than {MAX_MODEL} characters")
    names = tuple(name.strip() for name in value.split(","))
    if not all(names):
        raise InvalidRequest("model", "has an empty name in its chain")
    if len(names) > MAX_CHAIN:
        raise InvalidRequest("model", f"names more than {MAX_CHAIN} models")
    return tuple(dict.fromkeys(names))


def output_limit(given: Mapping[str, Any]) -> int | None:
    """Return the caller's limit on output tokens, by OpenAI's newer or older name; raises `InvalidRequest`."""
    newer = _whole(given, "max_completion_tokens", 1, MAX_OUTPUT)
    older = _whole(given, "max_tokens", 1, MAX_OUTPUT)
    return newer if newer is not None else older


@dataclass(slots=True)
class _Found:
    """The findings in a request so far; `held` are the bytes that attachments hold, `most_attached` their tokens."""

    texts: list[str] = field(default_factory=list)
    attachments: dict[str, int] = field(default_factory=dict)
    needs: dict[str, str] = field(default_factory=dict)
    held: int = 0
    most_attached: int = 0


def _read_message(message: object, field: str, found: _Found) -> None:
    given = _mapping(message, field)
    role = given.get("role")
    if not isinstance(role, str) or role not in ROLES:
        raise InvalidRequest(f"{field}.role", f"must be one of {', '.join(sorted(ROLES))}")
    content = given.get("content")
    if isinstance(content, str):
        found.texts.append(content)
    elif isinstance(content, list):
        for place, part in enumerate(content):
            _read_part(part, f"{field}.content.{place}", found)
    elif content is not None:
        raise InvalidRequest(f"{field}.content", "must be a text or a list of parts")
    elif role != "assistant":
        raise InvalidRequest(f"{field}.content", "is missing")
    calls = given.get("tool_calls")
    if calls:
        found.texts.append(str(_sequence(calls, f"{field}.tool_calls")))


def _read_part(part: object, field: str, found: _Found) -> None:
    given = _mapping(part, field)
    kind = given.get("type")
    if not isinstance(kind, str):
        raise InvalidRequest(f"{field}.type", "is missing")
    capability = NEEDED_BY_PART.get(kind)
    if capability is not None and not _is_text_document(given):
        found.needs.setdefault(capability, field)
        found.attachments[capability] = found.attachments.get(capability, 0) + 1
        content = _content(given)
        found.held += len(content)
        is_within, is_text = _is_within(given, content), _is_text(given, content)
        found.most_attached += attached_tokens_at_most(capability, len(content) if is_within else None, is_text=is_text)
    elif kind == "text":
        text = given.get("text")
        if not isinstance(text, str):
            raise InvalidRequest(f"{field}.text", "must be a text")
        found.texts.append(text)
    else:
        found.texts.append(str(part))


def _is_text_document(part: Json) -> bool:
    source = part.get("source")
    return part["type"] == "document" and isinstance(source, dict) and source.get("type") in ("text", "content")


def _content(part: Json) -> str:
    """Return an attachment's content: its longest text, which is the data, an address or an id."""
    inner = [value for each in part.values() for value in (each.values() if isinstance(each, dict) else (each,))]
    return max((value for value in inner if isinstance(value, str)), key=len, default="")


def _is_within(part: Json, content: str) -> bool:
    """Return whether the request has an attachment's data; an id or an address says nothing of its size."""
    if content[:5].lower() == "data:":
        return True
    inner = part.get("source") or part.get("file") or part.get("input_audio")
    named = inner if isinstance(inner, dict) else {}
    return content != "" and content in (named.get("data"), named.get("file_data")) and "://" not in content[:10]


def _is_text(part: Json, content: str) -> bool:
    source = part.get("source")
    told = source.get("media_type") if isinstance(source, dict) else content[5:60].partition(";")[0]
    return isinstance(told, str) and told.lower().startswith(_TEXT_TYPES)


def _read_tools(given: Mapping[str, Any], found: _Found) -> None:
    for name in ("tools", "functions"):
        tools = given.get(name)
        if not tools:
            continue
        if len(_sequence(tools, name)) > MAX_TOOLS:
            raise InvalidRequest(name, f"are more than {MAX_TOOLS}")
        for place, tool in enumerate(tools):
            _mapping(tool, f"{name}.{place}")
        found.needs.setdefault("function_calling", name)
        found.texts.append(str(tools))


def _read_response_format(given: Mapping[str, Any], found: _Found) -> None:
    asked = given.get("response_format")
    if asked is None:
        return
    kind = _mapping(asked, "response_format").get("type")
    if kind not in ("text", "json_object", "json_schema"):
        raise InvalidRequest("response_format.type", "must be text, json_object or json_schema")
    if kind == "json_schema":
        _mapping(asked.get("json_schema"), "response_format.json_schema")
        found.needs.setdefault("response_schema", "response_format")
        found.texts.append(str(asked))


def _mapping(value: object, field: str) -> Json:
    if not isinstance(value, dict):
        raise InvalidRequest(field, "must be an object")
    return value


def _sequence(value: object, field: str) -> Sequence[Any]:
    if not isinstance(value, list):
        raise InvalidRequest(field, "must be a list")
    return value


def _flag(given: Mapping[str, Any], field: str) -> bool:
    value = given.get(field)
    if value is not None and not isinstance(value, bool):
        raise InvalidRequest(field, "must be true or false")
    return bool(value)


def _whole(given: Mapping[str, Any], field: str, least: int, most: int) -> int | None:
    value = given.get(field)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise InvalidRequest(field, f"must be a whole number from {least} to {most:,}")
    return value
