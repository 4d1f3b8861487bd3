"""Anthropic's answers, as recorded, become OpenAI's, with everything that they say."""

import json
from typing import Any

import pytest

from atom_llm.adapters.providers.anthropic.answer import FINISH_REASONS, REFUSED
from atom_llm.adapters.providers.anthropic.conversation import conversation
from atom_llm.adapters.providers.anthropic.tools import ANSWER_TOOL
from atom_llm.domain.pricing.units import Unit
from atom_llm.domain.providers.exchange import ProviderAnswer
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from tests.unit.providers.anthropic.anthropic_world import dialect, request, target

# Recorded from the API in 2026; signatures and prose are shortened.
USAGE = {
    "cache_creation": {"ephemeral_1h_input_tokens": 0, "ephemeral_5m_input_tokens": 0},
    "cache_creation_input_tokens": 0,
    "cache_read_input_tokens": 0,
    "inference_geo": "global",
    "input_tokens": 13,
    "output_tokens": 44,
    "output_tokens_details": {"thinking_tokens": 33},
    "service_tier": "standard",
}
THOUGHT = {
    "signature": "CAISzQIKhwEIEBgCKkA6UEt5UdRt/KfkeHOQ==",
    "thinking": "This is a straightforward arithmetic problem, so I'll just provide the answer directly.",
    "type": "thinking",
}
OPUS_5 = {
    "content": [THOUGHT, {"text": "2 + 2 = 4", "type": "text"}],
    "id": "msg_011CdMGQkaWBowzKjDD9nzPh",
    "model": "claude-opus-5",
    "role": "assistant",
    "stop_details": None,
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "type": "message",
    "usage": USAGE,
}
TOOL_USE = {
    "caller": {"type": "direct"},
    "id": "toolu_01Ntv7EChXSFhgkJcMTHdksQ",
    "input": {"city": "Paris", "country": "France"},
    "name": "final_result",
    "type": "tool_use",
}
CITED = {
    "type": "web_search_result_location",
    "cited_text": "Average mid-September highs in San Francisco are around 70 degrees. ",
    "url": "https://www.sfchronicle.com/weather",
    "title": "Here’s when S.F. weather could hit 90 degrees next week",
    "encrypted_index": "EpABCioIBxgCIiQ0NGFlNjc2Yy05",
}


def text(words: str, **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": words, **more}


def answered(*blocks: dict[str, Any], reason: str = "end_turn", **more: Any) -> ProviderAnswer:
    return dialect.answer(target(), OPUS_5 | {"content": list(blocks), "stop_reason": reason} | more)


def choice(*blocks: dict[str, Any], reason: str = "end_turn", **more: Any) -> Any:
    return answered(*blocks, reason=reason, **more).body["choices"][0]


def test_a_whole_answer_with_its_thoughts() -> None:
    answer = dialect.answer(target("claude-opus-5"), OPUS_5)

    assert answer.body == {
        "id": "msg_011CdMGQkaWBowzKjDD9nzPh",
        "object": "chat.completion",
        "model": "claude-opus-5",
        "choices": [
            {
                "index": 0,
                "message": {
                    "role": "assistant",
                    "content": "2 + 2 = 4",
                    "refusal": None,
                    "reasoning_content": THOUGHT["thinking"],
                    "thinking_blocks": [THOUGHT],
                },
                "finish_reason": "stop",
                "logprobs": None,
            }
        ],
        "usage": {
            "prompt_tokens": 13,
            "completion_tokens": 44,
            "total_tokens": 57,
            "prompt_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 33},
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
        },
        "service_tier": "default",
    }
    assert answer.reported is not None
    assert answer.reported.raw == USAGE
    assert answer.reported.usage.counts == {Unit.INPUT: 13, Unit.OUTPUT: 11, Unit.REASONING: 33}


def test_the_prompt_counts_what_was_read_from_the_cache_and_written_to_it() -> None:
    usage = USAGE | {
        "input_tokens": 21,
        "cache_creation_input_tokens": 1_056,
        "cache_read_input_tokens": 188_086,
        "cache_creation": {"ephemeral_5m_input_tokens": 56, "ephemeral_1h_input_tokens": 1_000},
    }
    answer = answered(text("x"), usage=usage)

    shown = answer.body["usage"]
    assert shown["prompt_tokens"] == 189_163
    assert shown["prompt_tokens_details"] == {"cached_tokens": 188_086, "cache_write_tokens": 1_056}
    assert (shown["cache_creation_input_tokens"], shown["cache_read_input_tokens"]) == (1_056, 188_086)
    assert answer.reported is not None
    assert answer.reported.usage.context_tokens == 189_163
    assert answer.reported.usage.counts[Unit.CACHE_WRITE_1H] == 1_000


def test_no_usage_is_not_nothing_used() -> None:
    answer = answered(text("x"), usage=None)

    assert answer.reported is None
    assert "usage" not in answer.body


def test_calls_of_tools_have_their_arguments_as_text() -> None:
    second = {"type": "tool_use", "id": "toolu_2", "name": "time", "input": {}}
    told = choice(TOOL_USE, second, reason="tool_use")

    assert told["finish_reason"] == "tool_calls"
    assert told["message"]["content"] is None
    assert told["message"]["tool_calls"] == [
        {
            "id": "toolu_01Ntv7EChXSFhgkJcMTHdksQ",
            "type": "function",
            "function": {"name": "final_result", "arguments": '{"city": "Paris", "country": "France"}'},
        },
        {"id": "toolu_2", "type": "function", "function": {"name": "time", "arguments": "{}"}},
    ]


def test_words_before_a_call_are_content() -> None:
    assert choice(text("I will look."), TOOL_USE, reason="tool_use")["message"]["content"] == "I will look."


def test_what_comes_back_can_be_sent_again() -> None:
    message = choice(THOUGHT, text("I will look."), TOOL_USE, reason="tool_use")["message"]
    result = {"role": "tool", "tool_call_id": TOOL_USE["id"], "content": "ok"}
    sent = request(messages=[{"role": "user", "content": "?"}, json.loads(json.dumps(message)), result]).body[
        "messages"
    ]

    called = {name: TOOL_USE[name] for name in ("type", "id", "name", "input")}
    assert sent[1] == {"role": "assistant", "content": [THOUGHT, text("I will look."), called]}
    assert sent[2]["content"][0]["tool_use_id"] == TOOL_USE["id"]


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("pause_turn", "length"),
        ("tool_use", "tool_calls"),
        ("refusal", "content_filter"),
        ("a_reason_of_tomorrow", "stop"),
    ],
)
def test_why_an_answer_ended(reason: str, told: str) -> None:
    assert reason in FINISH_REASONS or reason == "a_reason_of_tomorrow"
    assert choice(text("x"), TOOL_USE, reason=reason)["finish_reason"] == told


def test_a_tool_use_that_did_not_come_ends_the_answer() -> None:
    assert choice(reason="tool_use")["finish_reason"] == "stop"


def test_a_paused_turn_carries_the_blocks_by_which_it_is_resumed() -> None:
    searching = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "x"}}
    message = choice(text("Let me search."), searching, reason="pause_turn")["message"]
    assert message["paused_turn"] == [text("Let me search."), searching]
    history = conversation([{"role": "user", "content": "q"}, message], target("claude-haiku-4-5")).messages
    assert history[1] == {"role": "assistant", "content": message["paused_turn"]}


def test_a_refusal_is_told_in_the_providers_words_where_it_has_any() -> None:
    details = {"type": "refusal", "category": "cyber", "explanation": "This could enable harm."}
    explained = choice(reason="refusal", stop_details=details)
    assert explained["message"] == {"role": "assistant", "content": "", "refusal": "This could enable harm."}

    bare = choice(reason="refusal", stop_details=None)
    assert bare["message"]["refusal"] == REFUSED
    assert choice(text("Sure."))["message"]["refusal"] is None


def test_an_answer_in_a_required_format_is_content_like_any_other() -> None:
    answer = TOOL_USE | {"name": ANSWER_TOOL}
    told = choice(text("Here it is:"), answer, reason="tool_use")

    assert told["finish_reason"] == "stop"
    assert json.loads(told["message"]["content"]) == TOOL_USE["input"]
    assert "tool_calls" not in told["message"]


def test_a_call_instead_of_the_required_format_is_a_call() -> None:
    told = choice(TOOL_USE, reason="tool_use")

    assert told["finish_reason"] == "tool_calls"


def test_an_answer_in_a_required_format_that_was_cut_says_so() -> None:
    assert choice(TOOL_USE | {"name": ANSWER_TOOL}, reason="max_tokens")["finish_reason"] == "length"


def test_pages_of_the_web_are_annotations_of_the_text_that_cites_them() -> None:
    other = {"type": "page_location", "cited_text": "x", "document_index": 0, "start_page_number": 1}
    message = choice(
        {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "weather"}},
        {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": []},
        text("So "),
        text("70 degrees", citations=[CITED, other]),
        text(".", citations=None),
    )["message"]

    assert message["content"] == "So 70 degrees."
    (annotation,) = message["annotations"]
    cited = annotation["url_citation"]
    assert message["content"][cited["start_index"] : cited["end_index"]] == "70 degrees"
    assert (cited["url"], cited["title"]) == (CITED["url"], CITED["title"])
    assert message["citations"] == [other]


def test_blocks_of_tomorrow_are_passed_over() -> None:
    assert choice({"type": "hologram", "data": "x"}, text("y"))["message"]["content"] == "y"


def test_redacted_thoughts_are_kept_though_there_is_nothing_to_read() -> None:
    redacted = {"type": "redacted_thinking", "data": "EqkECkYIBxgCKkA8AZ4"}
    message = choice(redacted, text("x"))["message"]

    assert message["thinking_blocks"] == [redacted]
    assert "reasoning_content" not in message


def test_a_failure_that_comes_as_a_success_is_a_failure() -> None:
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    with pytest.raises(ProviderFailure) as caught:
        dialect.answer(target(), error)

    assert caught.value.kind is FailureKind.TRANSIENT
    assert caught.value.message == "Overloaded"


@pytest.mark.parametrize(
    "content", [{}, {"object": "chat.completion"}, OPUS_5 | {"content": None}, OPUS_5 | {"stop_reason": None}]
)
def test_what_is_no_message_is_a_failed_attempt(content: dict[str, Any]) -> None:
    with pytest.raises(ProviderFailure) as caught:
        dialect.answer(target(), content)

    assert caught.value.kind is FailureKind.TRANSIENT
