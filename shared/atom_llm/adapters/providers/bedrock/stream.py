"""ConverseStream's events as OpenAI's chunks (botocore's `ConverseStreamOutput`).

New kinds of events, blocks and deltas may come; they are passed over.
"""

from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from atom_llm.adapters.providers.anthropic.tools import ANSWER_TOOL
from atom_llm.adapters.providers.bedrock.answer import (
    MALFORMED,
    REFUSED,
    annotation,
    finish_reason,
    malformed,
    picture,
    redacted_block,
    thinking_block,
)
from atom_llm.adapters.providers.dialect import MalformedEvent, event_content
from atom_llm.domain.pricing.reported import ReportedUsage
from atom_llm.domain.providers.converse_usage import converse_usage
from atom_llm.domain.providers.error_body import told
from atom_llm.domain.providers.exchange import Json, ServerSentEvent, Target
from atom_llm.domain.providers.failure_rules import kind_of
from atom_llm.domain.providers.failures import ProviderFailure

_NOTHING: Final[Sequence[Json]] = ()
_ANSWER: Final = -1  # instead of a call's index: the block's JSON is the answer's content
# The statuses that a stream's exceptions have where they are answers (botocore's `error.httpStatusCode`).
EXCEPTIONS: Final[Mapping[str, int]] = {
    "internalServerException": 500,
    "modelStreamErrorException": 424,
    "modelTimeoutException": 408,
    "serviceUnavailableException": 503,
    "throttlingException": 429,
    "validationException": 400,
}


class ConverseReader:
    """Implements `StreamReader`."""

    def __init__(self, target: Target) -> None:
        """Begin to read one stream of a model's."""
        self._target = target
        self._reported: ReportedUsage | None = None
        self._is_finished = False
        self._calls: dict[int, int] = {}  # index of the block → index of the call
        self._silent: set[int] = set()  # blocks of calls of which no JSON has come yet
        self._passed_over: set[int] = set()  # blocks of tools that Bedrock runs itself, and of their results
        self._thoughts: dict[int, Json] = {}  # blocks of thinking that are under way
        self._thinking_blocks = 0
        self._length = 0  # characters of content until now
        self._starts: dict[int, int] = {}  # index of the block → where its text begins
        self._cited: dict[int, list[Json]] = {}
        self._annotations: list[Json] = []
        self._citations: list[Json] = []
        self._pictures: list[Json] = []

    @property
    def is_finished(self) -> bool:
        """Return whether the answer's stop reason has come."""
        return self._is_finished

    @property
    def reported(self) -> ReportedUsage | None:
        """The usage, which comes behind the stop reason."""
        return self._reported

    def read(self, event: ServerSentEvent) -> Sequence[Json]:
        """Return the chunks that an event becomes; raises `MalformedEvent`, and `ProviderFailure` for an error."""
        if event.name is not None and (event.name in EXCEPTIONS or event.name.lower().endswith(("exception", "error"))):
            raise self._failure(event)
        handler = _HANDLERS.get(event.name or "")
        if handler is None:
            return _NOTHING
        data = event_content(event)
        try:
            return handler(self, data)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise MalformedEvent from None

    def _failure(self, event: ServerSentEvent) -> ProviderFailure:
        try:
            content = event_content(event)
        except MalformedEvent:
            content = {}
        said = told(content)
        status = EXCEPTIONS.get(event.name or "", 500)
        sentence = said.sentence or f"the provider broke off with {event.name}"
        kind = kind_of(self._target.provider.id, status, said)
        return ProviderFailure(kind, sentence, status=status, provider_code=event.name)

    def _message_start(self, data: Json) -> Sequence[Json]:
        return [_chunk({"role": "assistant", "content": ""})]

    def _block_start(self, data: Json) -> Sequence[Json]:
        start, place = data["start"], data["contentBlockIndex"]
        use = start.get("toolUse")
        if use is None:
            if "toolResult" in start:
                self._passed_over.add(place)
            elif "image" in start:
                self._pictures.append({"format": start["image"].get("format"), "place": place, "data": []})
            return _NOTHING
        if use.get("type") == "server_tool_use":
            self._passed_over.add(place)
            return _NOTHING
        if use["name"] == ANSWER_TOOL:
            if _ANSWER in self._calls.values():
                self._passed_over.add(place)  # one answer is the content; a second one after it would be no JSON
                return _NOTHING
            self._calls[place] = _ANSWER
            self._silent.add(place)
            return _NOTHING
        index = self._calls[place] = sum(call != _ANSWER for call in self._calls.values())
        self._silent.add(place)
        function = {"name": use["name"], "arguments": ""}
        call = {"index": index, "id": use["toolUseId"], "type": "function", "function": function}
        return [_chunk({"tool_calls": [call]})]

    def _block_delta(self, data: Json) -> Sequence[Json]:
        delta, place = data["delta"], data["contentBlockIndex"]
        if place in self._passed_over:
            return _NOTHING
        if "text" in delta:
            return self._content(delta["text"], place)
        if "toolUse" in delta:
            return self._json(delta["toolUse"].get("input"), place)
        if "reasoningContent" in delta:
            return self._thought(delta["reasoningContent"], place)
        if "citation" in delta:
            self._cited.setdefault(place, []).append(delta["citation"])
        elif "image" in delta:
            self._picture(delta["image"], place)
        return _NOTHING

    def _content(self, text: object, place: int) -> Sequence[Json]:
        if not isinstance(text, str):
            raise MalformedEvent
        self._starts.setdefault(place, self._length)
        if not text:
            return _NOTHING
        self._length += len(text)
        return [_chunk({"content": text})]

    def _json(self, piece: object, place: int) -> Sequence[Json]:
        call = self._calls.get(place)
        if call is None or not piece:
            return _NOTHING
        if not isinstance(piece, str):
            raise MalformedEvent
        self._silent.discard(place)
        if call == _ANSWER:
            return self._content(piece, place)
        return [_chunk({"tool_calls": [{"index": call, "function": {"arguments": piece}}]})]

    def _thought(self, delta: Json, place: int) -> Sequence[Json]:
        block = self._thoughts.setdefault(place, thinking_block("", None))
        if delta.get("redactedContent"):
            self._thoughts[place] = redacted_block(_joined([block.get("data", ""), delta["redactedContent"]]))
            return _NOTHING
        block["signature"] += delta.get("signature") or ""
        text = delta.get("text") or ""
        block["thinking"] += text
        return [_chunk({"reasoning_content": text})] if text else _NOTHING

    def _picture(self, delta: Json, place: int) -> None:
        under_way = next((each for each in self._pictures if each["place"] == place), None)
        data = (delta.get("source") or {}).get("bytes")
        if under_way is not None and isinstance(data, str):
            under_way["data"].append(data)

    def _block_stop(self, data: Json) -> Sequence[Json]:
        place = data["contentBlockIndex"]
        if place in self._silent:
            return self._json("{}", place)  # a call without input is still one with JSON
        block = self._thoughts.pop(place, None)
        if block is not None:
            # Whole, and with a place: clients put lists together by it.
            index, self._thinking_blocks = self._thinking_blocks, self._thinking_blocks + 1
            return [_chunk({"thinking_blocks": [{"index": index, **block}]})]
        for citation in self._cited.pop(place, ()):
            found = annotation(citation, self._starts.get(place, self._length), self._length)
            (self._citations if found is None else self._annotations).append(found or citation)
        return _NOTHING

    def _message_stop(self, data: Json) -> Sequence[Json]:
        reason = data["stopReason"]
        if reason in MALFORMED:
            raise malformed(reason)
        self._is_finished = True
        finish = finish_reason(reason, has_calls=any(call != _ANSWER for call in self._calls.values()))
        last: Json = {"refusal": REFUSED} if finish == "content_filter" else {}
        shown = [
            picture({"format": each["format"], "source": {"bytes": _joined(each["data"])}}, place)
            for place, each in enumerate(self._pictures)
        ]
        for name, value in (
            ("annotations", self._annotations),
            ("citations", self._citations),
            ("images", [each for each in shown if each is not None]),
        ):
            if value:
                last[name] = value
        return [_chunk(last, finish)]

    def _metadata(self, data: Json) -> Sequence[Json]:
        self._reported = converse_usage(data) or self._reported
        return _NOTHING


def _joined(pieces: Sequence[str]) -> str:
    """Return the base64 of what pieces in base64 hold together."""
    return b64encode(b"".join(b64decode(piece) for piece in pieces)).decode()


def _chunk(delta: Json, reason: str | None = None) -> Json:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}


_HANDLERS: Final[Mapping[str, Callable[[ConverseReader, Json], Sequence[Json]]]] = {
    "messageStart": ConverseReader._message_start,
    "contentBlockStart": ConverseReader._block_start,
    "contentBlockDelta": ConverseReader._block_delta,
    "contentBlockStop": ConverseReader._block_stop,
    "messageStop": ConverseReader._message_stop,
    "metadata": ConverseReader._metadata,
}
