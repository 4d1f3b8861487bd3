"""Gemini's dialect: Google AI Studio's generateContent and its stream (https://ai.google.dev/api/generate-content)."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from atom_llm.adapters.providers.dialect import MalformedEvent
from atom_llm.adapters.providers.embedding_formats import in_wanted_format
from atom_llm.adapters.providers.gemini_request import generate_request, quoted
from atom_llm.domain.chunks import usage_in_openai_words
from atom_llm.domain.errors import InvalidRequest
from atom_llm.domain.exchange import Answer, Event, Json, Reported, Target, WireRequest
from atom_llm.domain.failure_reading import error_within, unreadable
from atom_llm.domain.failures import FailureKind, ProviderFailure
from atom_llm.domain.reported_usage import embeddings_usage, generate_content_usage

PROVIDER: Final = "google"
MAX_CHOICES: Final = 8  # https://ai.google.dev/api/generate-content: candidateCount
MAX_INPUTS: Final = 100  # of one batchEmbedContents

_FINISHES: Final[Mapping[str, str]] = {
    "STOP": "stop",
    "MAX_TOKENS": "length",
    "SAFETY": "content_filter",
    "RECITATION": "content_filter",
    "LANGUAGE": "content_filter",
    "BLOCKLIST": "content_filter",
    "PROHIBITED_CONTENT": "content_filter",
    "SPII": "content_filter",
    "IMAGE_SAFETY": "content_filter",
    "IMAGE_PROHIBITED_CONTENT": "content_filter",
    "IMAGE_RECITATION": "content_filter",
}
# The model broke off in the middle of a call: nothing of it can be used, and asked again it usually succeeds.
_BROKEN: Final = frozenset(
    {"MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "MALFORMED_RESPONSE", "TOO_MANY_TOOL_CALLS"}
)


class Gemini:
    """Implements `Dialect`."""

    def refuses(self, target: Target, body: Mapping[str, Any]) -> str | None:
        """More choices than it gives, or sounds and pictures from a model that makes none."""
        if (body.get("n") or 1) > MAX_CHOICES:
            return f"n: Gemini gives at most {MAX_CHOICES} answers a call"
        if body.get("web_search_options"):
            return "web_search_options: Gemini has nothing like it"
        made = set(body.get("modalities") or ()) - {"text"}
        if made and not {f"{each}_output" for each in made} <= target.capabilities:
            return f"modalities: {target.model} makes no {', '.join(sorted(made))}"
        return None

    def chat(self, target: Target, body: Mapping[str, Any], *, stream: bool) -> WireRequest:
        """The request."""
        return generate_request(target, body, stream=stream)

    def answer(self, target: Target, content: Json) -> Answer:
        """A `chat.completion` of the candidates."""
        _refuse_blocked(content)
        candidates = content.get("candidates")
        if not isinstance(candidates, list) or not candidates:
            raise unreadable("the provider's answer has no candidates")
        reported = generate_content_usage(content)
        body: Json = {"object": "chat.completion", "choices": [_choice(each, content) for each in candidates]}
        if reported is not None:
            body["usage"] = usage_in_openai_words(reported.usage)
        return Answer(body, reported)

    def reader(self, target: Target, body: Mapping[str, Any]) -> "GeminiReader":
        """A reader that counts the candidates that are asked for."""
        return GeminiReader(body.get("n") or 1)

    def embeddings(self, target: Target, body: Mapping[str, Any]) -> WireRequest:
        """A batch, one request a text."""
        inputs = [body["input"]] if isinstance(body["input"], str) else body["input"]
        if not all(isinstance(each, str) for each in inputs):
            raise InvalidRequest("input", "must be texts: Gemini takes no token ids")
        if len(inputs) > MAX_INPUTS:
            raise InvalidRequest("input", f"has more than the {MAX_INPUTS} texts that Gemini takes")
        model = f"models/{target.model}"
        more: Json = {"outputDimensionality": body["dimensions"]} if body.get("dimensions") else {}
        if isinstance(kind := body.get("task_type") or body.get("taskType"), str):
            more["taskType"] = kind
        requests = [{"model": model, "content": {"parts": [{"text": text}]}, **more} for text in inputs]
        dropped = ["user"] if body.get("user") else []
        return WireRequest(f"models/{quoted(target.model)}:batchEmbedContents", {"requests": requests}, dropped=dropped)

    def embedded(self, target: Target, body: Mapping[str, Any], content: Json) -> Answer:
        """OpenAI's list."""
        found = content.get("embeddings")
        if not isinstance(found, list) or not all(isinstance(each, dict) and "values" in each for each in found):
            raise unreadable("the provider's answer has no embeddings")
        data = [
            {"object": "embedding", "index": place, "embedding": in_wanted_format(each["values"], body)}
            for place, each in enumerate(found)
        ]
        reported = embeddings_usage(PROVIDER, content)
        usage = {"usage": usage_in_openai_words(reported.usage)} if reported is not None else {}
        return Answer({"object": "list", "data": data, **usage}, reported)


class GeminiReader:
    """Implements `StreamReader`: every event is a whole answer with what is new; usage is cumulative."""

    def __init__(self, choices: int) -> None:
        self._choices = choices
        self._finished: set[int] = set()
        self._begun: set[int] = set()
        self._calls: dict[int, int] = {}
        self._last: Json | None = None

    def read(self, event: Event) -> Sequence[Json]:
        """A chunk for the candidates of an event."""
        try:
            content = json.loads(event.data)
        except ValueError:
            raise MalformedEvent from None
        if not isinstance(content, dict):
            raise MalformedEvent
        failure = error_within(PROVIDER, content)
        if failure is not None:
            raise failure
        _refuse_blocked(content)
        if "usageMetadata" in content:
            self._last = content
        choices = [self._delta(each, content) for each in content.get("candidates") or () if isinstance(each, dict)]
        return [{"choices": choices}] if choices else ()

    @property
    def is_finished(self) -> bool:
        """Whether so many candidates as were asked for have ended."""
        return len(self._finished) >= self._choices

    @property
    def reported(self) -> Reported | None:
        """By the last event that had usage; final only behind the end, for it grows with each."""
        return generate_content_usage(self._last) if self._last is not None else None

    def _delta(self, candidate: Json, content: Json) -> Json:
        place = candidate.get("index", 0)
        message = _message(candidate, content, first_call=self._calls.get(place, 0))
        calls = message.get("tool_calls") or ()
        for number, call in enumerate(calls, self._calls.get(place, 0)):
            call["index"] = number
        self._calls[place] = self._calls.get(place, 0) + len(calls)
        if message.get("content") is None:
            message.pop("content", None)
        if place in self._begun:
            message.pop("role")
        self._begun.add(place)
        reason = candidate.get("finishReason")
        if not reason:
            return {"index": place, "delta": message, "finish_reason": None}
        self._finished.add(place)
        return {"index": place, "delta": message, "finish_reason": _finish(reason, has_calls=self._calls[place] > 0)}


def _choice(candidate: Json, content: Json) -> Json:
    message = _message(candidate, content)
    reason = candidate.get("finishReason")
    found: Json = {
        "index": candidate.get("index", 0),
        "message": message,
        "finish_reason": _finish(reason, has_calls=bool(message.get("tool_calls"))),
    }
    if isinstance(logprobs := candidate.get("logprobsResult"), dict):
        found["logprobs"] = {"content": _logprobs(logprobs)}
    return found


def _message(candidate: Json, content: Json, first_call: int = 0) -> Json:
    """What a candidate says: texts, thoughts, calls and pictures."""
    texts: list[str] = []
    thoughts: list[str] = []
    calls: list[Json] = []
    images: list[Json] = []
    for part in (candidate.get("content") or {}).get("parts") or ():
        if "functionCall" in part:
            calls.append(_called(part, content, first_call + len(calls)))
        elif "inlineData" in part:
            inline = part["inlineData"]
            url = f"data:{inline.get('mimeType', '')};base64,{inline.get('data', '')}"
            images.append({"type": "image_url", "image_url": {"url": url}})
        elif part.get("text"):
            (thoughts if part.get("thought") else texts).append(part["text"])
    message: Json = {"role": "assistant", "content": "".join(texts) if texts else None}
    if thoughts:
        message["reasoning_content"] = "".join(thoughts)
    if calls:
        message["tool_calls"] = calls
    if images:
        message["images"] = images
    return message


def _called(part: Json, content: Json, number: int) -> Json:
    """A call with an id that is always the same for an answer, where Gemini gives none; its signature goes along, for
    Gemini 3 wants it back."""
    called = part["functionCall"]
    arguments = json.dumps(called.get("args") or {}, ensure_ascii=False)
    call: Json = {
        "id": called.get("id") or f"call_{content.get('responseId', '')[:24]}_{number}",
        "type": "function",
        "function": {"name": called.get("name", ""), "arguments": arguments},
    }
    if "thoughtSignature" in part:
        call["extra_content"] = {"google": {"thought_signature": part["thoughtSignature"]}}
    return call


def _finish(reason: Any, *, has_calls: bool) -> str | None:
    if reason is None:
        return None
    if reason in _BROKEN:
        raise ProviderFailure(FailureKind.TRANSIENT, f"the provider broke off: {reason}", status=200)
    known = _FINISHES.get(str(reason), "stop")
    return "tool_calls" if known == "stop" and has_calls else known


def _refuse_blocked(content: Json) -> None:
    """A prompt that is not answered has a reason and no candidates."""
    feedback = content.get("promptFeedback")
    if isinstance(feedback, dict) and feedback.get("blockReason") and not content.get("candidates"):
        reason = str(feedback.get("blockReason"))
        raise ProviderFailure(FailureKind.CONTENT_FILTER, f"the prompt was blocked: {reason}", status=200)


def _logprobs(result: Json) -> list[Json]:
    tops = result.get("topCandidates") or []
    found = []
    for place, chosen in enumerate(result.get("chosenCandidates") or ()):
        others = (tops[place].get("candidates") or []) if place < len(tops) else []
        found.append({**_token(chosen), "top_logprobs": [_token(each) for each in others]})
    return found


def _token(candidate: Json) -> Json:
    token = str(candidate.get("token", ""))
    return {"token": token, "logprob": candidate.get("logProbability", 0.0), "bytes": list(token.encode())}
