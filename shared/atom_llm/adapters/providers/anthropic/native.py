"""Anthropic's Messages API for callers who speak it themselves: requests, streams and counts pass as they are."""

import json
from collections.abc import Mapping
from typing import Any, Final

from atom_llm.adapters.providers.anthropic.answer import chat_completion
from atom_llm.adapters.providers.anthropic.models import adapts_thinking, takes_sampling, takes_system_anywhere
from atom_llm.adapters.providers.anthropic.request import VERSION
from atom_llm.adapters.providers.dialect import MalformedEvent
from atom_llm.adapters.providers.native import NativeReader, data_of
from atom_llm.domain.pricing.reported import ReportedUsage
from atom_llm.domain.providers.exchange import UNSIGNED, Json, NativeRequest, ProviderAnswer, Target, WireRequest
from atom_llm.domain.providers.failure_reading import error_within
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from atom_llm.domain.providers.held_thoughts import is_held
from atom_llm.domain.providers.reported_usage import messages_usage
from atom_llm.domain.providers.server_tools import bounds_of

_DELTA: Final = b"content_block_delta"
_BOOKKEEPING: Final = frozenset({b"content_block_stop", b"ping"})


class AnthropicNative:
    """Implements `NativeDialect`."""

    def takes(self, target: Target, native: NativeRequest) -> bool:
        """Return whether a model's generation takes thinking and instructions as they stand in the request.

        A model that the catalogue knows nothing of takes everything: its own word counts.
        """
        body = native.body
        if not target.capabilities:
            return True
        thinking = _kind(body.get("thinking"))
        if thinking == "adaptive" and not adapts_thinking(target):
            return False
        if thinking == "enabled" and not takes_sampling(target):  # a budget went with it
            return False
        config = body.get("output_config")
        if isinstance(config, dict) and config.get("effort") is not None and not adapts_thinking(target):
            return False
        speaks_amid = any(each.get("role") == "system" for each in body["messages"])
        return not speaks_amid or takes_system_anywhere(target)

    def request(self, target: Target, native: NativeRequest, limit: int | None) -> WireRequest:
        """Return the request with the provider's name of the model, bounded server tools, and an output limit that the
        model has; thinking of other providers' models, which nobody signed, is left out.
        """
        body = {**native.body, "model": target.model, "messages": _signed(native.body["messages"])}
        dropped = []
        most = target.max_output_tokens
        if most is not None and body["max_tokens"] > most:
            body["max_tokens"] = most
            dropped.append("max_tokens")
        if isinstance(body.get("tools"), list):
            body["tools"] = [{**tool, **bounds_of(tool)} for tool in body["tools"]]
        return WireRequest("messages", body, {"anthropic-version": VERSION, **native.headers}, tuple(dropped))

    def answer(self, target: Target, content: Json) -> ProviderAnswer:
        """Translate a whole answer."""
        return chat_completion(target, content)

    def reader(self, target: Target) -> NativeReader:
        """Return a reader of the stream."""
        return MessagesEvents(target)

    def count_request(self, target: Target, native: NativeRequest) -> WireRequest:
        """Return the request for a count, as it was given but for the model's name."""
        body = {**native.body, "model": target.model, "messages": _signed(native.body["messages"])}
        return WireRequest("messages/count_tokens", body, {"anthropic-version": VERSION, **native.headers})


class MessagesEvents:
    """Implements `NativeReader`: usage, the stop reason and errors are read, and nothing else."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._usage: Json = {}
        self.is_finished = False
        self.is_over = False

    @property
    def reported(self) -> ReportedUsage | None:
        """The first event's usage, with later counts in place of its own."""
        return messages_usage(self._usage) if self._usage else None

    def note(self, name: bytes, event: bytes) -> bool:
        """Note an event; only pieces of blocks have a part of the answer."""
        if name == _DELTA:
            return True
        if name in _BOOKKEEPING:
            return False
        data = data_of(event)
        if data is None:
            return False
        try:
            content = json.loads(data)
            kind = content["type"]
            match kind:
                case "message_start":
                    self._add_usage(content["message"].get("usage"))
                case "message_delta":
                    self._add_usage(content.get("usage"))
                    self.is_finished = self.is_finished or content["delta"].get("stop_reason") is not None
                case "message_stop":
                    self.is_over = self.is_finished
        except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
            raise MalformedEvent from None
        if kind == "error":
            failure = error_within(self._target.provider.id, content)
            raise failure or ProviderFailure(FailureKind.TRANSIENT, "the provider broke off with an error")
        return bool(kind == "content_block_delta")

    def _add_usage(self, usage: object) -> None:
        """Replace earlier counts by later ones; one that is left out, or null, stands as it was."""
        if isinstance(usage, dict):
            self._usage |= {name: value for name, value in usage.items() if value is not None}


def _kind(value: object) -> object:
    return value.get("type") if isinstance(value, dict) else None


def _signed(messages: list[Any]) -> list[Any]:
    """Return the messages without the thinking that Anthropic did not sign: it takes none back."""
    return [_with_signed_blocks(message) if message.get("role") == "assistant" else message for message in messages]


def _is_foreign(block: object) -> bool:
    """Return whether a block is a thought that another provider's model had."""
    if not isinstance(block, dict):
        return False
    if block.get("type") == "thinking":
        return block.get("signature") in ("", UNSIGNED) or is_held(block.get("signature"))
    return block.get("type") == "redacted_thinking" and is_held(block.get("data"))


def _with_signed_blocks(message: Mapping[str, Any]) -> Mapping[str, Any]:
    content = message.get("content")
    if not isinstance(content, list):
        return message
    kept = [block for block in content if not _is_foreign(block)]
    return message if len(kept) == len(content) else {**message, "content": kept}
