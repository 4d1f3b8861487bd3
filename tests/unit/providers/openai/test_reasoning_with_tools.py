"""Tools for OpenAI's models that reason: which of its two APIs is asked."""

from typing import Any

import pytest

from atom_llm.adapters.providers.table import DIALECTS
from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.domain.providers.exchange import Target

TOOLS = [{"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}]
HELLO: dict[str, Any] = {"messages": [{"role": "user", "content": "Hello"}]}


def path(model: str, *, reasons: bool = True, **more: Any) -> str:
    target = Target(PROVIDER_BY_ID["openai"], model, frozenset({"reasoning"} if reasons else {"vision"}))
    return DIALECTS["openai"].chat(target, HELLO | more, stream=False).path


@pytest.mark.parametrize(
    ("model", "effort", "expected"),
    [
        ("gpt-5.3", "high", "chat/completions"),
        ("gpt-5.4", None, "chat/completions"),
        ("gpt-5.4", "none", "chat/completions"),
        ("gpt-5.4", "low", "responses"),
        ("gpt-5.5", None, "responses"),
        ("gpt-5.5", "none", "chat/completions"),
        ("gpt-5.6-luna", "high", "responses"),
        ("gpt-6-astra", None, "responses"),
        ("gpt-6.1-sol", "none", "chat/completions"),
        ("gpt-4o-mini", None, "chat/completions"),
        ("o4-mini", "high", "chat/completions"),
    ],
)
def test_tools_and_reasoning_meet_in_the_responses_api_since_5_4(model: str, effort: str | None, expected: str) -> None:
    assert path(model, tools=TOOLS, reasoning_effort=effort) == expected


def test_either_alone_is_asked_of_chat_completions() -> None:
    assert path("gpt-5.6", reasoning_effort="high") == "chat/completions"
    assert path("gpt-5.6", tools=TOOLS, reasons=False) == "chat/completions"


@pytest.mark.parametrize("more", [{"n": 2}, {"stop": ["."]}, {"max_completion_tokens": 15}])
def test_what_the_responses_api_has_nothing_like_is_left_to_chat_completions(more: dict[str, Any]) -> None:
    assert path("gpt-5.6", tools=TOOLS, **more) == "chat/completions"
    assert path("gpt-5.6", tools=TOOLS, max_completion_tokens=16) == "responses"
