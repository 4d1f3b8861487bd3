"""Cohere's streams as chunks of a chat completion."""

import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atom_llm.adapters.providers.dialect import MalformedEvent
from atom_llm.domain.pricing.units import Unit
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from tests.unit.providers.cohere.cohere_wire import CITATION, JUNK, START, read, reader


def told(chunks: Iterable[dict[str, Any]], name: str) -> str:
    return "".join(chunk["choices"][0]["delta"].get(name) or "" for chunk in chunks)


THINKING_STREAM = [
    START,
    '{"type":"content-start","index":0,"delta":{"message":{"content":{"type":"thinking","thinking":""}}}}',
    '{"type":"content-delta","index":0,"delta":{"message":{"content":{"thinking":"The"}}}}',
    '{"type":"content-delta","index":0,"delta":{"message":{"content":{"thinking":" user"}}}}',
    '{"type":"content-end","index":0}',
    '{"type":"content-start","index":1,"delta":{"message":{"content":{"type":"text","text":""}}}}',
    '{"type":"content-delta","index":1,"delta":{"message":{"content":{"text":"The"}}}}',
    '{"type":"content-delta","index":1,"delta":{"message":{"content":{"text":" answer"}}}}',
    '{"type":"content-end","index":1}',
    '{"type":"message-end","delta":{"finish_reason":"COMPLETE","usage":{"billed_units":{"input_tokens":8,'
    '"output_tokens":50},"tokens":{"input_tokens":1394,"output_tokens":54},"cached_tokens":1360}}}',
]
TOOL_STREAM = [
    START,
    '{"type":"tool-plan-delta","delta":{"message":{"tool_plan":"I"}}}',
    '{"type":"tool-plan-delta","delta":{"message":{"tool_plan":" will"}}}',
    '{"type":"tool-call-start","index":0,"delta":{"message":{"tool_calls":{"id":"weather_e8p4pn45zt0t",'
    '"type":"function","function":{"name":"weather","arguments":""}}}}}',
    '{"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":"{\\""}}}}}',
    '{"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":"city\\": 1}"}}}}}',
    '{"type":"tool-call-end","index":0}',
    '{"type":"tool-call-start","index":1,"delta":{"message":{"tool_calls":{"id":"currentTime_y46ar19t5gvw",'
    '"type":"function","function":{"name":"currentTime","arguments":""}}}}}',
    '{"type":"tool-call-end","index":1}',
    '{"type":"message-end","delta":{"finish_reason":"TOOL_CALL","usage":{"billed_units":{"input_tokens":46,'
    '"output_tokens":14},"tokens":{"input_tokens":1445,"output_tokens":43},"cached_tokens":704}}}',
]


def test_a_stream_of_thoughts_and_text_becomes_chunks() -> None:
    open_reader = reader()
    chunks = read(open_reader, THINKING_STREAM)
    assert chunks[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert told(chunks, "reasoning_content") == "The user"
    assert told(chunks, "content") == "The answer"
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks] == [None] * 5 + ["stop"]
    assert open_reader.is_finished
    assert open_reader.reported is not None
    assert open_reader.reported.usage.counts[Unit.OUTPUT] == 50


def test_a_stream_is_not_finished_before_its_end() -> None:
    open_reader = reader()
    read(open_reader, THINKING_STREAM[:-1])
    assert not open_reader.is_finished
    assert open_reader.reported is None


def test_a_stream_of_calls_becomes_chunks() -> None:
    chunks = read(reader(), TOOL_STREAM)
    assert told(chunks, "content") == "I will"
    calls = [each for chunk in chunks for each in chunk["choices"][0]["delta"].get("tool_calls", ())]
    assert [(each["index"], each.get("id"), each["function"].get("name")) for each in calls] == [
        (0, "weather_e8p4pn45zt0t", "weather"),
        (0, None, None),
        (0, None, None),
        (1, "currentTime_y46ar19t5gvw", "currentTime"),
        (1, None, None),
    ]
    arguments = ["".join(each["function"]["arguments"] for each in calls if each["index"] == index) for index in (0, 1)]
    assert [json.loads(each) for each in arguments] == [{"city": 1}, {}]
    assert chunks[-1]["choices"][0]["finish_reason"] == "tool_calls"


def test_calls_are_counted_from_zero_whatever_stands_before_them() -> None:
    later = [line.replace('"index":0', '"index":1') for line in TOOL_STREAM[3:7]]
    calls = [chunk["choices"][0]["delta"]["tool_calls"][0] for chunk in read(reader(), later)]
    assert {each["index"] for each in calls} == {0}


def test_citations_come_with_the_last_chunk() -> None:
    start = {"type": "citation-start", "index": 0, "delta": {"message": {"citations": CITATION}}}
    lines = [*THINKING_STREAM[:-1], json.dumps(start), '{"type":"citation-end","index":0}', THINKING_STREAM[-1]]
    chunks = read(reader(), lines)
    assert chunks[-1]["choices"][0]["delta"] == {"citations": [CITATION]}
    assert not any("citations" in chunk["choices"][0]["delta"] for chunk in chunks[:-1])


def test_probabilities_stream() -> None:
    delta = {"message": {"content": {"text": "OK"}}}
    line = {"type": "content-delta", "index": 0, "delta": delta, "logprobs": {"text": "OK", "logprobs": [-0.25]}}
    (chunk,) = read(reader(), [json.dumps(line)])
    assert chunk["choices"][0]["logprobs"]["content"][0]["logprob"] == -0.25


def test_an_error_at_the_end_of_a_stream_is_a_failure() -> None:
    delta = {"finish_reason": "ERROR", "error": "the model is overloaded"}
    with pytest.raises(ProviderFailure) as failed:
        read(reader(), [START, json.dumps({"type": "message-end", "delta": delta})])
    assert (failed.value.kind, failed.value.message) == (FailureKind.TRANSIENT, "the model is overloaded")


def test_an_error_amid_a_stream_is_a_failure() -> None:
    with pytest.raises(ProviderFailure) as failed:
        read(reader(), [START, '{"message":"internal server error"}'])
    assert failed.value.message == "internal server error"


def test_new_kinds_of_events_are_passed_over() -> None:
    assert (
        read(reader(), ['{"type":"debug","prompt":"x"}', '{"type":"from-the-future","delta":{}}', '{"id":"1"}']) == []
    )


@pytest.mark.parametrize(
    "line",
    [
        *("", "{", "[]", "null", "3", "[" * 100_000, '{"type": {}}', '{"type":"content-delta"}'),
        '{"type":"content-delta","delta":{"message":{"content":"x"}}}',
        '{"type":"content-delta","delta":{"message":{"content":{"text":3}}}}',
        '{"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":"x"}}}}}',
        '{"type":"message-end","delta":{}}',
        '{"type":"message-end","delta":{"finish_reason":{}}}',
    ],
)
def test_what_cannot_be_read_is_malformed(line: str) -> None:
    open_reader = reader()
    with pytest.raises(MalformedEvent):
        read(open_reader, [line])
    assert not open_reader.is_finished


@given(JUNK, st.sampled_from(["content-start", "content-delta", "tool-call-start", "message-end", "citation-start"]))
def test_nothing_else_is_raised_for_an_event(junk: Any, kind: str) -> None:
    for data in (junk, {"type": kind, "index": 0, "delta": junk}, {"type": kind, "delta": {"message": junk}}):
        try:
            read(reader(), [json.dumps(data)])
        except (MalformedEvent, ProviderFailure):
            continue
