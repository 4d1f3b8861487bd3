"""The tools of the Responses API: which OpenAI runs, and what bounds them."""

from typing import Any

import pytest

from atom_llm.domain.providers.responses_tools import calls_at_most, counted_calls, hosted_tools, searches_the_web

OF_CALLERS: list[dict[str, Any]] = [
    {"type": "function", "name": "f"},
    {"type": "custom", "name": "c"},
    {"type": "namespace", "name": "n", "tools": []},
    {"type": "tool_search", "execution": "client"},
    {"type": "shell", "environment": {"type": "local"}},
    *({"type": kind} for kind in ("local_shell", "apply_patch", "computer", "computer_use_preview")),
]
OF_OPENAI: list[dict[str, Any]] = [
    *({"type": kind} for kind in ("web_search", "file_search", "code_interpreter", "image_generation", "mcp")),
    {"type": "tool_search"},
    {"type": "shell", "environment": {"type": "container_auto"}},
    {"type": "quantum"},
    {},
]


@pytest.mark.parametrize("tool", OF_CALLERS)
def test_what_the_caller_runs_is_not_openais(tool: dict[str, Any]) -> None:
    assert list(hosted_tools([tool])) == []
    assert calls_at_most({"tools": [tool]}) is None


@pytest.mark.parametrize("tool", OF_OPENAI)
def test_what_openai_runs_and_what_nobody_knows_is_named_by_its_place(tool: dict[str, Any]) -> None:
    assert list(hosted_tools([OF_CALLERS[0], tool])) == [("tools.1", tool)]


@pytest.mark.parametrize(("given", "calls"), [(None, 5), (2, 2), (0, 5), (True, 5), ("9", 5), (40, 40)])
def test_searches_are_bounded_by_the_callers_word_or_ours(given: object, calls: int) -> None:
    assert calls_at_most({"tools": [{"type": "web_search"}], "max_tool_calls": given}) == calls
    assert calls_at_most({"tools": [{"type": "file_search"}], "max_tool_calls": given}) is None


@pytest.mark.parametrize("tools", [None, "x", [], ["x"], [{"type": "tool_search"}]])
def test_what_is_no_search_is_none(tools: object) -> None:
    assert not searches_the_web(tools)


def test_only_calls_that_no_usage_object_counts_are_counted() -> None:
    items = [{"type": kind} for kind in ("file_search_call", "file_search_call", "web_search_call", "message")]
    assert counted_calls([*items, "x", {}]) == {"file_search_calls": 2}
