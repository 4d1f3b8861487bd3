"""Whole responses of OpenAI's as answers in the words of chat completions."""

from collections.abc import Mapping
from typing import Any, Final

from atom_llm.domain.pricing.usage import usage_in_openai_words
from atom_llm.domain.providers.exchange import Json, ProviderAnswer, Target
from atom_llm.domain.providers.failure_reading import unreadable
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from atom_llm.domain.providers.held_thoughts import openai_block
from atom_llm.domain.providers.reported_usage import responses_usage

# The reason why a response is incomplete → OpenAI's finish reason.
FINISHES: Final[Mapping[str, str]] = {"max_output_tokens": "length", "content_filter": "content_filter"}


def chat_completion(target: Target, content: Json) -> ProviderAnswer:
    """Translate a response; raises `ProviderFailure` for one that failed, was cancelled or is none."""
    status, output = content.get("status"), content.get("output")
    if status in ("failed", "cancelled"):
        raise ProviderFailure(FailureKind.TRANSIENT, f"the provider's response was {status}", status=200)
    if not isinstance(output, list):
        raise unreadable("the provider's answer has no output")
    message: Json = {"role": "assistant", "content": None}
    texts: list[str] = []
    for item in output:
        if isinstance(item, dict):
            _add(item, message, texts)
    if texts:
        message["content"] = "".join(texts)
    choice: Json = {"index": 0, "message": message, "finish_reason": finish(content, has_calls="tool_calls" in message)}
    if logprobs := _logprobs(output):
        choice["logprobs"] = {"content": logprobs, "refusal": None}
    body: Json = {"object": "chat.completion", "choices": [choice]}
    if isinstance(content.get("service_tier"), str):
        body["service_tier"] = content["service_tier"]
    reported = responses_usage(target.provider.id, content)
    if reported is not None:
        body["usage"] = usage_in_openai_words(reported.usage)
    return ProviderAnswer(body, reported)


def finish(response: Mapping[str, Any], *, has_calls: bool) -> str:
    """Return the finish reason of a response that has ended; an unknown one ends an answer no less."""
    details = response.get("incomplete_details")
    reason = details.get("reason") if isinstance(details, dict) else None
    if response.get("status") == "incomplete":
        return FINISHES.get(str(reason), "length")
    return "tool_calls" if has_calls else "stop"


def tool_call(item: Mapping[str, Any], given: object) -> Json:
    """Return a call of a function, with its arguments, or of a custom tool, with its input."""
    is_custom = item.get("type") == "custom_tool_call"
    called = {"name": item.get("name") or "", arguments_of(item): given if isinstance(given, str) else ""}
    kind = "custom" if is_custom else "function"
    return {"id": item.get("call_id") or item.get("id"), "type": kind, kind: called}


def arguments_of(item: Mapping[str, Any]) -> str:
    """Return the field that a tool is called with."""
    return "input" if item.get("type") == "custom_tool_call" else "arguments"


def url_citation(annotation: Mapping[str, Any]) -> Json:
    """Return a citation as chat completions spell it: its fields stand in an object of their own."""
    kept = {name: annotation.get(name) for name in ("url", "title", "start_index", "end_index")}
    return {"type": "url_citation", "url_citation": kept}


def _add(item: Json, message: Json, texts: list[str]) -> None:
    match item.get("type"):
        case "message":
            for part in item.get("content") or ():
                if isinstance(part, dict):
                    _add_part(part, message, texts)
        case "reasoning":
            told = [part.get("text") for name in ("summary", "content") for part in item.get(name) or ()]
            if (block := openai_block(item)) is not None:
                message.setdefault("thinking_blocks", []).append(block)
            thought = "\n".join(text for text in told if isinstance(text, str))
            if thought:
                message["reasoning_content"] = "\n".join(filter(None, (message.get("reasoning_content"), thought)))
        case "function_call" | "custom_tool_call":
            message.setdefault("tool_calls", []).append(tool_call(item, item.get(arguments_of(item))))


def _add_part(part: Json, message: Json, texts: list[str]) -> None:
    if part.get("type") == "output_text" and isinstance(part.get("text"), str):
        texts.append(part["text"])
        cited = [each for each in part.get("annotations") or () if isinstance(each, dict)]
        found = [url_citation(each) for each in cited if each.get("type") == "url_citation"]
        if found:
            message["annotations"] = [*message.get("annotations", ()), *found]
    elif part.get("type") == "refusal" and isinstance(part.get("refusal"), str):
        message["refusal"] = f"{message.get('refusal') or ''}{part['refusal']}"


def _logprobs(output: list[Any]) -> list[Json]:
    parts = [
        part
        for item in output
        if isinstance(item, dict) and item.get("type") == "message"
        for part in item.get("content") or ()
        if isinstance(part, dict)
    ]
    return [each for part in parts for each in part.get("logprobs") or () if isinstance(each, dict)]
