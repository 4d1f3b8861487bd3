"""A scripted model: calls of tools one after the other and a closing text, in whichever provider's format."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from testing.stand_in.said import Said, ToolCall

RESULT_TYPES: Final = frozenset({"tool_result", "function_call_output", "custom_tool_call_output"})
TOKENS_A_CALL: Final = 12


@dataclass(frozen=True)
class Script:
    """The steps of a job, each a tool with its arguments, and the text that ends it.

    The step is told by the number of results in the conversation, so that a model that takes over in the middle goes on
    where another one stopped. A request that does not offer the tool (a title, a summary) is none of the job's.
    """

    steps: Sequence[tuple[str, Mapping[str, Any]]]
    closing: str

    def said(self, body: Mapping[str, Any]) -> Said | None:
        """Return the answer to a request of the job; None to any other."""
        place = sum(1 for _ in _results(body.get("messages") or body.get("input") or body.get("contents") or ()))
        if place >= len(self.steps):
            return Said(re.findall(r"\S+\s*", self.closing), completion_tokens=len(self.closing)) if place else None
        name, arguments = self.steps[place]
        if name not in _offered(body):
            return None
        call = ToolCall(f"call_{place}", name, arguments)
        return Said((), (call,), "tool_calls", completion_tokens=TOKENS_A_CALL)


def _offered(body: Mapping[str, Any]) -> set[str]:
    """Return the names of the tools that a request offers."""
    named = [each.get("function") or each for each in body.get("tools") or ()]
    named += [each for tool in body.get("tools") or () for each in tool.get("functionDeclarations") or ()]
    return {str(each.get("name")) for each in named}


def _results(value: Any) -> Iterator[Mapping[str, Any]]:
    """Iterate over the results of tools in a conversation."""
    if isinstance(value, list):
        for each in value:
            yield from _results(each)
    elif isinstance(value, dict):
        if value.get("type") in RESULT_TYPES or value.get("role") == "tool" or "functionResponse" in value:
            yield value
        else:
            yield from _results(value.get("content") or value.get("parts"))
