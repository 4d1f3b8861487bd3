"""OpenAI's dialects by its models: chat completions, and the Responses API for what it alone has.

That is some models, and tools for those that reason: since GPT-5.4 chat completions refuse both together ("Function
tools with reasoning_effort are not supported … in /v1/chat/completions"), from GPT-5.5 on also where no effort is said.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from atom_llm.adapters.providers.dialect import Dialect, StreamReader
from atom_llm.adapters.providers.responses.answer import chat_completion
from atom_llm.adapters.providers.responses.request import LEAST_OUTPUT, responses_request
from atom_llm.adapters.providers.responses.stream import ResponsesReader
from atom_llm.domain.providers.exchange import Json, ProviderAnswer, Refusal, Target, WireRequest
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure

_GENERATION: Final = re.compile(r"gpt-(\d+)(?:\.(\d+))?")
_NO_EFFORT_WITH_TOOLS: Final = (5, 4)
_NO_REASONING_WITH_TOOLS: Final = (5, 5)
_REFUSED: Final[Mapping[str, str]] = {
    "stop": "the Responses API stops at no text",
    "audio": "the Responses API answers in text alone",
    "functions": "functions became tools, and the Responses API knows tools alone",
    "function_call": "functions became tools, and the Responses API knows tools alone",
    "web_search_options": "the web is searched with a tool of the Responses API, which chat completions cannot name",
}


class OpenAIModels:
    """Implements `Dialect`: each request is asked as its model takes it."""

    def __init__(self, chats: Dialect) -> None:
        """Take the dialect of the models that have chat completions."""
        self._chats = chats

    def refuses(self, target: Target, body: Mapping[str, Any]) -> Refusal | None:
        """Return why no answer of the shape that is asked for can be had; None where it can."""
        return _refused(body) if _has_responses_alone(target) else self._chats.refuses(target, body)

    def chat(self, target: Target, body: Mapping[str, Any], *, stream: bool) -> WireRequest:
        """Translate a request."""
        if not _is_asked_for_a_response(target, body):
            return self._chats.chat(target, body, stream=stream)
        refused = _refused(body)
        if refused is not None:
            raise ProviderFailure(FailureKind.UNSUPPORTED, refused.reason, param=refused.field)
        return responses_request(target, body, stream=stream)

    def answer(self, target: Target, content: Json) -> ProviderAnswer:
        """Translate a whole answer."""
        is_response = _has_responses_alone(target) or content.get("object") == "response"
        return chat_completion(target, content) if is_response else self._chats.answer(target, content)

    def reader(self, target: Target, body: Mapping[str, Any]) -> StreamReader:
        """Return a reader of the stream."""
        if _is_asked_for_a_response(target, body):
            return ResponsesReader(target)
        return self._chats.reader(target, body)

    def embeddings(self, target: Target, body: Mapping[str, Any]) -> WireRequest:
        """Return a request for embeddings."""
        return self._chats.embeddings(target, body)

    def embedded(
        self, target: Target, body: Mapping[str, Any], content: Json, headers: Mapping[str, str]
    ) -> ProviderAnswer:
        """Return embeddings as OpenAI's list."""
        return self._chats.embedded(target, body, content, headers)


def _refused(body: Mapping[str, Any]) -> Refusal | None:
    if (body.get("n") or 1) > 1:
        return Refusal("n", "the Responses API gives one answer a call")
    if "audio" in (body.get("modalities") or ()):
        return Refusal("modalities", _REFUSED["audio"])
    return next((Refusal(name, why) for name, why in _REFUSED.items() if body.get(name)), None)


def _is_asked_for_a_response(target: Target, body: Mapping[str, Any]) -> bool:
    """Return whether the Responses API is asked: it alone can answer, or chat completions would refuse.

    What it has nothing like is left to chat completions, whose own word the caller then hears.
    """
    if _has_responses_alone(target):
        return True
    limit = body.get("max_completion_tokens")
    return _reasons_with_tools(target, body) and _refused(body) is None and (limit is None or limit >= LEAST_OUTPUT)


def _reasons_with_tools(target: Target, body: Mapping[str, Any]) -> bool:
    effort = body.get("reasoning_effort")
    if not body.get("tools") or effort == "none" or "reasoning" not in target.capabilities:
        return False
    found = _GENERATION.match(target.model)
    generation = (int(found[1]), int(found[2] or 0)) if found else (0, 0)
    return generation >= (_NO_REASONING_WITH_TOOLS if effort is None else _NO_EFFORT_WITH_TOOLS)


def _has_responses_alone(target: Target) -> bool:
    return target.mode == "responses"
