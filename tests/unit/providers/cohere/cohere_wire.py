"""Requests and recorded answers that several tests of Cohere's dialect begin with."""

import json
from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st

from atom_llm.adapters.providers.cohere.dialect import CohereChat
from atom_llm.adapters.providers.dialect import StreamReader
from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.domain.providers.exchange import ServerSentEvent, Target, WireRequest

dialect = CohereChat()
COHERE = PROVIDER_BY_ID["cohere"]
PLAIN = Target(COHERE, "command-a-03-2025", frozenset({"function_calling", "tool_choice"}), 8_000)
THINKING = Target(
    COHERE,
    "command-a-plus-05-2026",
    frozenset({"function_calling", "reasoning", "response_schema", "tool_choice", "vision"}),
    64_000,
)
HELLO = [{"role": "user", "content": "Hello"}]
SCHEMA = {"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]}


def request(target: Target = PLAIN, *, stream: bool = False, **fields: Any) -> WireRequest:
    return dialect.chat(target, {"messages": HELLO} | fields, stream=stream)


def function(name: str, parameters: Any = SCHEMA, **fields: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "parameters": parameters} | fields}


def sent(*messages: dict[str, Any], target: Target = PLAIN) -> Any:
    return request(target, messages=list(messages)).body["messages"]


def call(identity: str, name: str, arguments: Any) -> dict[str, Any]:
    return {"id": identity, "type": "function", "function": {"name": name, "arguments": arguments}}


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "text", "image_url", "url", "detail", "function", "id", "name", "arguments"]),
            inner,
        )
    ),
    max_leaves=8,
)
CITATION = {
    "start": 52,
    "end": 71,
    "text": "Automation of tasks",
    "sources": [{"type": "document", "id": "doc:0", "document": {"id": "doc:0", "title": "benefits.txt"}}],
    "type": "TEXT_CONTENT",
}


def reader() -> StreamReader:
    return dialect.reader(PLAIN, {"messages": HELLO})


def read(open_reader: StreamReader, lines: Iterable[str]) -> list[dict[str, Any]]:
    return [chunk for line in lines for chunk in open_reader.read(ServerSentEvent(None, line))]


def finished(open_reader: StreamReader, reason: str) -> list[dict[str, Any]]:
    return read(open_reader, [START, json.dumps({"type": "message-end", "delta": {"finish_reason": reason}})])


START = (
    '{"id":"2941521a-b87a-45f6-9b0d-235fd66c3025","type":"message-start","delta":{"message":{"role":"assistant",'
    '"content":[],"tool_plan":"","tool_calls":[],"citations":[]}}}'
)
