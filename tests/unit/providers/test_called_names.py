"""Names that a model made up, in the calls of a history: no provider refuses the conversation for them."""

from typing import Any

import pytest

from atom_llm.adapters.providers.anthropic.conversation import conversation as anthropic
from atom_llm.adapters.providers.bedrock.conversation import conversation as bedrock
from atom_llm.adapters.providers.openai.dialect import OPENAI_LIKE
from atom_llm.adapters.providers.responses.items import ResponsesConversation
from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.domain.providers.exchange import Target
from tests.unit.providers.anthropic.anthropic_world import target


def history(name: str) -> list[dict[str, Any]]:
    call = {"id": "c1", "type": "function", "function": {"name": name, "arguments": "{}"}}
    return [
        {"role": "user", "content": "q"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "no such tool"},
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("$READFILE", "_READFILE"), ("functions.search:0", "functions_search_0"), ("look up", "look_up"), ("f-1", "f-1")],
)
def test_they_are_spelt_in_the_alphabet_of_names(name: str, expected: str) -> None:
    messages = history(name)
    assert anthropic(messages, target()).messages[1]["content"][0]["name"] == expected
    assert anthropic(messages, target()).used_tools == (expected,)
    assert bedrock(messages, caches=False).messages[1]["content"][0]["toolUse"]["name"] == expected
    assert bedrock(messages, caches=False).used_tools == (expected,)
    for provider, dialect in OPENAI_LIKE.items():
        body = dialect.chat(Target(PROVIDER_BY_ID[provider], "m"), {"messages": messages}, stream=False).body
        assert body["messages"][1]["tool_calls"][0]["function"]["name"] == expected
    items = ResponsesConversation()
    items.add_assistant(messages[1], "messages.1")
    assert items.items[0]["name"] == expected


@pytest.mark.parametrize("length", [64, 65, 128, 129])
def test_they_are_as_long_as_a_provider_takes_them(length: int) -> None:
    messages = history("f" * length)
    assert len(bedrock(messages, caches=False).used_tools[0]) == min(length, 64)
    assert len(anthropic(messages, target()).used_tools[0]) == min(length, 128)


@pytest.mark.parametrize(("media_type", "between"), [("text/markdown", [{"text": "."}]), ("application/pdf", [])])
@pytest.mark.parametrize("marks_part", [True, False])
def test_a_cache_point_behind_a_document_that_is_no_pdf_stands_behind_a_text(
    media_type: str, between: list[dict[str, Any]], *, marks_part: bool
) -> None:
    marker = {"cache_control": {"type": "ephemeral"}}
    document = {"type": "file", "file": {"filename": "a.b", "file_data": f"data:{media_type};base64,aGk="}}
    content = [{"type": "text", "text": "q"}, document | (marker if marks_part else {})]
    message = {"role": "user", "content": content} | ({} if marks_part else marker)
    (turn,) = bedrock([message], caches=True).messages
    assert turn["content"][2:] == [*between, {"cachePoint": {"type": "default"}}]
