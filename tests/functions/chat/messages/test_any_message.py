"""Any conversation in Anthropic's words: read or refused by a field's name, taken by every provider's translation or
refused by it; and any answer in chunks: events in Anthropic's order that the SDK's own types parse.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from types import SimpleNamespace
from typing import Any

from anthropic.types import Message, RawMessageStreamEvent
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from atom_llm.adapters.providers.table import DIALECTS
from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.core.providers import BEDROCK, PROVIDER_BY_ID
from atom_llm.domain.pricing.usage import disjoint
from atom_llm.domain.providers.exchange import Target, WireRequest
from atom_llm.domain.providers.failures import ProviderFailure
from atom_llm.domain.routing.chat_request import ChatRequest
from functions.chat.messages.answer import message
from functions.chat.messages.request import messages_request
from functions.chat.messages.stream import EventWriter

EVENT: TypeAdapter[RawMessageStreamEvent] = TypeAdapter(RawMessageStreamEvent)
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
WORDS = st.text(max_size=12) | st.sampled_from(["Hello", "Grüße, 世界 🌍!"])
NAMES = st.sampled_from(["f", "get_weather", "toolu_1", "call.2:0"])
ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5_000) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)


def sometimes(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """What is right, and now and then anything else."""
    return st.integers(0, 24).flatmap(lambda chance: ANY if chance == 24 else strategy)


def block(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    marker = st.fixed_dictionaries({"type": st.just("ephemeral")})
    optional = {"cache_control": marker, "citations": st.fixed_dictionaries({"enabled": st.booleans()})}
    return st.fixed_dictionaries({"type": st.just(kind), **fields}, optional=optional)


def source(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"type": st.just(kind), **fields})


TEXT = block("text", text=sometimes(WORDS))
IMAGE = block(
    "image",
    source=source("base64", media_type=st.just("image/png"), data=st.just("aGk="))
    | source("url", url=st.just("https://example.com/a.png"))
    | source("file", file_id=WORDS),
)
DOCUMENT = block(
    "document",
    source=source("base64", media_type=st.just("application/pdf"), data=st.just("aGk="))
    | source("text", media_type=st.just("text/plain"), data=WORDS)
    | source("content", content=WORDS | st.lists(TEXT, max_size=2)),
    title=WORDS,
)
RESULT = block("tool_result", tool_use_id=NAMES, content=sometimes(WORDS | st.lists(TEXT | IMAGE, max_size=2)))
USE = block("tool_use", id=NAMES, name=NAMES, input=sometimes(st.dictionaries(WORDS, WORDS, max_size=2)))
THOUGHT = block("thinking", thinking=WORDS, signature=WORDS) | block("redacted_thinking", data=WORDS)
OTHER = block("server_tool_use", id=NAMES, name=NAMES, input=ANY) | block("search_result", content=st.lists(TEXT))
TURNS = st.fixed_dictionaries(
    {
        "role": sometimes(st.sampled_from(["user", "assistant", "system"])),
        "content": sometimes(
            WORDS | st.lists(st.one_of(TEXT, IMAGE, DOCUMENT, RESULT, USE, THOUGHT, OTHER), max_size=4)
        ),
    }
)
TOOLS = st.fixed_dictionaries({"name": NAMES, "input_schema": sometimes(st.just({"type": "object"}))})
REQUESTS = st.fixed_dictionaries(
    {
        "model": st.just("auto"),
        "max_tokens": st.integers(1, 5_000),
        "messages": st.lists(TURNS, min_size=1, max_size=4),
    },
    optional={
        "system": sometimes(WORDS | st.lists(TEXT, max_size=2)),
        "tools": sometimes(st.lists(TOOLS, max_size=2)),
        "tool_choice": sometimes(st.sampled_from([{"type": "auto"}, {"type": "any"}, {"type": "tool", "name": "f"}])),
        "thinking": sometimes(st.sampled_from([{"type": "adaptive"}, {"type": "enabled", "budget_tokens": 1024}])),
        "output_config": sometimes(st.fixed_dictionaries({"effort": st.sampled_from(["low", "max"])})),
        "stop_sequences": sometimes(st.lists(WORDS, max_size=2)),
        "context_management": ANY,
        "metadata": sometimes(st.fixed_dictionaries({"user_id": WORDS})),
    },
)


def outcome(read: Callable[[], object]) -> object:
    """What comes of reading, or the field and the sentence by which it is refused; nothing else may be raised."""
    try:
        return read()
    except InvalidRequest as refused:
        return (refused.field, refused.message)
    except ProviderFailure as refused:
        return ("refused", refused.message)


@given(REQUESTS)
def test_any_conversation_is_read_and_translated_or_refused_by_a_field(asked: dict[str, Any]) -> None:
    request = outcome(lambda: messages_request(asked, len(json.dumps(asked)), {}))
    if not isinstance(request, ChatRequest):
        assert isinstance(request, tuple)
        assert all(request)
        return
    assert request.native is not None
    assert request.native.body is asked
    for provider, dialect in DIALECTS.items():
        target = Target(PROVIDER_BY_ID.get(provider, BEDROCK), "a-model")
        body = {**request.body, "max_completion_tokens": 100}
        if outcome(partial(dialect.refuses, target, body)) is None:
            sent = outcome(partial(dialect.chat, target, body, stream=False))
            assert isinstance(sent, WireRequest | tuple)


PIECES = st.one_of(
    st.fixed_dictionaries({"content": WORDS}),
    st.fixed_dictionaries({"reasoning_content": WORDS}),
    st.fixed_dictionaries({"refusal": WORDS}),
    st.just({"thinking_blocks": [{"index": 0, "type": "thinking", "thinking": "x", "signature": "s"}]}),
    st.just({"thinking_blocks": [{"index": 0, "type": "redacted_thinking", "data": "x"}]}),
    st.just({"role": "assistant", "content": ""}),
)


def calls(number: int) -> list[dict[str, Any]]:
    told = []
    for index in range(number):
        begun = {"index": index, "id": f"call:{index}", "function": {"name": "f", "arguments": ""}}
        told += [
            begun,
            {"index": index, "function": {"arguments": '{"a"'}},
            {"index": index, "function": {"arguments": ": 1}"}},
        ]
    return [{"tool_calls": [each]} for each in told]


@given(
    st.lists(PIECES, max_size=8),
    st.integers(0, 3),
    st.sampled_from(["stop", "length", "tool_calls", "content_filter", "eos"]),
)
def test_any_answer_in_chunks_is_events_in_anthropics_order(
    deltas: list[dict[str, Any]], number: int, finish: str
) -> None:
    requirements = SimpleNamespace(about_tokens=3)
    call = SimpleNamespace(call_id="01X", wanted=SimpleNamespace(requirements=requirements))
    usage = disjoint({"input_tokens": 5, "output_tokens": 7, "cache_read_tokens": 2})
    stream: Any = SimpleNamespace(call=call, candidate=SimpleNamespace(id="a/b"), usage=usage)
    writer = EventWriter("r", lambda: NOW)
    written = writer.begin(stream)
    for delta in [*deltas, *calls(number)]:
        written += writer.chunks([{"choices": [{"index": 0, "delta": delta, "finish_reason": None}]}])
    written += writer.chunks([{"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]}]) + writer.end(stream)
    told = [json.loads(line.removeprefix("data: ")) for line in written.decode().split("\n") if line.startswith("data")]
    parsed = [EVENT.validate_python(each) for each in told if each["type"] != "ping"]
    assert [event.type for event in parsed][:1] + [event.type for event in parsed][-2:] == [
        *("message_start", "message_delta", "message_stop"),
    ]
    open_block, begun = None, 0
    for event in parsed[1:-2]:
        if event.type == "content_block_start":
            assert (open_block, event.index) == (None, begun)
            open_block, begun = event.index, begun + 1
        elif event.type == "content_block_delta":
            assert event.index == open_block
        elif event.type == "content_block_stop":
            assert event.index == open_block
            open_block = None
    assert open_block is None


@given(st.lists(PIECES, max_size=1), st.integers(0, 2), WORDS)
def test_any_whole_answer_is_a_message_of_the_sdks(deltas: list[dict[str, Any]], number: int, arguments: str) -> None:
    tool_calls = [{"id": None, "function": {"name": "f", "arguments": arguments}} for _ in range(number)]
    answer = {"content": None, **(deltas[0] if deltas else {}), "tool_calls": tool_calls}
    requirements = SimpleNamespace(about_tokens=3)
    completed: Any = SimpleNamespace(
        call=SimpleNamespace(call_id="01X", wanted=SimpleNamespace(requirements=requirements)),
        candidate=SimpleNamespace(id="a/b"),
        body={"choices": [{"message": answer, "finish_reason": "stop"}]},
        usage=None,
    )
    found = Message.model_validate(message(completed))
    assert found.stop_reason == ("tool_use" if number else "end_turn")
    assert [block.input for block in found.content if block.type == "tool_use"] != [None] * number or not number
