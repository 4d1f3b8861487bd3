"""Anthropic's messages as OpenAI's chat completions.

Blocks and stop reasons: `platform.claude.com/docs/en/api/messages` and `…/build-with-claude/handling-stop-reasons`.
Thinking has no place in OpenAI's shape: its text is told as `reasoning_content`, and its blocks, with the signatures
that the next turn needs, as `thinking_blocks`; the names are LiteLLM's.
"""

from collections.abc import Mapping
from typing import Any, Final

from atom_llm.adapters.providers.read_message import ReadMessage
from atom_llm.domain.pricing.reported import ReportedUsage
from atom_llm.domain.providers.exchange import Json, ProviderAnswer, Target
from atom_llm.domain.providers.failure_reading import error_within
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from atom_llm.domain.providers.reported_counts import count, inner
from atom_llm.domain.providers.reported_usage import messages_usage

# A paused turn of the server's tools is to be continued: it is not whole.
FINISH_REASONS: Final[Mapping[str, str]] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "pause_turn": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}
PAUSED: Final = "pause_turn"
PAUSED_TURN: Final = "paused_turn"  # the field of a message with the native blocks by which a paused turn is resumed
REFUSED: Final = "The provider's safety system stopped this answer."
# The tier that served → OpenAI's word for it.
_SERVICE_TIERS: Final[Mapping[str, str]] = {"standard": "default", "priority": "priority", "batch": "flex"}


def chat_completion(target: Target, content: Json) -> ProviderAnswer:
    """Translate a whole answer; raises `ProviderFailure` for an error in disguise, or for no message (TRANSIENT)."""
    blocks = content.get("content")
    if content.get("type") != "message" or not isinstance(blocks, list) or content.get("stop_reason") is None:
        failure = error_within(target.provider.id, content)
        raise failure or ProviderFailure(FailureKind.TRANSIENT, "the provider answered with no message")
    message = _Message()
    for block in blocks:
        if isinstance(block, dict):
            message.add(block)
    choice = message.choice(content["stop_reason"], content.get("stop_details"))
    body: Json = {
        "id": content.get("id"),
        "object": "chat.completion",
        "model": content.get("model") or target.model,
        "choices": [choice],
    }
    usage = content.get("usage")
    reported = messages_usage(usage) if isinstance(usage, dict) else None
    if reported is None:
        return ProviderAnswer(body, None)
    body["usage"] = openai_usage(reported)
    tier = reported.raw.get("service_tier")
    if isinstance(tier, str):
        body["service_tier"] = _SERVICE_TIERS.get(tier, tier)
    return ProviderAnswer(body, reported)


def openai_usage(reported: ReportedUsage) -> Json:
    """Return usage in OpenAI's shape, its prompt with cached tokens, and Anthropic's own counts of them beside."""
    usage, prompt = reported.raw, reported.usage.context_tokens
    completion = count(usage.get("output_tokens")) or 0
    read = count(usage.get("cache_read_input_tokens")) or 0
    written = count(usage.get("cache_creation_input_tokens")) or 0
    shaped: Json = {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": read, "cache_write_tokens": written},
        "cache_creation_input_tokens": written,
        "cache_read_input_tokens": read,
    }
    thinking = count(inner(usage, "output_tokens_details").get("thinking_tokens"))
    if thinking is not None:
        shaped["completion_tokens_details"] = {"reasoning_tokens": thinking}
    return shaped


def finish_reason(stop_reason: object, *, has_calls: bool) -> str:
    """Return OpenAI's finish reason for a stop reason; an unknown one ends an answer no less.

    Without a call to carry out there is nothing to go on with: an answer that came as the input of its tool is a text
    like any other, and an agent would loop on `tool_calls` for ever.
    """
    reason = FINISH_REASONS.get(stop_reason, "stop") if isinstance(stop_reason, str) else "stop"
    return "stop" if reason == "tool_calls" and not has_calls else reason


def refusal(stop_reason: object, stop_details: object) -> str | None:
    """Return the text that tells a caller of a refusal; None where there is none."""
    if stop_reason != "refusal":
        return None
    explained = stop_details.get("explanation") if isinstance(stop_details, dict) else None
    return explained if isinstance(explained, str) and explained else REFUSED


def annotation(citation: Mapping[str, Any], start: int, end: int) -> Json | None:
    """Translate a citation of a web page, for the text from `start` to `end`; None for a citation of another source."""
    if citation.get("type") != "web_search_result_location" or not citation.get("url"):
        return None
    cited = {"url": citation["url"], "title": citation.get("title") or "", "start_index": start, "end_index": end}
    return {"type": "url_citation", "url_citation": cited}


class _Message(ReadMessage):
    """An answer's message while its blocks are read; blocks of unknown types are left out, for new ones will come."""

    def __init__(self) -> None:
        super().__init__()
        self._blocks: list[Json] = []

    def add(self, block: Json) -> None:
        self._blocks.append(block)
        kind = block.get("type")
        if kind == "text":
            self._add_text(block)
        elif kind == "tool_use":
            self.add_call(block.get("id"), block.get("name"), block.get("input"))
        elif kind == "thinking":
            self.add_thought(block.get("thinking") or "", block)
        elif kind == "redacted_thinking":
            self.thinking_blocks.append(block)

    def choice(self, stop_reason: object, stop_details: object) -> Json:
        further = {PAUSED_TURN: self._blocks} if stop_reason == PAUSED else {}
        message = self.told(refusal(stop_reason, stop_details), further)
        reason = finish_reason(stop_reason, has_calls=bool(self.calls))
        return {"index": 0, "message": message, "finish_reason": reason, "logprobs": None}

    def _add_text(self, block: Json) -> None:
        text = block.get("text")
        if not isinstance(text, str):
            return
        start = self.length
        self.add_text(text)
        for citation in block.get("citations") or ():
            self.add_citation(citation, annotation(citation, start, self.length))
