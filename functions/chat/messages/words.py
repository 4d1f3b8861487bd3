"""The words of Anthropic's messages that whole answers and streams share."""

import re
from collections.abc import Mapping
from typing import Final

from atom_llm.domain.pricing.usage import Usage, usage_in_anthropic_words
from atom_llm.domain.providers.exchange import Json
from atom_llm.domain.providers.held_thoughts import held
from functions.chat.signatures import GOOGLE

# OpenAI's finish reason → Anthropic's stop reason. Which stop sequence was met, others do not tell.
STOP_REASONS: Final[Mapping[str, str]] = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "function_call": "tool_use",
    "content_filter": "refusal",
}
_NO_ID_CHARACTER: Final = re.compile(r"[^a-zA-Z0-9_-]")  # of the API's pattern for the ids of tool uses


def stop_reason(finish: object, *, has_calls: bool) -> str:
    """Return the stop reason for a finish reason; an unknown one ends an answer no less.

    An answer with calls waits for their results, also where OpenAI says `stop` because a call was forced.
    """
    reason = STOP_REASONS.get(str(finish), "end_turn")
    return "tool_use" if has_calls and reason == "end_turn" else reason


def tool_use_id(given: object, call_id: str, place: int) -> str:
    """Return a call's id as the API takes it, also back in a later turn; one of ours where the provider gave none."""
    return _NO_ID_CHARACTER.sub("_", given) if isinstance(given, str) and given else f"toolu_{call_id}_{place}"


def held_signatures(signatures: Json) -> Json:
    """Return Google's signatures as a block that shows nothing, and that callers bring back as it is."""
    return {"type": "redacted_thinking", "data": held({GOOGLE: signatures})}


def usage_told(usage: Usage | None, prompt_tokens: int) -> Json:
    """Return usage in Anthropic's words; where the provider counted none, the estimate of the prompt."""
    if usage is not None:
        return usage_in_anthropic_words(usage)
    return {
        "input_tokens": prompt_tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "output_tokens": 0,
    }


def begun_message(call_id: str, model: str) -> Json:
    """Return a message without content yet; `model` is the one that answers, as `provider/model`."""
    return {
        "id": f"msg_{call_id}",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
    }
