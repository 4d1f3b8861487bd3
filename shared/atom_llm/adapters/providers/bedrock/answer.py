"""Converse's answers as OpenAI's chat completions (botocore's `ConverseResponse`).

Thinking is told as `reasoning_content`, and its blocks, with the signatures that the next turn needs, as
`thinking_blocks` in Anthropic's words, which the other dialects read too.
"""

from collections.abc import Mapping
from typing import Any, Final

from atom_llm.adapters.providers.read_message import ReadMessage
from atom_llm.domain.pricing.usage import usage_in_openai_words
from atom_llm.domain.providers.converse_usage import converse_usage
from atom_llm.domain.providers.exchange import Json, ProviderAnswer, Target
from atom_llm.domain.providers.failure_reading import error_within, unreadable
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure

FINISH_REASONS: Final[Mapping[str, str]] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "tool_use": "tool_calls",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "guardrail_intervened": "content_filter",
    "content_filtered": "content_filter",
}
# The model's output could not be read by Bedrock itself; it was produced, and is billed.
MALFORMED: Final = frozenset({"malformed_model_output", "malformed_tool_use"})
REFUSED: Final = "The provider's safety system stopped this answer."
_SERVER_TOOL: Final = "server_tool_use"  # one that Bedrock runs itself: nothing for the caller to carry out
_SERVICE_TIERS: Final[Mapping[str, str]] = {"reserved": "scale"}


def chat_completion(target: Target, content: Json) -> ProviderAnswer:
    """Translate a whole answer; raises `ProviderFailure` for an error in disguise, or for no message (TRANSIENT)."""
    output, reason = content.get("output"), content.get("stopReason")
    message = output.get("message") if isinstance(output, dict) else None
    if not isinstance(message, dict) or not isinstance(reason, str):
        raise error_within(target.provider.id, content) or unreadable("the provider answered with no message")
    if reason in MALFORMED:
        raise malformed(reason)
    read = _Message()
    blocks = message.get("content")
    for block in blocks if isinstance(blocks, list) else ():
        if isinstance(block, dict):
            read.add(block)
    body: Json = {
        "id": content.get("id"),
        "object": "chat.completion",
        "model": target.model,
        "choices": [read.choice(reason)],
    }
    reported = converse_usage(content)
    if reported is not None:
        body["usage"] = usage_in_openai_words(reported.usage)
    tier = content.get("serviceTier")
    kind = tier.get("type") if isinstance(tier, dict) else None
    if isinstance(kind, str):
        body["service_tier"] = _SERVICE_TIERS.get(kind, kind)
    return ProviderAnswer(body, reported)


def malformed(reason: str) -> ProviderFailure:
    """Return the failure of an answer that Bedrock could not read."""
    return ProviderFailure(FailureKind.TRANSIENT, f"the provider broke off with {reason}", status=200)


def finish_reason(reason: str, *, has_calls: bool) -> str:
    """Return OpenAI's finish reason; an unknown reason ends an answer no less, and so does a call that did not come."""
    known = FINISH_REASONS.get(reason, "stop")
    return "stop" if known == "tool_calls" and not has_calls else known


def annotation(citation: Mapping[str, Any], start: int, end: int) -> Json | None:
    """Translate a citation of a web page, for the text from `start` to `end`; None for one of another source."""
    location = citation.get("location")
    web = location.get("web") if isinstance(location, dict) else None
    if not isinstance(web, dict) or not isinstance(web.get("url"), str):
        return None
    title = citation.get("title") or web.get("domain") or ""
    cited = {"url": web["url"], "title": title, "start_index": start, "end_index": end}
    return {"type": "url_citation", "url_citation": cited}


def thinking_block(text: str, signature: str | None) -> Json:
    """Return thinking as a block in Anthropic's words."""
    return {"type": "thinking", "thinking": text, "signature": signature or ""}


def redacted_block(data: object) -> Json:
    """Return thinking that only the model can read, in Anthropic's words."""
    return {"type": "redacted_thinking", "data": data}


def picture(block: Mapping[str, Any], place: int) -> Json | None:
    """Return a picture of the answer as OpenRouter's and LiteLLM's `images` have it; None where it has no bytes."""
    source = block.get("source")
    data = source.get("bytes") if isinstance(source, dict) else None
    if not isinstance(data, str) or not data:
        return None
    url = f"data:image/{block.get('format') or 'png'};base64,{data}"
    return {"type": "image_url", "index": place, "image_url": {"url": url}}


class _Message(ReadMessage):
    """An answer's message while its blocks are read; blocks of unknown kinds are left out, for new ones will come."""

    def __init__(self) -> None:
        super().__init__()
        self._pictures: list[Json] = []

    def add(self, block: Json) -> None:
        if isinstance(block.get("text"), str):
            self.add_text(block["text"])
        elif isinstance(block.get("toolUse"), dict):
            self._add_use(block["toolUse"])
        elif isinstance(block.get("reasoningContent"), dict):
            self._add_reasoning(block["reasoningContent"])
        elif isinstance(block.get("citationsContent"), dict):
            self._add_cited(block["citationsContent"])
        elif isinstance(block.get("image"), dict):
            shown = picture(block["image"], len(self._pictures))
            self._pictures += [] if shown is None else [shown]

    def choice(self, reason: str) -> Json:
        finish = finish_reason(reason, has_calls=bool(self.calls))
        refusal = self.text or REFUSED if finish == "content_filter" else None
        message = self.told(refusal, {"images": self._pictures} if self._pictures else {})
        return {"index": 0, "message": message, "finish_reason": finish, "logprobs": None}

    def _add_use(self, use: Json) -> None:
        if use.get("type") != _SERVER_TOOL:
            self.add_call(use.get("toolUseId"), use.get("name"), use.get("input"))

    def _add_reasoning(self, thought: Json) -> None:
        text = thought.get("reasoningText")
        if isinstance(text, dict):
            said = str(text.get("text") or "")
            self.add_thought(said, thinking_block(said, text.get("signature")))
        elif thought.get("redactedContent"):
            self.thinking_blocks.append(redacted_block(thought["redactedContent"]))

    def _add_cited(self, cited: Json) -> None:
        start = self.length
        for piece in cited.get("content") or ():
            if isinstance(piece, dict) and isinstance(piece.get("text"), str):
                self.add_text(piece["text"])
        for citation in cited.get("citations") or ():
            if isinstance(citation, dict):
                self.add_citation(citation, annotation(citation, start, self.length))
