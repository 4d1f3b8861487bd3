"""A stream of the Responses API's events as chunks of chat completions."""

from collections.abc import Sequence

from atom_llm.adapters.providers.dialect import MalformedEvent, event_content
from atom_llm.adapters.providers.responses.answer import finish, tool_call, url_citation
from atom_llm.adapters.providers.responses.native import ResponsesEvents
from atom_llm.domain.pricing.reported import ReportedUsage
from atom_llm.domain.providers.exchange import Json, ServerSentEvent, Target
from atom_llm.domain.providers.held_thoughts import openai_block


class ResponsesReader:
    """Implements `StreamReader`."""

    def __init__(self, target: Target) -> None:
        self._events = ResponsesEvents(target)
        self._calls: dict[int, int] = {}  # place of an item → index of its call
        self._has_thought = False
        self._blocks = 0  # of thoughts that came encrypted

    @property
    def is_finished(self) -> bool:
        """Return whether the response has ended."""
        return self._events.is_finished

    @property
    def reported(self) -> ReportedUsage | None:
        """The usage, which the last event has."""
        return self._events.reported

    def read(self, event: ServerSentEvent) -> Sequence[Json]:
        """Return the chunk that an event is; raises `MalformedEvent`, and `ProviderFailure` for an error."""
        content = event_content(event)
        if not isinstance(content, dict) or not isinstance(content.get("type"), str):
            raise MalformedEvent
        kind = content["type"].removeprefix("response.")
        try:
            delta = self._delta(kind, content)
        except (KeyError, TypeError, AttributeError):
            raise MalformedEvent from None
        if delta is not None:
            return (_chunk(delta, logprobs=content.get("logprobs")),)
        if self._events.end(content["type"], content):
            ended = finish(content["response"], has_calls=bool(self._calls))
            return ({"choices": [{"index": 0, "delta": {}, "finish_reason": ended}]},)
        return ()

    def _delta(self, kind: str, content: Json) -> Json | None:
        """Return what an event adds to the message; None where it adds nothing."""
        match kind:
            case "created":
                return {"role": "assistant", "content": ""}
            case "output_text.delta":
                return {"content": _text(content["delta"])}
            case "refusal.delta":
                return {"refusal": _text(content["delta"])}
            case "reasoning_summary_text.delta" | "reasoning_text.delta":
                self._has_thought = True
                return {"reasoning_content": _text(content["delta"])}
            case "reasoning_summary_part.added" if self._has_thought:
                return {"reasoning_content": "\n"}
            case "output_text.annotation.added" if content["annotation"].get("type") == "url_citation":
                return {"annotations": [url_citation(content["annotation"])]}
            case "output_item.added" if content["item"].get("type") in ("function_call", "custom_tool_call"):
                place = self._calls.setdefault(content["output_index"], len(self._calls))
                return {"tool_calls": [{"index": place, **tool_call(content["item"], "")}]}
            case "output_item.done" if content["item"].get("type") == "reasoning":
                block = openai_block(content["item"])
                return None if block is None else {"thinking_blocks": [self._placed(block)]}
            case "function_call_arguments.delta":
                place = self._calls[content["output_index"]]
                return {"tool_calls": [{"index": place, "function": {"arguments": _text(content["delta"])}}]}
            case "custom_tool_call_input.delta":
                place = self._calls[content["output_index"]]
                return {"tool_calls": [{"index": place, "custom": {"input": _text(content["delta"])}}]}
            case _:
                return None

    def _placed(self, block: Json) -> Json:
        index, self._blocks = self._blocks, self._blocks + 1
        return {"index": index, **block}


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise MalformedEvent
    return value


def _chunk(delta: Json, *, logprobs: object) -> Json:
    choice: Json = {"index": 0, "delta": delta, "finish_reason": None}
    if isinstance(logprobs, list) and logprobs:
        choice["logprobs"] = {"content": logprobs, "refusal": None}
    return {"choices": [choice]}
