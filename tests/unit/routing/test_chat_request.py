"""Chat requests in OpenAI's words: what is read of them, and what is refused by name."""

from typing import Any

import pytest

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.routing.chat_request import (
    MAX_CHAIN,
    MAX_CHOICES,
    MAX_MESSAGES,
    MAX_OUTPUT,
    chat_request,
    model_names,
)

HELLO: dict[str, Any] = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello"}]}
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}


def asking(**changes: Any) -> dict[str, Any]:
    return {**HELLO, **changes}


def saying(content: Any, role: str = "user") -> dict[str, Any]:
    return asking(messages=[{"role": role, "content": content}])


def test_what_is_ours_is_taken_out_and_the_rest_passes_as_it_came() -> None:
    given = asking(
        stream=True, stream_options={"include_usage": True}, max_tokens=5, temperature=0.1, anything={"at": "all"}
    )
    read = chat_request(given)
    assert read.body == {"messages": HELLO["messages"], "temperature": 0.1, "anything": {"at": "all"}}
    assert (read.models, read.stream, read.include_usage, read.output_limit) == (("gpt-4o",), True, True, 5)


def test_the_newer_name_of_the_output_limit_wins() -> None:
    assert chat_request(asking(max_tokens=5, max_completion_tokens=7)).output_limit == 7


def test_a_chain_of_models_is_read_in_order_and_without_repetition() -> None:
    assert model_names("openai/gpt-4o, claude-haiku-4-5 ,openai/gpt-4o") == ("openai/gpt-4o", "claude-haiku-4-5")


def test_all_texts_are_read_wherever_they_stand() -> None:
    messages = [
        {"role": "system", "content": "one"},
        {"role": "user", "content": [{"type": "text", "text": "two"}, IMAGE]},
        {"role": "assistant", "content": None, "tool_calls": [{"id": "three"}]},
        {"role": "tool", "tool_call_id": "three", "content": "four"},
    ]
    read = chat_request(asking(messages=messages))
    assert [text for text in ("one", "two", "three", "four") if any(text in each for each in read.texts)] == [
        "one", "two", "three", "four",
    ]  # fmt: skip
    assert (read.messages, read.attachments) == (4, {"vision": 1})


NEEDS: list[tuple[dict[str, Any], dict[str, str]]] = [
    (saying([IMAGE]), {"vision": "messages.0.content.0"}),
    (saying([{"type": "input_audio", "input_audio": {}}]), {"audio_input": "messages.0.content.0"}),
    (saying([{"type": "file", "file": {}}]), {"pdf_input": "messages.0.content.0"}),
    (asking(tools=[{"type": "function", "function": {"name": "f"}}]), {"function_calling": "tools"}),
    (asking(tools=[]), {}),
    (
        asking(response_format={"type": "json_schema", "json_schema": {"name": "x"}}),
        {"response_schema": "response_format"},
    ),
    (asking(response_format={"type": "json_object"}), {}),
    (asking(modalities=["text", "audio"]), {"audio_output": "modalities"}),
]


@pytest.mark.parametrize(("given", "needs"), NEEDS)
def test_what_a_field_asks_of_a_model_is_known_by_the_catalogues_word(
    given: dict[str, Any], needs: dict[str, str]
) -> None:
    assert chat_request(given).needs == needs


WRONG: list[tuple[Any, str]] = [
    ([], "body"),
    (asking(model=None), "model"),
    (asking(model=" "), "model"),
    (asking(model="a,,b"), "model"),
    (asking(model=",".join(f"m{n}" for n in range(MAX_CHAIN + 1))), "model"),
    (asking(model="m" * 501), "model"),
    (asking(messages=[]), "messages"),
    (asking(messages="Hello"), "messages"),
    (asking(messages=["Hello"]), "messages.0"),
    (asking(messages=[{"role": "king", "content": "Hello"}]), "messages.0.role"),
    (saying(7), "messages.0.content"),
    (saying(None), "messages.0.content"),
    (saying([7]), "messages.0.content.0"),
    (saying([{"text": "untyped"}]), "messages.0.content.0.type"),
    (saying([{"type": "text", "text": 7}]), "messages.0.content.0.text"),
    (asking(messages=HELLO["messages"] * (MAX_MESSAGES + 1)), "messages"),
    (asking(modalities="audio"), "modalities"),
    (asking(stream="yes"), "stream"),
    (asking(stream_options=[1]), "stream_options"),
    (asking(n=0), "n"),
    (asking(n=MAX_CHOICES + 1), "n"),
    (asking(n=True), "n"),
    (asking(max_tokens=0), "max_tokens"),
    (asking(max_completion_tokens=MAX_OUTPUT + 1), "max_completion_tokens"),
    (asking(max_completion_tokens=1.5), "max_completion_tokens"),
    (asking(tools={"type": "function"}), "tools"),
    (asking(tools=["f"]), "tools.0"),
    (asking(response_format="json"), "response_format"),
    (asking(response_format={"type": "yaml"}), "response_format.type"),
    (asking(response_format={"type": "json_schema"}), "response_format.json_schema"),
]


@pytest.mark.parametrize(("given", "field"), WRONG)
def test_what_is_wrong_is_named(given: Any, field: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        chat_request(given)
    assert refused.value.field == field


@pytest.mark.parametrize(
    "given",
    [
        asking(n=MAX_CHOICES),
        asking(max_tokens=MAX_OUTPUT),
        asking(stream=None, stream_options=None, tools=None, response_format=None, n=None),
        saying("", role="system"),
        asking(messages=HELLO["messages"] * MAX_MESSAGES),
        asking(model=",".join(f"m{n}" for n in range(MAX_CHAIN))),
    ],
)
def test_what_is_just_within_the_limits_passes(given: dict[str, Any]) -> None:
    assert chat_request(given).models


def test_the_size_is_that_of_the_whole_request_whatever_its_fields_are() -> None:
    plain, longer = chat_request(HELLO), chat_request(asking(anything={"at": "all" * 1_000}))
    assert longer.size - plain.size > 3_000
    assert chat_request(HELLO, 4_711).size == 4_711


def test_what_an_attachment_holds_is_not_counted_as_text() -> None:
    held = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 1_000_000}}
    assert chat_request(saying([held])).size < 1_000
