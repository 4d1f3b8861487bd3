"""Whatever a caller asks of Bedrock is a request that AWS's own model takes, and whatever Bedrock says is told."""

import copy
import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atom_llm.adapters.providers.bedrock.dialect import BedrockConverse
from atom_llm.adapters.providers.http_stream import TranslatedPieces
from atom_llm.adapters.providers.well_formed import well_formed_answer
from atom_llm.domain.core.errors import AtomError
from atom_llm.domain.core.providers import BEDROCK
from atom_llm.domain.providers.exchange import Json, ServerSentEvent, Target
from atom_llm.domain.providers.failures import ProviderFailure
from atom_llm.domain.routing.chat_request import chat_request
from testing.bedrock.service_model import faults
from testing.bedrock.wire import events, whole
from testing.stand_in.said import Said, ToolCall
from tests.unit.providers.test_any_body import ABLE, JSON, PLACES, WHOLE

MODELS = (
    "eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "global.anthropic.claude-opus-4-6-v1",
    "us.amazon.nova-2-lite-v1:0",
    "openai.gpt-oss-120b-1:0",
    "meta.llama3-3-70b-instruct-v1:0",
)
# What a caller names itself, and AWS then judges: a name that it would refuse is told as a 400 in AWS's words.
CALLERS_OWN = ("toolSpec.name", "toolUse.name", "toolChoice.tool.name", "stopSequences", "maxTokens", "bytes")
TOLD = Said(("Grüße, ", "世界 🌍!"), (ToolCall("call_0", "f", {"x": 1}), ToolCall("call_1", "f", {})), "tool_calls")
ASKED: Json = {
    "messages": [{"role": "user", "content": [{"text": "?"}, {"cachePoint": {"type": "default"}}]}],
    "additionalModelRequestFields": {"thinking": {"type": "enabled"}},
    "serviceTier": {"type": "flex"},
}


def target(model: str) -> Target:
    return Target(BEDROCK, model, ABLE, 32_000)


@pytest.mark.parametrize("model", MODELS)
@given(changes=st.lists(st.tuples(st.sampled_from(PLACES), JSON), max_size=3), stream=st.booleans())
@settings(max_examples=150, deadline=None)
def test_any_request_is_one_that_awss_model_takes(
    model: str, changes: list[tuple[tuple[Any, ...], Any]], stream: bool
) -> None:
    body = {name: value for name, value in copy.deepcopy(WHOLE).items() if name not in ("logprobs", "top_logprobs")}
    del body["web_search_options"]
    for path, value in changes:
        _put(body, path, value)
    dialect = BedrockConverse()
    try:
        wire = dialect.chat(target(model), chat_request(body).body, stream=stream)
    except AtomError:
        return
    assert wire.path.endswith("/converse-stream" if stream else "/converse")
    sent = json.loads(json.dumps(wire.body))
    found = list(faults("ConverseStreamRequest" if stream else "ConverseRequest", sent))
    assert [each for each in found if not any(own in each for own in CALLERS_OWN)] == []


ANSWER = whole(ASKED, TOLD, None)
EVENTS = list(events(ASKED, TOLD, None))


def _paths(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [found for key, value in inner for found in ((*path, key), *_paths(value, (*path, key)))]


@given(changes=st.lists(st.tuples(st.sampled_from(_paths(ANSWER)), JSON), max_size=3))
@settings(max_examples=300, deadline=None)
def test_any_answer_is_told_or_is_a_failure(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    content = copy.deepcopy(ANSWER)
    for path, value in changes:
        _put(content, path, value)
    try:
        answer = well_formed_answer(lambda: BedrockConverse().answer(target(MODELS[0]), content))
    except ProviderFailure:
        return
    assert answer.body["choices"][0]["finish_reason"] in ("stop", "length", "tool_calls", "content_filter")


STREAM_PATHS = [(place, *path) for place, (_, content) in enumerate(EVENTS) for path in _paths(content)]


@given(changes=st.lists(st.tuples(st.sampled_from(STREAM_PATHS), JSON), max_size=3))
@settings(max_examples=300, deadline=None)
def test_any_stream_is_told_or_is_a_failure(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    said = [(name, copy.deepcopy(content)) for name, content in EVENTS]
    for (place, *path), value in changes:
        _put(said[place][1], tuple(path), value)
    chunks: list[Json] = []
    pieces = TranslatedPieces(BedrockConverse().reader(target(MODELS[0]), {}), Framed())
    try:
        for name, content in said:
            pieces.read(f"{name} {json.dumps(content)}".encode(), chunks)
    except ProviderFailure:
        return
    assert all(isinstance(chunk["choices"], list) for chunk in chunks)


class Framed:
    """Implements `EventFraming`: an event a piece."""

    def feed(self, piece: bytes) -> list[ServerSentEvent]:
        name, _, data = piece.decode().partition(" ")
        return [ServerSentEvent(name, data)]

    def end(self) -> list[ServerSentEvent]:
        return []


def _put(root: Any, path: tuple[Any, ...], value: object) -> None:
    node = root
    for key in path[:-1]:
        node = node[key] if _has(node, key) else None
    if _has(node, path[-1]):
        node[path[-1]] = value


def _has(node: Any, key: Any) -> bool:
    if isinstance(node, Mapping):
        return key in node
    return isinstance(node, list) and isinstance(key, int) and key < len(node)
