"""Anthropic's streams, as recorded, become OpenAI's chunks, and what they leave open is closed."""

import json
from collections.abc import Iterable
from typing import Any

import pytest

from atom_llm.adapters.providers.anthropic.answer import REFUSED
from atom_llm.adapters.providers.anthropic.conversation import conversation
from atom_llm.adapters.providers.anthropic.tools import ANSWER_TOOL
from atom_llm.adapters.providers.dialect import MalformedEvent, StreamReader
from atom_llm.domain.pricing.units import Unit
from atom_llm.domain.providers.exchange import ServerSentEvent
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from tests.unit.providers.anthropic.anthropic_world import dialect, target

# Recorded from the API between 2025 and 2026; prose, pages and signatures are shortened.
START = (
    '{"type":"message_start","message":{"id":"msg_01QmxBSdEbD9ZeBWDVgFDoQ5","type":"message","role":"assistant",'
    '"model":"claude-sonnet-4-20250514","content":[],"stop_reason":null,"stop_sequence":null,"usage":{'
    '"input_tokens":2068,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"cache_creation":{'
    '"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"output_tokens":8,"service_tier":"standard"}} }'
)
SEARCH = [
    START,
    '{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""} }',
    '{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"The user is asking"} }',
    '{"type": "ping"}',
    '{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":" about the weather."} }',
    '{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"Er8ECkYIBxgCKkDp29"} }',
    '{"type":"content_block_stop","index":0}',
    '{"type":"content_block_start","index":1,"content_block":{"type":"server_tool_use","id":"srvtoolu_01FY",'
    '"name":"web_search","input":{}} }',
    '{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":""} }',
    '{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\\"query\\": "} }',
    '{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"\\"today\\"}"} }',
    '{"type":"content_block_stop","index":1 }',
    '{"type":"content_block_start","index":2,"content_block":{"type":"web_search_tool_result",'
    '"tool_use_id":"srvtoolu_01FY","content":[]} }',
    '{"type":"content_block_stop","index":2 }',
    '{"type":"content_block_start","index":3,"content_block":{"type":"text","text":""} }',
    '{"type":"content_block_delta","index":3,"delta":{"type":"text_delta","text":"Today, "} }',
    '{"type":"content_block_stop","index":3 }',
    '{"type":"content_block_start","index":4,"content_block":{"citations":[],"type":"text","text":""} }',
    '{"type":"content_block_delta","index":4,"delta":{"type":"citations_delta","citation":{"type":'
    '"web_search_result_location","cited_text":"Average highs","url":"https://www.sfchronicle.com/weather",'
    '"title":"Here’s when","encrypted_index":"EpABCioIBxgC"}} }',
    '{"type":"content_block_delta","index":4,"delta":{"type":"text_delta","text":"highs are around "} }',
    '{"type":"content_block_delta","index":4,"delta":{"type":"text_delta","text":"70 degrees"} }',
    '{"type":"content_block_stop","index":4 }',
    '{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"input_tokens":22397,'
    '"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":637,"server_tool_use":'
    '{"web_search_requests":2,"web_fetch_requests":0}} }',
    '{"type":"message_stop" }',
]


def reader() -> StreamReader:
    return dialect.reader(target(), {"messages": []})


def chunks(events: Iterable[str | dict[str, Any]], into: StreamReader | None = None) -> list[dict[str, Any]]:
    """The chunks of a stream's events."""
    stream = into or reader()
    found: list[dict[str, Any]] = []
    for event in events:
        data = event if isinstance(event, str) else json.dumps(event)
        found += stream.read(ServerSentEvent(json.loads(data)["type"], data))
    return found


def deltas(events: Iterable[str | dict[str, Any]]) -> list[dict[str, Any]]:
    return [chunk["choices"][0]["delta"] for chunk in chunks(events)]


def joined(found: Iterable[dict[str, Any]], field: str) -> str:
    return "".join(delta.get(field) or "" for delta in found)


def starts(place: int, block: dict[str, Any]) -> dict[str, Any]:
    return {"type": "content_block_start", "index": place, "content_block": block}


def brings(place: int, kind: str, **fields: Any) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": place, "delta": {"type": kind} | fields}


def stops(place: int) -> dict[str, Any]:
    return {"type": "content_block_stop", "index": place}


def ends(reason: str | None, **usage: Any) -> dict[str, Any]:
    return {"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": None}, "usage": usage}


def tool(place: int, identity: str, name: str, *pieces: str, **given: Any) -> list[dict[str, Any]]:
    """The events of one call."""
    block = {"type": "tool_use", "id": identity, "name": name, "input": given}
    return [
        starts(place, block),
        *(brings(place, "input_json_delta", partial_json=p) for p in ("", *pieces)),
        stops(place),
    ]


def test_a_paused_turn_ends_with_the_blocks_by_which_it_is_resumed() -> None:
    paused = [event.replace('"end_turn"', '"pause_turn"') for event in SEARCH]
    last = deltas(paused)[-1]
    cited = {
        "type": "web_search_result_location",
        "cited_text": "Average highs",
        "url": "https://www.sfchronicle.com/weather",
        "title": "Here’s when",
        "encrypted_index": "EpABCioIBxgC",
    }
    blocks = [
        {"type": "thinking", "thinking": "The user is asking about the weather.", "signature": "Er8ECkYIBxgCKkDp29"},
        {"type": "server_tool_use", "id": "srvtoolu_01FY", "name": "web_search", "input": {"query": "today"}},
        {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_01FY", "content": []},
        {"type": "text", "text": "Today, "},
        {"type": "text", "text": "highs are around 70 degrees", "citations": [cited]},
    ]
    assert last["paused_turn"] == blocks
    message = {"role": "assistant", "content": "Today, highs are around 70 degrees", "paused_turn": blocks}
    history = conversation([{"role": "user", "content": "q"}, message], target()).messages
    assert history[1] == {"role": "assistant", "content": blocks}


def test_a_turn_that_was_not_paused_carries_no_native_blocks() -> None:
    assert not any("paused_turn" in delta for delta in deltas(SEARCH))


def test_half_a_character_in_a_piece_of_a_block_is_whole_in_the_block() -> None:
    high, low = "\ud83d", "\ude00"
    events = [
        starts(0, {"type": "thinking", "thinking": "", "signature": ""}),
        *(
            {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": half}}
            for half in (high, low)
        ),
        {"type": "content_block_stop", "index": 0},
    ]
    [block] = deltas(events)[-1]["thinking_blocks"]
    assert block["thinking"] == "\U0001f600"


def test_the_first_chunk_names_the_role_and_the_last_the_reason() -> None:
    found = chunks(SEARCH)

    assert found[0] == {"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}]}
    assert [chunk["choices"][0]["finish_reason"] for chunk in found][-1] == "stop"
    assert not any(chunk["choices"][0]["finish_reason"] for chunk in found[:-1])


def test_text_comes_as_it_came_and_searches_in_between_do_not() -> None:
    found = deltas(SEARCH)

    assert [delta["content"] for delta in found if delta.get("content")] == [
        "Today, ",
        "highs are around ",
        "70 degrees",
    ]
    assert not any("tool_calls" in delta for delta in found)


def test_thoughts_come_as_text_and_once_more_whole_with_their_signature() -> None:
    found = deltas(SEARCH)

    assert joined(found, "reasoning_content") == "The user is asking about the weather."
    assert [delta["thinking_blocks"] for delta in found if "thinking_blocks" in delta] == [
        [
            {
                "index": 0,
                "type": "thinking",
                "thinking": "The user is asking about the weather.",
                "signature": "Er8ECkYIBxgCKkDp29",
            }
        ]
    ]


def test_pages_of_the_web_are_annotations_at_the_end() -> None:
    found = deltas(SEARCH)

    (annotation,) = found[-1]["annotations"]
    cited = annotation["url_citation"]
    assert joined(found, "content")[cited["start_index"] : cited["end_index"]] == "highs are around 70 degrees"
    assert cited["url"] == "https://www.sfchronicle.com/weather"


def test_what_a_text_cites_is_not_told_again_for_the_call_after_it() -> None:
    citation = {"type": "page_location", "cited_text": "x", "document_index": 0}
    events = [
        starts(0, {"type": "text", "text": "", "citations": []}),
        brings(0, "citations_delta", citation=citation),
        brings(0, "text_delta", text="x"),
        stops(0),
        *tool(1, "a", "f", "{}"),
        ends("tool_use"),
    ]

    assert deltas(events)[-1] == {"citations": [citation]}


def test_later_counts_replace_earlier_ones_and_what_is_left_out_stands() -> None:
    assert reader().reported is None
    stream = reader()
    chunks(SEARCH[:1], stream)
    first = stream.reported
    chunks(SEARCH[1:], stream)
    last = stream.reported

    assert first is not None
    assert first.usage.counts == {Unit.INPUT: 2_068, Unit.OUTPUT: 8}
    assert last is not None
    assert (last.raw["input_tokens"], last.raw["output_tokens"]) == (22_397, 637)
    assert last.raw["service_tier"] == "standard"
    assert last.usage.counts == {Unit.INPUT: 22_397, Unit.OUTPUT: 637, Unit.WEB_SEARCHES: 2}


def test_a_count_of_null_says_nothing() -> None:
    stream = reader()
    chunks([START, ends("end_turn", input_tokens=None, cache_read_input_tokens=None, output_tokens=3)], stream)

    assert stream.reported is not None
    assert stream.reported.usage.counts == {Unit.INPUT: 2_068, Unit.OUTPUT: 3}


def test_a_stream_is_whole_once_its_reason_has_come_whatever_else_does() -> None:
    stream = reader()
    chunks(SEARCH[:-2], stream)
    chunks([ends(None, output_tokens=3)], stream)
    assert not stream.is_finished
    chunks(SEARCH[-2:-1], stream)
    assert stream.is_finished


# Recorded; with a first delta that has no piece, and a start without input.
CALL = [
    '{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"toolu_01Vq","name":"search"}}',
    '{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta"}}',
    '{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\\"query\\""}}',
    '{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":": \\"Foo F"}}',
    '{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"ighters\\"}"}}',
    '{"type":"content_block_stop","index":1}',
    '{"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"input_tokens":0,"output_tokens":80}}',
]


def test_a_call_begins_with_its_name_and_goes_on_with_its_arguments() -> None:
    found = chunks(CALL)

    calls = [chunk["choices"][0]["delta"]["tool_calls"][0] for chunk in found[:-1]]
    assert calls[0] == {
        "index": 0,
        "id": "toolu_01Vq",
        "type": "function",
        "function": {"name": "search", "arguments": ""},
    }
    assert calls[1] == {"index": 0, "function": {"arguments": '{"query"'}}
    assert "".join(call["function"]["arguments"] for call in calls) == '{"query": "Foo Fighters"}'
    assert found[-1]["choices"][0]["finish_reason"] == "tool_calls"


def test_parallel_calls_are_counted_by_themselves_and_not_with_the_other_blocks() -> None:
    found = deltas(
        [
            starts(0, {"type": "text", "text": ""}),
            stops(0),
            *tool(1, "a", "weather", '{"city":', '"Paris"}'),
            starts(2, {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}}),
            brings(2, "input_json_delta", partial_json="{}"),
            stops(2),
            *tool(3, "b", "time", '{"zone": 1}'),
        ]
    )
    calls = [call for delta in found for call in delta.get("tool_calls", ())]

    assert [(call["index"], call["id"]) for call in calls if "id" in call] == [(0, "a"), (1, "b")]
    arguments = {index: "".join(c["function"]["arguments"] for c in calls if c["index"] == index) for index in (0, 1)}
    assert arguments == {0: '{"city":"Paris"}', 1: '{"zone": 1}'}


@pytest.mark.parametrize(("given", "arguments"), [({}, "{}"), ({"zone": 1}, '{"zone": 1}')])
def test_a_call_without_deltas_has_arguments_all_the_same(given: dict[str, Any], arguments: str) -> None:
    calls = [call for delta in deltas(tool(0, "a", "now", **given)) for call in delta["tool_calls"]]

    assert "".join(call["function"]["arguments"] for call in calls) == arguments


def test_an_answer_in_a_required_format_streams_as_content() -> None:
    found = chunks([START, *tool(0, "a", ANSWER_TOOL, '{"city":', ' "Paris"}'), ends("tool_use", output_tokens=9)])

    said = [chunk["choices"][0]["delta"] for chunk in found]
    assert [delta["content"] for delta in said[1:-1]] == ['{"city":', ' "Paris"}']
    assert found[-1]["choices"][0]["finish_reason"] == "stop"
    assert not any("tool_calls" in delta for delta in said)


def test_of_two_answers_in_a_required_format_the_first_is_the_answer() -> None:
    found = deltas([*tool(0, "a", ANSWER_TOOL, '{"a": 1}'), *tool(1, "b", ANSWER_TOOL, '{"a": 2}')])

    assert joined(found, "content") == '{"a": 1}'


def test_a_call_beside_an_answer_in_a_required_format_is_the_first_call() -> None:
    found = chunks([*tool(0, "a", ANSWER_TOOL), *tool(1, "b", "time", "{}"), ends("tool_use")])

    assert joined((chunk["choices"][0]["delta"] for chunk in found), "content") == "{}"
    calls = [call for chunk in found for call in chunk["choices"][0]["delta"].get("tool_calls", ())]
    assert {call["index"] for call in calls} == {0}
    assert found[-1]["choices"][0]["finish_reason"] == "tool_calls"


def test_redacted_thoughts_are_told_each_with_its_place() -> None:
    events = [
        '{"type":"content_block_start","index":0,"content_block":{"type":"redacted_thinking","data":"EqkECkYI"} }',
        '{"type":"content_block_stop","index":0 }',
        '{"type":"content_block_start","index":1,"content_block":{"type":"redacted_thinking","data":"EtgBCkYI"}}',
        '{"type":"content_block_stop","index":1 }',
    ]

    assert deltas(events) == [
        {"thinking_blocks": [{"index": 0, "type": "redacted_thinking", "data": "EqkECkYI"}]},
        {"thinking_blocks": [{"index": 1, "type": "redacted_thinking", "data": "EtgBCkYI"}]},
    ]


@pytest.mark.parametrize(
    ("details", "told"),
    [({"type": "refusal", "explanation": "This could enable harm."}, "This could enable harm."), (None, REFUSED)],
)
def test_a_refusal_is_told_with_the_reason(details: Any, told: str) -> None:
    event = ends("refusal", output_tokens=3)
    event["delta"]["stop_details"] = details
    (chunk,) = chunks([event])

    assert chunk["choices"][0] == {"index": 0, "delta": {"refusal": told}, "finish_reason": "content_filter"}


@pytest.mark.parametrize(
    "event",
    [
        {"type": "ping"},
        {"type": "message_stop"},
        {"type": "event_of_tomorrow"},
        starts(0, {"type": "block_of_tomorrow"}),
        brings(0, "delta_of_tomorrow"),
        brings(0, "input_json_delta", partial_json="{}"),
        stops(0),
    ],
)
def test_what_may_come_tomorrow_is_passed_over(event: dict[str, Any]) -> None:
    assert chunks([event]) == []


@pytest.mark.parametrize(
    "data",
    [
        "",
        "[DONE]",
        '{"type":"content_block_del',
        "[]",
        "null",
        "{}",
        '{"type":["a"]}',
        '{"type":"content_block_delta","index":0}',
        '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":null}}',
        '{"type":"content_block_delta","index":7,"delta":{"type":"thinking_delta","thinking":"x"}}',
        '{"type":"message_start","message":null}',
        '{"type":"message_delta"}',
    ],
)
def test_an_event_of_no_shape_is_malformed(data: str) -> None:
    with pytest.raises(MalformedEvent) as caught:
        reader().read(ServerSentEvent(None, data))

    assert str(caught.value) == ""


def test_an_error_amid_a_stream_is_the_providers_failure() -> None:
    data = '{"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}'
    with pytest.raises(ProviderFailure) as caught:
        reader().read(ServerSentEvent("error", data))

    assert caught.value.kind is FailureKind.TRANSIENT
    assert caught.value.message == "Overloaded"


def test_an_error_of_no_shape_is_a_failure_all_the_same() -> None:
    with pytest.raises(ProviderFailure):
        reader().read(ServerSentEvent("error", '{"type": "error"}'))
