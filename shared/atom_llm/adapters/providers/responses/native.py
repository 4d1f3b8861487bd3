"""OpenAI's Responses API for callers who speak it themselves: requests, streams and counts pass as they are."""

import json
from collections.abc import Mapping
from typing import Any, Final

from atom_llm.adapters.providers.dialect import MalformedEvent
from atom_llm.adapters.providers.native import NativeReader, data_of
from atom_llm.adapters.providers.responses.answer import chat_completion
from atom_llm.domain.pricing.reported import ReportedUsage
from atom_llm.domain.providers.exchange import Json, NativeRequest, ProviderAnswer, Target, WireRequest
from atom_llm.domain.providers.failure_reading import error_within
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from atom_llm.domain.providers.held_thoughts import is_held
from atom_llm.domain.providers.reported_usage import responses_usage
from atom_llm.domain.providers.responses_tools import MAX_CALLS, calls_at_most, searches_the_web

MODES: Final = frozenset({"chat", "responses"})
ENCRYPTED: Final = "reasoning.encrypted_content"
# Words in the names of models that chat completions alone have: searching and speaking ones.
_ONLY_CHATS: Final = ("-search-", "audio")
_COUNTED: Final = frozenset(
    {
        *("input", "instructions", "tools", "tool_choice", "parallel_tool_calls", "text", "reasoning", "truncation"),
        *("previous_response_id", "conversation"),
    }
)
_ITEM_DONE: Final = b"response.output_item.done"
_ENDS: Final = frozenset({b"response.completed", b"response.incomplete", b"response.failed", b"error"})


class ResponsesNative:
    """Implements `NativeDialect`."""

    def takes(self, target: Target, native: NativeRequest) -> bool:
        """Return whether a model takes the request as it stands: one that does not reason refuses what is asked of its
        thoughts, and a search that has no price is left out by the translation.
        """
        body = native.body
        if target.mode not in MODES or any(word in target.model for word in _ONLY_CHATS):
            return False
        if searches_the_web(body.get("tools")) and not target.sells_searches:
            return False
        if not target.capabilities or "reasoning" in target.capabilities:
            return True
        return not (body.get("reasoning") or ENCRYPTED in (body.get("include") or ()))

    def request(self, target: Target, native: NativeRequest, limit: int | None) -> WireRequest:
        """Return the request with the provider's name of the model, the output limit that is held for and a bound on
        the calls of OpenAI's tools; thoughts of other providers' models, which OpenAI cannot open, are left out.
        """
        body = _asked(native.body, target)
        if limit is not None:
            body["max_output_tokens"] = limit
        calls = calls_at_most(body)
        if calls is not None:
            body[MAX_CALLS] = calls
        return WireRequest("responses", body)

    def answer(self, target: Target, content: Json) -> ProviderAnswer:
        """Translate a whole answer."""
        return chat_completion(target, content)

    def reader(self, target: Target) -> NativeReader:
        """Return a reader of the stream."""
        return ResponsesEvents(target)

    def count_request(self, target: Target, native: NativeRequest) -> WireRequest:
        """Return the request for a count: the part of the request that is a prompt."""
        body = _asked(native.body, target)
        asked = {name: value for name, value in body.items() if name in _COUNTED or name == "model"}
        return WireRequest("responses/input_tokens", asked)


class ResponsesEvents:
    """Implements `NativeReader`: the events that end a stream are read, and of the others the name alone."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._reported: ReportedUsage | None = None
        self.is_finished = False

    @property
    def is_over(self) -> bool:
        """Return whether the last event has come: it has the stop reason and the usage."""
        return self.is_finished

    @property
    def reported(self) -> ReportedUsage | None:
        """The usage, which the last event has."""
        return self._reported

    def note(self, name: bytes, event: bytes) -> bool:
        """Note an event; pieces of items, and items that are whole, have a part of the answer."""
        if name.endswith(b".delta") or name == _ITEM_DONE:
            return True
        if name and name not in _ENDS:
            return False
        data = data_of(event)
        if data is None:
            return False
        try:
            content = json.loads(data)
            kind = content["type"]
        except (ValueError, RecursionError, KeyError, TypeError):
            raise MalformedEvent from None
        if not isinstance(kind, str):
            raise MalformedEvent
        if not name and kind.encode() not in _ENDS:  # a stream that tells its events in their data alone
            return self.note(kind.encode(), event)
        self.end(kind, content)
        return False

    def end(self, kind: str, content: Json) -> bool:
        """Return whether an event, read already, ends the response; raises as `note` does."""
        if kind.encode() not in _ENDS:
            return False
        provider = self._target.provider.id
        if kind != "error" and not isinstance(content.get("response"), dict):
            raise MalformedEvent
        self._reported = responses_usage(provider, content) or self._reported
        if kind in ("response.completed", "response.incomplete"):
            self.is_finished = True
            return True
        failed = content if kind == "error" else {"error": content["response"].get("error")}
        failure = error_within(provider, failed)
        raise failure or ProviderFailure(FailureKind.TRANSIENT, "the provider broke off with an error")


def _asked(given: Mapping[str, Any], target: Target) -> Json:
    """Return a request for a model, without fields that are null: clients send each that is not set so, and the API's
    schema has null for some alone.
    """
    body = {name: value for name, value in given.items() if value is not None} | {"model": target.model}
    items = body.get("input")
    if isinstance(items, list) and any(map(_is_foreign, items)):
        body["input"] = [item for item in items if not _is_foreign(item)]
    return body


def _is_foreign(item: object) -> bool:
    """Return whether an item is a thought that another provider's model had."""
    if not isinstance(item, dict) or item.get("type") != "reasoning":
        return False
    return is_held(item.get("encrypted_content"))
