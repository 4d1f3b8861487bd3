"""OpenAI's dialects by its models: chat completions, and the Responses API for those that it alone has."""

from collections.abc import Mapping
from typing import Any, Final

from atom_llm.adapters.providers.dialect import Dialect, StreamReader
from atom_llm.adapters.providers.responses.answer import chat_completion
from atom_llm.adapters.providers.responses.request import responses_request
from atom_llm.adapters.providers.responses.stream import ResponsesReader
from atom_llm.domain.providers.exchange import Json, ProviderAnswer, Target, WireRequest
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure

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

    def refuses(self, target: Target, body: Mapping[str, Any]) -> str | None:
        """Return the reason why no answer of the shape that is asked for can be had; None where it can."""
        if not _has_responses_alone(target):
            return self._chats.refuses(target, body)
        if (body.get("n") or 1) > 1:
            return "n: the Responses API gives one answer a call"
        if "audio" in (body.get("modalities") or ()):
            return f"modalities: {_REFUSED['audio']}"
        return next((f"{name}: {why}" for name, why in _REFUSED.items() if body.get(name)), None)

    def chat(self, target: Target, body: Mapping[str, Any], *, stream: bool) -> WireRequest:
        """Translate a request."""
        if not _has_responses_alone(target):
            return self._chats.chat(target, body, stream=stream)
        refused = self.refuses(target, body)
        if refused is not None:
            raise ProviderFailure(FailureKind.UNSUPPORTED, refused)
        return responses_request(target, body, stream=stream)

    def answer(self, target: Target, content: Json) -> ProviderAnswer:
        """Translate a whole answer."""
        return chat_completion(target, content) if _has_responses_alone(target) else self._chats.answer(target, content)

    def reader(self, target: Target, body: Mapping[str, Any]) -> StreamReader:
        """Return a reader of the stream."""
        return ResponsesReader(target) if _has_responses_alone(target) else self._chats.reader(target, body)

    def embeddings(self, target: Target, body: Mapping[str, Any]) -> WireRequest:
        """Return a request for embeddings."""
        return self._chats.embeddings(target, body)

    def embedded(
        self, target: Target, body: Mapping[str, Any], content: Json, headers: Mapping[str, str]
    ) -> ProviderAnswer:
        """Return embeddings as OpenAI's list."""
        return self._chats.embedded(target, body, content, headers)


def _has_responses_alone(target: Target) -> bool:
    return target.mode == "responses"
