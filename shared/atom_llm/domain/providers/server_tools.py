"""The tools that providers run on their own servers, and the bounds that are set on their uses before a call.

A use costs a fee, tokens that its result brings into the prompt, or both; the model reads the prompt anew after it.
"""

from collections.abc import Mapping
from typing import Any, Final, Literal, NamedTuple

Bound = Literal["max_uses", "max_content_tokens"]

# Uses of Anthropic's tools where the caller sets none; by OpenAI's word for how much is searched, as LiteLLM has it.
SEARCHES_BY_CONTEXT: Final[Mapping[str, int]] = {"low": 1, "medium": 5, "high": 10}
USUAL_SEARCHES: Final = SEARCHES_BY_CONTEXT["medium"]
USUAL_FETCHES: Final = 5
USUAL_ADVICE: Final = 2

# Tokens that one result brings into the prompt: what Anthropic gives for a large page of documentation.
# Fetches are held to it on the request; results of searches have no bound but this, and the model's window.
RESULT_TOKENS: Final = 25_000

# Anthropic's servers go on sampling by themselves at most so often (stop reason `pause_turn`).
SERVER_ROUNDS: Final = 10
# Instructions around the transcript that an advisor reads.
ADVISOR_TOKENS: Final = 32_768


class ServerTool(NamedTuple):
    """A kind of tool of Anthropic's, by the beginning of its type.

    `uses` and `result_tokens` are set on a request that leaves them open; 0 where the API has no such bound.
    """

    uses: int = 0
    result_tokens: int = 0
    is_search: bool = False
    is_advisor: bool = False
    runs_at_provider: bool = True


ANTHROPIC_TOOLS: Final[Mapping[str, ServerTool]] = {
    "web_search_": ServerTool(USUAL_SEARCHES, RESULT_TOKENS, is_search=True),
    "web_fetch_": ServerTool(USUAL_FETCHES, RESULT_TOKENS),
    "advisor_": ServerTool(USUAL_ADVICE, is_advisor=True),
    "code_execution_": ServerTool(),
    "tool_search_tool_": ServerTool(),
    "mcp_toolset": ServerTool(),
    "bash_": ServerTool(runs_at_provider=False),
    "computer_": ServerTool(runs_at_provider=False),
    "text_editor_": ServerTool(runs_at_provider=False),
    "memory_": ServerTool(runs_at_provider=False),
    "custom": ServerTool(runs_at_provider=False),
}


def anthropic_tool(kind: object) -> ServerTool | None:
    """Return the kind of one of Anthropic's own tools by its type; None for a type that is not known."""
    if not isinstance(kind, str):
        return None
    return next((tool for begin, tool in ANTHROPIC_TOOLS.items() if kind.startswith(begin)), None)


def bounds_of(tool: Mapping[str, Any]) -> Mapping[Bound, int]:
    """Return the bounds of a tool of Anthropic's as they are sent: the caller's, or ours where the caller sets none."""
    known = anthropic_tool(tool.get("type"))
    if known is None or not known.uses:
        return {}
    bounds: dict[Bound, int] = {"max_uses": _given(tool, "max_uses", known.uses)}
    if known.result_tokens and not known.is_search:
        bounds["max_content_tokens"] = _given(tool, "max_content_tokens", known.result_tokens)
    return bounds


def _given(tool: Mapping[str, Any], field: str, usual: int) -> int:
    value = tool.get(field)
    return value if type(value) is int and value > 0 else usual
