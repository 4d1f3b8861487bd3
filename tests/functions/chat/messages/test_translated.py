"""Messages that a provider answers which does not speak Anthropic's dialect: translated both ways."""

import json
from typing import Any

import anthropic
import httpx
import pytest
from anthropic.types import MessageParam, TextBlock, ThinkingBlock, ToolParam, ToolUseBlock

from testing.chat_world import ANTHROPIC, GOOGLE, OPENAI, ChatWorld
from testing.stand_in.said import WORD

HELLO: list[MessageParam] = [{"role": "user", "content": "Say hello"}]
WEATHER: ToolParam = {
    "name": "get_weather",
    "description": "The weather of a city",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


def asked(world: ChatWorld) -> dict[str, Any]:
    """The body that the provider got last."""
    return dict(world.stand_in.calls[-1].body)


def says(world: ChatWorld, message: dict[str, Any], finish: str, usage: dict[str, Any]) -> None:
    """OpenAI's next answer is exactly this."""
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}
    body = {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": usage}
    world.stand_in.fault("body", provider="openai", times=1, status=200, body=json.dumps(body))


def test_a_whole_answer_is_a_message_with_its_model_usage_and_cost(
    world: ChatWorld, client: anthropic.Anthropic
) -> None:
    raw = client.messages.with_raw_response.create(model=OPENAI, max_tokens=100, messages=HELLO)
    message = raw.parse()
    assert [type(block) for block in message.content] == [TextBlock]
    assert message.content[0].type == "text"
    assert message.content[0].text == WORD * 20
    assert (message.model, message.role, message.stop_reason) == (OPENAI, "assistant", "end_turn")
    assert (message.usage.input_tokens, message.usage.output_tokens) == (25, 20)
    assert message.id == f"msg_{raw.headers['x-llm-call-id']}"
    assert raw.headers["x-llm-cost-usd"] == "0.00001575"
    assert raw.headers["request-id"] == raw.headers["x-request-id"]
    assert len(world.rows()) == 1


def test_a_text_that_cites_nothing_has_no_citations(world: ChatWorld, caller: httpx.Client) -> None:
    """@ai-sdk/anthropic 3 takes a list or nothing: it cannot read an answer whose citations are null."""
    body = {"model": OPENAI, "max_tokens": 100, "messages": HELLO}
    assert caller.post("/messages", json=body).json()["content"] == [{"type": "text", "text": WORD * 20}]
    told = caller.post("/messages", json=body | {"stream": True}).text
    assert '"content_block":{"type":"text","text":""}' in told


def test_instructions_texts_and_pictures_reach_the_provider_in_its_own_words(
    world: ChatWorld, client: anthropic.Anthropic
) -> None:
    client.messages.create(
        model=OPENAI,
        max_tokens=100,
        system=[{"type": "text", "text": "Be brief."}, {"type": "text", "text": "Be kind."}],
        stop_sequences=["END"],
        metadata={"user_id": "person-7"},
        extra_body={"temperature": 0.5},
        messages=[
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "What is this?", "cache_control": {"type": "ephemeral"}},
                    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aGk="}},
                ],
            }
        ],
    )
    body = asked(world)
    assert body["messages"] == [
        {"role": "system", "content": "Be brief.\n\nBe kind."},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "What is this?"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}},
            ],
        },
    ]
    assert (body["max_completion_tokens"], body["stop"], body["user"], body["temperature"]) == (
        100,
        ["END"],
        "person-7",
        0.5,
    )
    assert "cache_control" not in json.dumps(body)


@pytest.mark.parametrize("model", [GOOGLE, "openai/gpt-4o"])
def test_pictures_and_documents_reach_every_provider_also_out_of_a_tools_result(
    world: ChatWorld, client: anthropic.Anthropic, model: str
) -> None:
    picture: Any = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aGk="}}
    pdf = {"type": "base64", "media_type": "application/pdf", "data": "aGk="}
    turns: list[Any] = [
        {
            "role": "user",
            "content": [{"type": "document", "source": pdf, "title": "a.pdf"}, {"type": "text", "text": "?"}],
        },
        {"role": "assistant", "content": [{"type": "tool_use", "id": "toolu_1", "name": "look", "input": {}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": [picture]}]},
    ]
    client.messages.create(model=model, max_tokens=100, messages=turns)
    sent = json.dumps(asked(world))
    assert sent.count("aGk=") == 2
    assert ("application/pdf" in sent, "image/png" in sent) == (True, True)


def test_a_message_of_the_role_system_amid_the_conversation_keeps_its_place(
    world: ChatWorld, caller: httpx.Client
) -> None:
    turns = [
        {"role": "user", "content": "Hello"},
        {"role": "system", "content": [{"type": "text", "text": "The user is in a hurry."}], "output_config": {}},
    ]
    answer = caller.post("/messages?beta=true", json={"model": OPENAI, "max_tokens": 9, "messages": turns})
    assert answer.status_code == 200, answer.text
    assert asked(world)["messages"][1] == {"role": "system", "content": "The user is in a hurry."}
    assert answer.headers["x-llm-warnings"] == "left out: messages.output_config"


def test_a_loop_of_tools_comes_to_its_end(world: ChatWorld, client: anthropic.Anthropic) -> None:
    turns: list[MessageParam] = [{"role": "user", "content": "How is the weather in parallel cities?"}]
    first = client.messages.create(model=OPENAI, max_tokens=500, tools=[WEATHER], messages=turns)
    assert first.stop_reason == "tool_use"
    uses = [block for block in first.content if isinstance(block, ToolUseBlock)]
    assert [(use.name, use.input) for use in uses] == [("get_weather", {"city": "text"})] * 2
    turns.append({"role": "assistant", "content": first.content})
    results: list[Any] = [
        {"type": "tool_result", "tool_use_id": uses[0].id, "content": "sunny"},
        {"type": "tool_result", "tool_use_id": uses[1].id, "content": [{"type": "text", "text": "rainy"}]},
    ]
    turns.append({"role": "user", "content": results})
    second = client.messages.create(model=OPENAI, max_tokens=500, tools=[WEATHER], messages=turns)
    assert second.stop_reason == "end_turn"
    sent = asked(world)["messages"]
    assert [message["role"] for message in sent] == ["user", "assistant", "tool", "tool"]
    assert [sent[2]["content"], sent[3]["content"]] == ["sunny", "rainy"]
    assert [call["id"] for call in sent[1]["tool_calls"]] == [sent[2]["tool_call_id"], sent[3]["tool_call_id"]]


@pytest.mark.parametrize(
    ("choice", "sent"),
    [
        ({"type": "auto", "disable_parallel_tool_use": True}, ("auto", False)),
        ({"type": "any"}, ("required", None)),
        ({"type": "tool", "name": "get_weather"}, ({"type": "function", "function": {"name": "get_weather"}}, None)),
        ({"type": "none"}, ("none", None)),
    ],
)
def test_the_choice_of_tools_is_translated(
    world: ChatWorld, client: anthropic.Anthropic, choice: Any, sent: tuple[object, object]
) -> None:
    client.messages.create(model=OPENAI, max_tokens=500, tools=[WEATHER], tool_choice=choice, messages=HELLO)
    body = asked(world)
    assert (body["tool_choice"], body.get("parallel_tool_calls")) == sent


def test_thoughts_calls_and_cached_tokens_stand_where_anthropics_stand(
    world: ChatWorld, client: anthropic.Anthropic
) -> None:
    call = {"id": "call.1:0", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}
    usage = {
        "prompt_tokens": 100,
        "completion_tokens": 30,
        "total_tokens": 130,
        "prompt_tokens_details": {"cached_tokens": 60},
        "completion_tokens_details": {"reasoning_tokens": 10},
    }
    says(world, {"content": "So:", "reasoning_content": "Hm.", "tool_calls": [call]}, "tool_calls", usage)
    message = client.messages.create(model=OPENAI, max_tokens=100, messages=HELLO)
    thought, text, use = message.content
    assert isinstance(thought, ThinkingBlock)
    assert isinstance(text, TextBlock)
    assert isinstance(use, ToolUseBlock)
    assert (thought.thinking, text.text, use.id, use.input) == ("Hm.", "So:", "call_1_0", {"a": 1})
    told = message.usage
    assert (told.input_tokens, told.cache_read_input_tokens, told.output_tokens) == (40, 60, 30)
    assert told.output_tokens_details is not None
    assert told.output_tokens_details.thinking_tokens == 10


def test_a_thought_goes_back_to_a_provider_that_wants_it_with_the_call_it_led_to(
    world: ChatWorld, client: anthropic.Anthropic
) -> None:
    world.provider_key("deepseek")
    thought: Any = {"type": "thinking", "thinking": "Hm.", "signature": "unsigned"}
    use: Any = {"type": "tool_use", "id": "call_1", "name": "f", "input": {}}
    turns: list[MessageParam] = [
        *HELLO,
        {"role": "assistant", "content": [thought, use]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "call_1", "content": "1"}]},
    ]
    client.messages.create(model="deepseek/deepseek-reasoner", max_tokens=100, messages=turns)
    assert asked(world)["messages"][1]["reasoning_content"] == "Hm."


@pytest.mark.parametrize(
    ("finish", "stop"), [("stop", "end_turn"), ("length", "max_tokens"), ("content_filter", "refusal")]
)
def test_each_finish_reason_is_a_stop_reason(
    world: ChatWorld, client: anthropic.Anthropic, finish: str, stop: str
) -> None:
    says(world, {"content": "So"}, finish, {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2})
    assert client.messages.create(model=OPENAI, max_tokens=100, messages=HELLO).stop_reason == stop


def test_a_schema_for_the_answer_and_an_effort_are_asked_for(world: ChatWorld, caller: httpx.Client) -> None:
    schema = {
        "type": "object",
        "properties": {"n": {"type": "integer"}},
        "required": ["n"],
        "additionalProperties": False,
    }
    config = {"effort": "low", "format": {"type": "json_schema", "schema": schema}}
    body = {"model": "openai/gpt-5", "max_tokens": 500, "messages": HELLO, "output_config": config}
    answer = caller.post("/messages", json=body)
    assert json.loads(answer.json()["content"][0]["text"]) == {"n": 7}
    sent = asked(world)
    assert sent["reasoning_effort"] == "low"
    assert sent["response_format"]["json_schema"] == {"name": "answer", "schema": schema, "strict": True}


def test_a_model_that_does_not_reason_is_not_asked_to_and_the_warning_says_so(
    world: ChatWorld, caller: httpx.Client
) -> None:
    thinking = {"type": "enabled", "budget_tokens": 2048}
    body = {"model": OPENAI, "max_tokens": 5000, "messages": HELLO, "thinking": thinking, "top_k": 5}
    answer = caller.post("/messages", json=body, headers={"anthropic-beta": "effort-2025-11-24"})
    assert answer.status_code == 200, answer.text
    assert asked(world).keys() == {"model", "messages", "max_completion_tokens"}
    assert answer.headers["x-llm-warnings"] == "left out: anthropic-beta, reasoning_effort, top_k"


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"tools": [{"type": "web_search_20250305", "name": "web_search"}]}, "tools.0"),
        ({"mcp_servers": [{"type": "url", "url": "https://mcp.example", "name": "m"}]}, "mcp_servers"),
        ({"messages": [*HELLO, {"role": "assistant", "content": "The answer is ("}]}, "messages.1"),
        (
            {"messages": [{"role": "user", "content": [{"type": "document", "source": {"type": "file"}}]}]},
            "messages.0.content.0.source",
        ),
    ],
)
def test_what_others_cannot_be_asked_for_is_a_named_reason_and_nothing_is_spent(
    world: ChatWorld, caller: httpx.Client, more: dict[str, Any], field: str
) -> None:
    body = {"model": "openai/gpt-4o", "max_tokens": 9, "messages": HELLO, **more}
    route = caller.post("/route", json=body).json()
    (excluded,) = route["excluded"]
    assert (excluded["reason"], excluded["field"]) == ("not_expressible", field)
    answer = caller.post("/messages", json=body)
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "invalid_request_error")
    assert field in answer.json()["error"]["message"]
    assert (world.stand_in.calls, world.rows()) == ([], [])


def test_an_answer_with_an_idempotency_key_is_given_once(world: ChatWorld, client: anthropic.Anthropic) -> None:
    headers = {"idempotency-key": "order-7"}
    asking = client.messages.with_raw_response
    first = asking.create(model=OPENAI, max_tokens=9, messages=HELLO, extra_headers=headers)
    second = asking.create(model=OPENAI, max_tokens=9, messages=HELLO, extra_headers=headers)
    assert (second.text(), second.headers["x-llm-idempotent-replay"]) == (first.text(), "true")
    assert len(world.rows()) == 1


def test_auto_and_tiers_answer_and_say_which_tier_it_was(world: ChatWorld, client: anthropic.Anthropic) -> None:
    for model in ("auto", "tier/standard"):
        raw = client.messages.with_raw_response.create(
            model=model, max_tokens=100, messages=HELLO, extra_headers={"x-llm-tags": "team=blue"}
        )
        assert (raw.headers["x-llm-tier"], raw.parse().stop_reason) == (
            "micro" if model == "auto" else "standard",
            "end_turn",
        )
    assert [row.attempt.tags for row in world.rows()] == [{"team": "blue"}] * 2


def test_the_person_and_the_agents_session_of_metadata_are_in_the_books(
    world: ChatWorld, client: anthropic.Anthropic
) -> None:
    person = {"device_id": "d" * 64, "account_uuid": "", "session_id": "5f0c8a1e-session"}
    metadata: Any = {"user_id": json.dumps(person)}
    for model in (OPENAI, ANTHROPIC):
        client.messages.create(model=model, max_tokens=9, messages=HELLO, metadata=metadata)
    for row in world.rows():
        assert (row.attempt.end_user.user, row.attempt.end_user.session) == ("d" * 64, "5f0c8a1e-session")


@pytest.mark.parametrize("name", ["\x00", "a\r\nx-injected: 1", "\x1b[31m", "é"])
def test_a_field_s_name_that_no_header_can_show_is_warned_of_with_question_marks(
    caller: httpx.Client, name: str
) -> None:
    answer = caller.post("/messages", json={"model": OPENAI, "max_tokens": 9, "messages": HELLO, name: 1})
    assert answer.status_code == 200, answer.text
    assert "?" in answer.headers["x-llm-warnings"]
    assert "x-injected" not in answer.headers
