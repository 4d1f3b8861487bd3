"""Cohere's server-sent events as OpenAI's chunks, `docs.cohere.com/docs/streaming`.

Kinds of events that are not known here are passed over, for new ones will come.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from atom_llm.adapters.providers.cohere.answer import FAILED, failed, finish_reason, logprobs
from atom_llm.adapters.providers.dialect import MalformedEvent, event_content
from atom_llm.domain.pricing.reported import ReportedUsage
from atom_llm.domain.providers.exchange import Json, ServerSentEvent, Target
from atom_llm.domain.providers.failure_reading import error_within
from atom_llm.domain.providers.reported_usage import cohere_usage

_NOTHING: Final[Sequence[Json]] = ()


class ChatReader:
    """Implements `StreamReader`."""

    def __init__(self, target: Target) -> None:
        """Begin to read one stream of a model's."""
        self._target = target
        self._is_finished = False
        self._reported: ReportedUsage | None = None
        self._calls: dict[int, int] = {}  # Cohere's index of a call → ours
        self._silent: set[int] = set()  # calls of which no arguments have come yet
        self._citations: list[Json] = []

    @property
    def is_finished(self) -> bool:
        """Return whether the answer's finish reason has come."""
        return self._is_finished

    @property
    def reported(self) -> ReportedUsage | None:
        """The usage, which comes with the end; None before."""
        return self._reported

    def read(self, event: ServerSentEvent) -> Sequence[Json]:
        """Return the chunks that an event becomes; raises `MalformedEvent`, and `ProviderFailure` for an error."""
        data = event_content(event)
        try:
            handler = _HANDLERS.get(data.get("type"))
            if handler is not None:
                return handler(self, data)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise MalformedEvent from None
        failure = error_within(self._target.provider.id, data)
        if failure is not None:
            raise failure
        return _NOTHING

    def _message_start(self, data: Json) -> Sequence[Json]:
        return [_chunk({"role": "assistant", "content": ""})]

    def _content(self, data: Json) -> Sequence[Json]:
        """Read a block that begins, or goes on: of text or of thoughts."""
        content = data["delta"]["message"]["content"]
        delta = {}
        if content.get("thinking"):
            delta["reasoning_content"] = _text(content["thinking"])
        if content.get("text"):
            delta["content"] = _text(content["text"])
        if not delta:
            return _NOTHING
        return [_chunk(delta, probabilities=logprobs(data.get("logprobs")))]

    def _tool_plan(self, data: Json) -> Sequence[Json]:
        plan = data["delta"]["message"]["tool_plan"]
        return [_chunk({"content": _text(plan)})] if plan else _NOTHING

    def _call_start(self, data: Json) -> Sequence[Json]:
        call = data["delta"]["message"]["tool_calls"]
        given, place = call["function"].get("arguments") or "", data["index"]
        index = self._calls[place] = len(self._calls)
        if not given:
            self._silent.add(place)
        function = {"name": _text(call["function"]["name"]), "arguments": _text(given)}
        return [_calls_chunk({"index": index, "id": call["id"], "type": "function", "function": function})]

    def _call_delta(self, data: Json) -> Sequence[Json]:
        piece, place = data["delta"]["message"]["tool_calls"]["function"]["arguments"], data["index"]
        if not piece:
            return _NOTHING
        self._silent.discard(place)
        return [_calls_chunk({"index": self._calls[place], "function": {"arguments": _text(piece)}})]

    def _call_end(self, data: Json) -> Sequence[Json]:
        place = data["index"]
        if place not in self._silent:
            return _NOTHING
        self._silent.discard(place)  # a call without arguments is still one with JSON
        return [_calls_chunk({"index": self._calls[place], "function": {"arguments": "{}"}})]

    def _citation(self, data: Json) -> Sequence[Json]:
        citations = data["delta"]["message"]["citations"]
        self._citations += citations if isinstance(citations, list) else [citations]
        return _NOTHING

    def _message_end(self, data: Json) -> Sequence[Json]:
        delta = data["delta"]
        usage, reason = delta.get("usage"), delta.get("finish_reason")
        if isinstance(usage, dict):
            self._reported = cohere_usage(usage) or self._reported
        if reason in FAILED or delta.get("error"):
            raise failed(self._target, reason or "an error", delta.get("error"))
        if not isinstance(reason, str):
            raise MalformedEvent
        self._is_finished = True
        return [
            _chunk(
                {"citations": self._citations} if self._citations else {},
                finish_reason(reason, has_calls=bool(self._calls)),
            )
        ]


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise MalformedEvent
    return value


def _chunk(delta: Json, reason: str | None = None, probabilities: Json | None = None) -> Json:
    choice: Json = {"index": 0, "delta": delta, "finish_reason": reason}
    if probabilities is not None:
        choice["logprobs"] = probabilities
    return {"choices": [choice]}


def _calls_chunk(call: Json) -> Json:
    return _chunk({"tool_calls": [call]})


_HANDLERS: Final[Mapping[object, Callable[[ChatReader, Json], Sequence[Json]]]] = {
    "message-start": ChatReader._message_start,
    "content-start": ChatReader._content,
    "content-delta": ChatReader._content,
    "tool-plan-delta": ChatReader._tool_plan,
    "tool-call-start": ChatReader._call_start,
    "tool-call-delta": ChatReader._call_delta,
    "tool-call-end": ChatReader._call_end,
    "citation-start": ChatReader._citation,
    "message-end": ChatReader._message_end,
}
