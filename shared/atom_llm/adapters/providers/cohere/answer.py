"""Cohere's answers as OpenAI's chat completions, `docs.cohere.com/reference/chat`.

The plan that a model makes before it calls tools is told as content: so it comes back with the next request of a client
that knows nothing of plans, and is Cohere's plan again there; LiteLLM leaves it out. Thoughts are `reasoning_content`.
"""

from collections.abc import Mapping
from typing import Any, Final

from atom_llm.domain.pricing.usage import usage_in_openai_words
from atom_llm.domain.providers.exchange import Json, ProviderAnswer, Target
from atom_llm.domain.providers.failure_reading import error_within
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from atom_llm.domain.providers.reported_usage import cohere_usage

FINISH_REASONS: Final[Mapping[str, str]] = {
    "COMPLETE": "stop",
    "STOP_SEQUENCE": "stop",
    "MAX_TOKENS": "length",
    "TOOL_CALL": "tool_calls",
    "ERROR_LIMIT": "length",  # the last two are of the first version's, and have not been seen in the second
    "ERROR_TOXIC": "content_filter",
}
FAILED: Final = frozenset({"ERROR", "TIMEOUT", "USER_CANCEL"})


def chat_completion(target: Target, content: Json) -> ProviderAnswer:
    """Translate a whole answer; raises `ProviderFailure` for an error in disguise, or for no message (TRANSIENT)."""
    message, reason = content.get("message"), content.get("finish_reason")
    if not isinstance(message, dict) or not isinstance(reason, str):
        failure = error_within(target.provider.id, content)
        raise failure or ProviderFailure(FailureKind.TRANSIENT, "the provider answered with no message")
    if reason in FAILED:
        raise failed(target, reason, content.get("error"))
    choice: Json = {
        "index": 0,
        "message": _message(message),
        "finish_reason": finish_reason(reason, has_calls=bool(message.get("tool_calls"))),
    }
    choice["logprobs"] = logprobs(content.get("logprobs"))
    body: Json = {
        "id": content.get("id"),
        "object": "chat.completion",
        "model": target.model,
        "choices": [choice],
    }
    usage = content.get("usage")
    reported = cohere_usage(usage) if isinstance(usage, dict) else None
    if reported is not None:
        body["usage"] = usage_in_openai_words(reported.usage)
    return ProviderAnswer(body, reported)


def finish_reason(reason: str, *, has_calls: bool) -> str:
    """Return OpenAI's finish reason; an unknown reason ends an answer no less, and so does a call that did not come."""
    known = FINISH_REASONS.get(reason, "stop")
    return "stop" if known == "tool_calls" and not has_calls else known


def failed(target: Target, reason: str, error: object) -> ProviderFailure:
    """Return the failure of an answer that the provider broke off, in the provider's words."""
    said = error_within(target.provider.id, {"message": error}) if isinstance(error, str) and error else None
    return said or ProviderFailure(FailureKind.TRANSIENT, f"the provider broke off with {reason}")


def logprobs(given: object) -> Json | None:
    """Translate probabilities.

    An item of Cohere's may be several tokens, which it tells apart by number alone: their text is one entry, with the
    probability of all of them.
    """
    items = given if isinstance(given, list) else [given]
    entries = []
    for item in items:
        if not isinstance(item, dict) or not isinstance(item.get("text"), str):
            continue
        each = item.get("logprobs")
        if isinstance(each, list) and each and all(isinstance(value, int | float) for value in each):
            text = item["text"]
            entry = {"token": text, "logprob": sum(each), "bytes": list(text.encode("utf-8", "replace"))}
            entries.append({**entry, "top_logprobs": []})
    return {"content": entries, "refusal": None} if entries else None


def arguments(given: object) -> str:
    """Return a call's arguments; a tool without parameters is sometimes called with nothing, or with `null`."""
    return "{}" if not isinstance(given, str) or given.strip() in ("", "null") else given


def _message(given: Mapping[str, Any]) -> Json:
    texts, thoughts = [], []
    blocks = given.get("content")
    for block in blocks if isinstance(blocks, list) else ():
        if isinstance(block, dict) and isinstance(block.get("text"), str):
            texts.append(block["text"])
        elif isinstance(block, dict) and isinstance(block.get("thinking"), str):
            thoughts.append(block["thinking"])
    plan = given.get("tool_plan")
    if isinstance(plan, str):
        texts.insert(0, plan)  # as in a stream, where it comes first
    called = given.get("tool_calls")
    calls = [_call(call) for call in called if isinstance(call, dict)] if isinstance(called, list) else []
    text = "".join(texts)
    message: Json = {"role": "assistant", "content": text if text or not calls else None, "refusal": None}
    if calls:
        message["tool_calls"] = calls
    if thoughts:
        message["reasoning_content"] = "".join(thoughts)
    if given.get("citations"):
        message["citations"] = given["citations"]
    return message


def _call(given: Mapping[str, Any]) -> Json:
    function = given.get("function")
    called = function if isinstance(function, dict) else {}
    return {
        "id": given.get("id"),
        "type": "function",
        "function": {"name": called.get("name"), "arguments": arguments(called.get("arguments"))},
    }
