"""The tools of OpenAI's Responses API, and the bound that is set on the calls of those that OpenAI runs.

`platform.openai.com/docs/api-reference/responses/create`: `max_tool_calls` bounds the calls of all such tools together;
a function, a custom tool, a shell or a computer of the caller's own costs tokens alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from atom_llm.domain.providers.exchange import Json

MAX_CALLS: Final = "max_tool_calls"
USUAL_CALLS: Final = 5  # where the caller sets no bound: as many searches as are usual elsewhere

SEARCHES: Final = frozenset(
    {"web_search", "web_search_2025_08_26", "web_search_preview", "web_search_preview_2025_03_11"}
)
TOOL_SEARCH: Final = "tool_search"  # which brings definitions into the prompt that stand in the request
# What OpenAI runs and `max_tool_calls` bounds, at a price or a number of tokens that is known.
BOUNDED: Final = SEARCHES | {TOOL_SEARCH}
_RUN_BY_CALLERS: Final = frozenset(
    {"function", "custom", "namespace", "local_shell", "apply_patch", "computer", "computer_use_preview"}
)


def hosted_tools(tools: object) -> Iterator[tuple[str, Json]]:
    """Yield the tools of a request that OpenAI runs, or that nobody here knows, with their fields."""
    for place, tool in enumerate(tools if isinstance(tools, list) else ()):
        if isinstance(tool, dict) and not _runs_at_caller(tool):
            yield f"tools.{place}", tool


def calls_at_most(body: Mapping[str, Any]) -> int | None:
    """Return the calls of OpenAI's tools that a request is held to: the caller's bound, or ours.

    None where it has no such tool that the bound holds.
    """
    if not any(tool.get("type") in BOUNDED for _, tool in hosted_tools(body.get("tools"))):
        return None
    given = body.get(MAX_CALLS)
    return given if type(given) is int and given > 0 else USUAL_CALLS


def searches_the_web(tools: object) -> bool:
    """Return whether a request has a tool that searches the web."""
    return any(tool.get("type") in SEARCHES for _, tool in hosted_tools(tools))


def counted_calls(output: Sequence[object]) -> Mapping[str, int]:
    """Return how often an answer's items used OpenAI's tools that no usage object counts, by their type."""
    counts: dict[str, int] = {}
    for item in output:
        kind = item.get("type") if isinstance(item, dict) else None
        if kind in _UNCOUNTED:
            counts[f"{kind}s"] = counts.get(f"{kind}s", 0) + 1
    return counts


_UNCOUNTED: Final = ("file_search_call", "code_interpreter_call", "image_generation_call", "shell_call")


def _runs_at_caller(tool: Json) -> bool:
    kind = tool.get("type")
    if kind == TOOL_SEARCH:
        return tool.get("execution") == "client"
    if kind == "shell":
        environment = tool.get("environment")
        return isinstance(environment, dict) and environment.get("type") == "local"
    return kind in _RUN_BY_CALLERS
