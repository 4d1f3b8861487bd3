"""The words of the Responses API that whole answers and streams share."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from atom_llm.domain.pricing.usage import Usage, usage_in_responses_words
from atom_llm.domain.providers.exchange import Json
from functions.chat.openai_responses.request import ResponsesRequest
from functions.chat.openai_responses.tools import OfferedTool, custom_input

# OpenAI's finish reason → the reason why a response is incomplete; with any other it is complete.
INCOMPLETE_REASONS: Final[Mapping[str, str]] = {"length": "max_output_tokens", "content_filter": "content_filter"}

# The fields of a request that its response repeats, with what stands there where the request has none.
_REPEATED: Final[Mapping[str, object]] = {
    "instructions": None,
    "max_output_tokens": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "temperature": None,
    "text": {"format": {"type": "text"}},
    "tool_choice": "auto",
    "tools": [],
    "top_p": None,
    "truncation": "disabled",
    "user": None,
    "safety_identifier": None,
    "prompt_cache_key": None,
    "service_tier": None,
}


def begun_response(asked: ResponsesRequest, identity: str, created_at: float, model: str) -> Json:
    """Return a response that is in progress; `model` is the one that answers, `created_at` in seconds."""
    given = asked.given
    repeated = {name: usual if given.get(name) is None else given[name] for name, usual in _REPEATED.items()}
    reasoning = given.get("reasoning") or {}
    return {
        "id": f"resp_{identity}",
        "object": "response",
        "created_at": int(created_at),
        "status": "in_progress",
        "background": False,
        "error": None,
        "incomplete_details": None,
        "model": model,
        "output": [],
        "previous_response_id": None,
        "reasoning": {"effort": reasoning.get("effort"), "summary": reasoning.get("summary")},
        "store": False,
        **repeated,
        "usage": None,
    }


def ended_response(begun: Json, output: Sequence[Json], finish: object, usage: Usage | None) -> Json:
    """Return the response that an answer is, by its finish reason; what it was cut off in is incomplete too."""
    reason = INCOMPLETE_REASONS.get(str(finish))
    return {
        **begun,
        "status": "completed" if reason is None else "incomplete",
        "incomplete_details": None if reason is None else {"reason": reason},
        "output": output,
        "usage": None if usage is None else usage_in_responses_words(usage),
    }


def status_of_last(finish: object) -> str:
    """Return the status of the item with which an answer ends."""
    return "incomplete" if str(finish) in INCOMPLETE_REASONS else "completed"


def text_part(text: str, annotations: Sequence[Json] = (), logprobs: Sequence[Json] = ()) -> Json:
    """Return a part of a message that is a text."""
    return {"type": "output_text", "text": text, "annotations": list(annotations), "logprobs": list(logprobs)}


def refusal_part(text: str) -> Json:
    """Return a part of a message that is a refusal."""
    return {"type": "refusal", "refusal": text}


def message_item(identity: str, parts: Sequence[Json], status: str) -> Json:
    """Return a message of the model's."""
    return {"id": identity, "type": "message", "role": "assistant", "status": status, "content": list(parts)}


def reasoning_item(identity: str, text: str, encrypted: str | None) -> Json:
    """Return a model's thoughts as the summary that clients show, and as what comes back with the conversation."""
    summary = [{"type": "summary_text", "text": text}] if text else []
    return {"id": identity, "type": "reasoning", "summary": summary, "encrypted_content": encrypted}


def call_item(identity: str, call_id: str, tool: OfferedTool, arguments: str, status: str) -> Json:
    """Return a call of a tool by the tool's own name."""
    item: Json = {"id": identity, "type": "function_call", "call_id": call_id, "name": tool.name, "status": status}
    if tool.is_custom:
        item["type"] = "custom_tool_call"
        item["input"] = custom_input(arguments) if arguments else ""
    else:
        item["arguments"] = arguments
    return item if tool.namespace is None else {**item, "namespace": tool.namespace}


def annotations_told(given: Any) -> list[Json]:
    """Return the citations of an answer as the API spells them: their fields are the annotation's own."""
    told = []
    for each in given if isinstance(given, list) else ():
        cited = each.get("url_citation") if isinstance(each, dict) else None
        if isinstance(cited, dict):
            places = {name: cited.get(name) or 0 for name in ("start_index", "end_index")}
            told.append(
                {"type": "url_citation", "url": cited.get("url") or "", "title": cited.get("title") or "", **places}
            )
    return told


def logprobs_told(choice: Mapping[str, Any]) -> list[Json]:
    """Return the log probabilities of a choice's or a chunk's tokens; none where there are none."""
    given = choice.get("logprobs")
    tokens = given.get("content") if isinstance(given, dict) else None
    return [each for each in tokens if isinstance(each, dict)] if isinstance(tokens, list) else []
