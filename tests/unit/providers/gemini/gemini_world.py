"""Google's models as the seed catalogue knows them, for the tests of Gemini's dialect."""

import json
from collections.abc import Iterable
from functools import cache
from typing import Any

from atom_llm.adapters.providers.dialect import StreamReader
from atom_llm.adapters.providers.gemini.dialect import Gemini
from atom_llm.adapters.seed import load_seed
from atom_llm.domain.catalogue.catalogue import Catalogue, decode
from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.domain.providers.exchange import Refusal, ServerSentEvent, Target, WireRequest

BY_BUDGET = "gemini-2.5-flash"  # thinks by a number of tokens, samples
PRO = "gemini-2.5-pro"  # cannot but think
MINIMAL = "gemini-3-flash-preview"  # thinks by level, down to minimal; samples
BY_LEVEL = "gemini-3.8-flash"  # the least level is low; samples no more
GEMMA = "gemma-4-31b-it"

GOOGLE = PROVIDER_BY_ID["google"]
OLD = Target(GOOGLE, "gemini-2.0-flash", frozenset({"function_calling", "vision"}), 8_192)
PICTURES = Target(GOOGLE, "gemini-3.1-flash-image", frozenset({"reasoning", "vision"}), 32_768)
SOUND = Target(GOOGLE, "gemini-2.5-pro-preview-tts", frozenset({"audio_output"}), 16_384)
EMBED = Target(GOOGLE, "gemini-embedding-001")
PICTURE = "data:image/png;base64,iVBORw0KGgo="

dialect = Gemini()


@cache
def _catalogue() -> Catalogue:
    return decode(load_seed().snapshot)


def target(model: str = BY_LEVEL, *without: str) -> Target:
    """A model with what the catalogue says of it, less the capabilities `without`."""
    entry = _catalogue().get(f"google/{model}")
    assert entry is not None
    return Target(GOOGLE, entry.name, entry.capabilities - set(without), entry.limits.max_output_tokens)


def request(model: str | Target = BY_LEVEL, *, stream: bool = False, **fields: Any) -> WireRequest:
    """A chat request of these fields; who says no `messages` says hello."""
    body = {"messages": [{"role": "user", "content": "Hello"}]} | fields
    return dialect.chat(target(model) if isinstance(model, str) else model, body, stream=stream)


def config(model: str | Target = BY_LEVEL, **fields: Any) -> Any:
    """The `generationConfig` that fields become; empty where there is none."""
    return request(model, **fields).body.get("generationConfig", {})


def dropped(model: str | Target = BY_LEVEL, **fields: Any) -> tuple[str, ...]:
    """Return the names of fields that are left out."""
    return tuple(request(model, **fields).dropped)


def refused(model: str | Target = BY_LEVEL, **fields: Any) -> Refusal | None:
    """Return why fields are refused."""
    body = {"messages": [{"role": "user", "content": "Hello"}]} | fields
    return dialect.refuses(target(model) if isinstance(model, str) else model, body)


def contents(*messages: dict[str, Any], model: str | Target = BY_LEVEL) -> Any:
    """Return a translated conversation."""
    return request(model, messages=list(messages)).body["contents"]


def user(content: Any = "Hello") -> dict[str, Any]:
    """Return a user's message."""
    return {"role": "user", "content": content}


def call(identity: str, name: str, arguments: Any = "{}", **fields: Any) -> dict[str, Any]:
    """A tool call as OpenAI writes it."""
    return {"id": identity, "type": "function", "function": {"name": name, "arguments": arguments}} | fields


def called(*calls: dict[str, Any], content: str | None = None) -> dict[str, Any]:
    """An assistant's turn that calls tools."""
    return {"role": "assistant", "content": content, "tool_calls": list(calls)}


def result(identity: str, content: Any, **fields: Any) -> dict[str, Any]:
    """A tool's result as OpenAI writes it."""
    return {"role": "tool", "tool_call_id": identity, "content": content} | fields


def signed(signature: str) -> dict[str, Any]:
    """Return a signature where Google's own OpenAI-compatible answers have it."""
    return {"google": {"thought_signature": signature}}


def function(name: str = "get_weather", parameters: Any = None, **fields: Any) -> dict[str, Any]:
    """A tool as OpenAI writes it."""
    return {"type": "function", "function": {"name": name, "parameters": parameters} | fields}


def candidate(*parts: dict[str, Any], reason: str | None = "STOP", **fields: Any) -> dict[str, Any]:
    """A candidate of these parts."""
    ended = {"finishReason": reason} if reason is not None else {}
    return {"content": {"parts": list(parts), "role": "model"}, "index": 0} | ended | fields


def answered(*candidates: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """An answer with these candidates."""
    usage = {"promptTokenCount": 9, "candidatesTokenCount": 28, "totalTokenCount": 281, "thoughtsTokenCount": 244}
    named = {"modelVersion": "gemini-3-pro-preview", "responseId": "Un6LacrVMcjUxs0PmJfWoQc"}
    return {"candidates": list(candidates), "usageMetadata": usage} | named | fields


def chunks(
    events: Iterable[str | dict[str, Any]], into: StreamReader | None = None, **body: Any
) -> list[dict[str, Any]]:
    """The chunks of a stream's events."""
    reader = into or dialect.reader(target(), {"messages": []} | body)
    found: list[dict[str, Any]] = []
    for event in events:
        found += reader.read(ServerSentEvent(None, event if isinstance(event, str) else json.dumps(event)))
    return found
