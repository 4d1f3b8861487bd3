"""Any conversation in the Responses API's words: read or refused by a field's name, taken by every translation
or refused by it; and any answer, whole or in chunks: what the SDK's own types parse, in OpenAI's order.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from atom_llm.adapters.providers.table import DIALECTS
from atom_llm.domain.core.errors import AtomError, BudgetExceeded, InvalidRequest, UpstreamFailed
from atom_llm.domain.core.providers import BEDROCK, PROVIDER_BY_ID
from atom_llm.domain.pricing.usage import disjoint
from atom_llm.domain.providers.exchange import Target, WireRequest
from atom_llm.domain.providers.failures import ProviderFailure
from functions.chat.openai_responses.answer import response
from functions.chat.openai_responses.kept import KeptIds
from functions.chat.openai_responses.request import ResponsesRequest, responses_request
from functions.chat.openai_responses.stream import ResponseEventWriter

EVENT: TypeAdapter[ResponseStreamEvent] = TypeAdapter(ResponseStreamEvent)
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
USAGE = disjoint({"input_tokens": 5, "output_tokens": 7, "cache_read_tokens": 2})
WORDS = st.text(max_size=12) | st.sampled_from(["Hello", "Grüße, 世界 🌍!"])
NAMES = st.sampled_from(["f", "get_weather", "call_1", "call.2:0"])
ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5_000) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)


def sometimes(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """What is right, and now and then anything else."""
    return st.integers(0, 24).flatmap(lambda chance: ANY if chance == 24 else strategy)


def typed(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"type": st.just(kind), **fields}, optional={"id": WORDS, "status": WORDS})


TEXT = typed("input_text", text=sometimes(WORDS)) | typed("output_text", text=WORDS) | typed("refusal", refusal=WORDS)
SEEN = (
    typed("input_image", image_url=st.just("data:image/png;base64,aGk="), detail=sometimes(st.just("auto")))
    | typed("input_file", file_data=st.just("data:application/pdf;base64,aGk="), filename=sometimes(WORDS))
    | typed("input_file", file_id=WORDS)
    | typed("input_audio", input_audio=st.just({"data": "aGk=", "format": "wav"}))
)
CONTENT = sometimes(WORDS | st.lists(TEXT | SEEN, max_size=3))
ITEMS = st.one_of(
    st.fixed_dictionaries(
        {"role": sometimes(st.sampled_from(["user", "assistant", "system", "developer"])), "content": CONTENT}
    ),
    typed("function_call", call_id=NAMES, name=NAMES, arguments=sometimes(st.just("{}")), namespace=st.none() | NAMES),
    typed("function_call_output", call_id=NAMES, output=CONTENT),
    typed("custom_tool_call", call_id=NAMES, name=NAMES, input=sometimes(WORDS)),
    typed("custom_tool_call_output", call_id=NAMES, output=CONTENT),
    typed(
        "reasoning",
        summary=sometimes(st.lists(typed("summary_text", text=WORDS), max_size=2)),
        encrypted_content=st.none() | WORDS,
    ),
    typed("item_reference") | typed("compaction_trigger"),
)
TOOLS = st.one_of(
    typed("function", name=NAMES, parameters=sometimes(st.just({"type": "object"})), strict=st.none() | st.booleans()),
    typed("custom", name=NAMES, format=sometimes(st.just({"type": "text"}))),
    typed("namespace", name=NAMES, tools=st.lists(typed("function", name=NAMES), max_size=2)),
    typed("web_search"),
    typed("mcp", server_label=WORDS),
)
SCHEMA = {"type": "json_schema", "name": "n", "schema": {"type": "object"}}
REQUESTS = st.fixed_dictionaries(
    {"model": st.just("auto"), "input": sometimes(WORDS | st.lists(ITEMS, min_size=1, max_size=5))},
    optional={
        "instructions": sometimes(WORDS),
        "tools": sometimes(st.lists(TOOLS, max_size=3)),
        "tool_choice": sometimes(
            st.sampled_from(["auto", "required", {"type": "function", "name": "f"}, {"type": "web_search"}])
            | st.just({"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "f"}]})
        ),
        "reasoning": sometimes(st.fixed_dictionaries({"effort": st.sampled_from(["none", "low", "max"])})),
        "text": sometimes(st.sampled_from([{"verbosity": "low"}, {"format": SCHEMA}])),
        "include": sometimes(st.lists(st.just("reasoning.encrypted_content"))),
        "context_management": ANY,
        "store": sometimes(st.booleans()),
        "metadata": sometimes(st.dictionaries(WORDS, WORDS, max_size=2)),
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
    request = outcome(lambda: responses_request(asked, len(json.dumps(asked))))
    if not isinstance(request, ResponsesRequest):
        assert isinstance(request, tuple)
        assert all(request)
        return
    for provider, dialect in DIALECTS.items():
        target = Target(PROVIDER_BY_ID.get(provider, BEDROCK), "a-model")
        body = {**request.chat.body, "max_completion_tokens": 100}
        if outcome(partial(dialect.refuses, target, body)) is None:
            sent = outcome(partial(dialect.chat, target, body, stream=False))
            assert isinstance(sent, WireRequest | tuple)


PIECES = st.one_of(
    st.fixed_dictionaries({"content": WORDS}),
    st.fixed_dictionaries({"reasoning_content": WORDS}),
    st.fixed_dictionaries({"refusal": WORDS}),
    st.just({"thinking_blocks": [{"index": 0, "type": "thinking", "thinking": "x", "signature": "s"}]}),
    st.just({"annotations": [{"type": "url_citation", "url_citation": {"url": "https://example.com"}}]}),
    st.just({"role": "assistant", "content": ""}),
)
NUMBER_OF_CALLS = st.integers(0, 3)
ASKED = responses_request({"model": "auto", "input": "?", "tools": [{"type": "custom", "name": "patch"}]}, 80)


@st.composite
def calls(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Deltas of calls: each in order, and those of several in any order among each other."""
    number = draw(NUMBER_OF_CALLS)
    pieces = [[{"name": draw(st.sampled_from(["f", "patch"])), "arguments": ""}] for _ in range(number)]
    for of_call in pieces:
        of_call += [{"arguments": '{"input"'}, {"arguments": ': "a"}'}]
    order = draw(st.permutations([index for index in range(number) for _ in range(3)]))
    told = []
    for index in order:
        function = pieces[index].pop(0)
        first = {"id": f"call:{index}"} if "name" in function else {}
        told.append({"tool_calls": [{"index": index, **first, "function": function}]})
    return told


def streamed(deltas: list[dict[str, Any]], finish: str) -> tuple[ResponseEventWriter, Any, bytes]:
    call = SimpleNamespace(call_id="01X", opened_at=NOW)
    stream: Any = SimpleNamespace(call=call, candidate=SimpleNamespace(id="a/b"), usage=USAGE)
    writer = ResponseEventWriter(ASKED, "r", lambda: NOW, KeptIds(None))
    written = writer.begin(stream)
    for delta in deltas:
        written += writer.chunks([{"choices": [{"index": 0, "delta": delta, "finish_reason": None}]}])
    return (
        writer,
        stream,
        written + writer.chunks([{"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]}]),
    )


def parsed(written: bytes) -> list[ResponseStreamEvent]:
    lines = [line for line in written.decode().split("\n") if line.startswith("data: ")]
    return [EVENT.validate_python(json.loads(line.removeprefix("data: "))) for line in lines]


@given(st.lists(PIECES, max_size=8), calls(), st.sampled_from(["stop", "length", "tool_calls", "eos"]), st.booleans())
def test_any_answer_in_chunks_is_events_in_openais_order(
    deltas: list[dict[str, Any]], more: list[dict[str, Any]], finish: str, breaks: bool
) -> None:
    writer, stream, written = streamed([*deltas, *more], finish)
    told: list[Any] = parsed(written + (writer.error(UpstreamFailed("broke")) if breaks else writer.end(stream)))
    assert [event.sequence_number for event in told] == list(range(len(told)))
    assert [event.type for event in told[:2]] == ["response.created", "response.in_progress"]
    ending = "failed" if breaks else "incomplete" if finish == "length" else "completed"
    assert told[-1].type == f"response.{ending}"
    open_items: set[int] = set()
    done: dict[int, Any] = {}
    for event in told[2:-1]:
        if event.type == "response.output_item.added":
            assert event.output_index == len(open_items) + len(done)
            open_items.add(event.output_index)
        elif event.type == "response.output_item.done":
            open_items.remove(event.output_index)
            done[event.output_index] = event.item
        else:
            assert event.output_index in open_items
    assert told[-1].response.output == [done[index] for index in sorted(done)]
    if not breaks:
        assert not open_items
        calls_told = {
            getattr(item, "call_id", None): getattr(item, "arguments", None) or getattr(item, "input", None)
            for item in done.values()
        }
        for index in {call["index"] for delta in more for call in delta["tool_calls"]}:
            assert calls_told[f"call:{index}"] in ('{"input": "a"}', "a")


@given(st.lists(PIECES, max_size=1), st.integers(0, 2), WORDS)
def test_any_whole_answer_is_a_response_of_the_sdks(deltas: list[dict[str, Any]], number: int, arguments: str) -> None:
    tool_calls = [{"id": None, "function": {"name": "f", "arguments": arguments}} for _ in range(number)]
    answer = {"content": None, **(deltas[0] if deltas else {}), "tool_calls": tool_calls}
    completed: Any = SimpleNamespace(
        call=SimpleNamespace(call_id="01X", opened_at=NOW),
        candidate=SimpleNamespace(id="a/b"),
        body={"choices": [{"message": answer, "finish_reason": "stop"}]},
        usage=USAGE,
    )
    found = Response.model_validate(response(ASKED, completed))
    assert found.status == "completed"
    assert len([item for item in found.output if item.type == "function_call"]) == number
    assert found.output


@given(st.sampled_from([(UpstreamFailed("broke"), "server_error"), (BudgetExceeded("full"), "insufficient_quota")]))
def test_a_failure_before_anything_began_is_a_response_that_began_and_failed(failure: tuple[AtomError, str]) -> None:
    error, code = failure
    told: list[Any] = [
        json.loads(line.removeprefix("data: "))
        for line in ResponseEventWriter(ASKED, "r", lambda: NOW, KeptIds(None)).error(error).decode().split("\n")
        if line.startswith("data: ")
    ]
    assert [event["type"] for event in told] == ["response.created", "response.in_progress", "response.failed"]
    assert told[-1]["response"]["error"] == {"code": code, "message": error.message}
