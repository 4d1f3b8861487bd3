"""Whole answers of models that answer only as streams: asked as a stream, and put together from its chunks."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from atom_llm.domain.pricing.usage import usage_in_openai_words
from atom_llm.domain.providers.exchange import Json, ProviderAnswer
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from atom_llm.ports.providers import ProviderStream, TimeLimits

USAGE_S: Final = 2.0  # for the usage behind the finish reason
_TEXTS: Final = ("content", "reasoning_content", "refusal")
_LISTS: Final = ("thinking_blocks", "annotations", "citations", "paused_turn")

# Alibaba: "This model only support stream mode, please enable the stream parameter to access the model." and
# "parameter.enable_thinking must be set to false for non-streaming calls"
_ONLY_STREAMS: Final = re.compile(
    r"only supports? (?:the )?stream|for non-?stream(?:ing)? (?:calls|requests)"
    r"|non-?stream(?:ing)?\b.{0,40}\bnot supported|does(?:n't| not) support non-?stream|requires? stream(?:ing)?\b",
    re.IGNORECASE,
)


def wants_a_stream(failure: ProviderFailure) -> bool:
    """Return whether a provider refused a whole answer because the model gives it only as a stream."""
    return _ONLY_STREAMS.search(failure.message) is not None


async def assembled(opening: Callable[[TimeLimits], Awaitable[ProviderStream]], limits: TimeLimits) -> ProviderAnswer:
    """Return the whole answer of a stream that is opened here; `limits.first_byte_s` is to the answer's end.

    Raises `ProviderFailure` with the usage that was reported until then; a stream that broke is TRANSIENT, for nothing
    of it has reached anybody.
    """
    clock = asyncio.get_running_loop().time
    until = clock() + limits.first_byte_s
    stream = await opening(limits)
    message = _Completion()
    try:
        while not (stream.is_finished and stream.reported is not None):
            left_s = min(limits.idle_s, until - clock())
            chunks = await stream.next(min(left_s, USAGE_S) if stream.is_finished else left_s)
            if chunks is None:
                break
            for chunk in chunks:
                message.add(chunk)
    except ProviderFailure as failure:
        if not stream.is_finished:
            failure.reported = stream.reported
            if failure.kind is FailureKind.CUT:
                failure.kind, failure.was_begun = FailureKind.TRANSIENT, True
            raise
    finally:
        await stream.close()
    if not stream.is_finished:
        raise ProviderFailure(
            FailureKind.TRANSIENT,
            "the provider's stream ended before its answer did",
            status=200,
            reported=stream.reported,
            was_begun=True,
        )
    reported = stream.reported
    body = message.whole()
    if reported is not None:
        body["usage"] = usage_in_openai_words(reported.usage)
    return ProviderAnswer(body, reported, stream.dropped)


class _Completion:
    """A `chat.completion` while its chunks come."""

    def __init__(self) -> None:
        self._choices: dict[int, Json] = {}
        self._calls: dict[int, dict[int, Json]] = {}
        self._beside: Json = {}

    def add(self, chunk: Mapping[str, Any]) -> None:
        self._beside |= {name: value for name, value in chunk.items() if name not in ("choices", "object", "usage")}
        for choice in chunk["choices"]:
            index = choice.get("index", 0)
            whole = self._choices.setdefault(
                index,
                {"index": index, "message": {"role": "assistant", "content": None}, "finish_reason": None},
            )
            self._add_delta(index, whole["message"], choice.get("delta") or {})
            if choice.get("logprobs"):
                _add_logprobs(whole, choice["logprobs"])
            whole["finish_reason"] = choice.get("finish_reason") or whole["finish_reason"]

    def whole(self) -> Json:
        for index, calls in self._calls.items():
            self._choices[index]["message"]["tool_calls"] = [calls[place] for place in sorted(calls)]
        choices = [self._choices[index] for index in sorted(self._choices)]
        return {**self._beside, "object": "chat.completion", "choices": choices}

    def _add_delta(self, index: int, message: Json, delta: Json) -> None:
        for name, value in delta.items():
            if name in _TEXTS and isinstance(value, str):
                message[name] = (message.get(name) or "") + value
            elif name in _LISTS and isinstance(value, list):
                message[name] = [*message.get(name, ()), *map(_unplaced, value)]
            elif name == "tool_calls":
                for call in value or ():
                    self._add_call(self._calls.setdefault(index, {}), call)
            elif name not in ("role", *_TEXTS):
                message[name] = value

    @staticmethod
    def _add_call(calls: dict[int, Json], piece: Json) -> None:
        call = calls.setdefault(
            piece.get("index", 0), {"id": None, "type": "function", "function": {"name": "", "arguments": ""}}
        )
        function = piece.get("function") or {}
        call["id"] = call["id"] or piece.get("id")
        call["function"]["name"] = call["function"]["name"] or function.get("name") or ""
        call["function"]["arguments"] += function.get("arguments") or ""


def _unplaced(block: object) -> object:
    """Return a block without the place by which clients put the pieces of a list together."""
    if isinstance(block, dict):
        return {name: value for name, value in block.items() if name != "index"}
    return block


def _add_logprobs(choice: Json, piece: Mapping[str, Any]) -> None:
    there = choice.setdefault("logprobs", {})
    for name, value in piece.items():
        there[name] = [*(there.get(name) or ()), *value] if isinstance(value, list) else value
