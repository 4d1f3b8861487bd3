"""Anthropic's dialect: OpenAI's chat completions over its Messages API."""

from collections.abc import Mapping
from typing import Any, Final

from atom_llm.adapters.providers.anthropic.answer import chat_completion
from atom_llm.adapters.providers.anthropic.models import continues_an_answer, forces_tools
from atom_llm.adapters.providers.anthropic.request import messages_request
from atom_llm.adapters.providers.anthropic.stream import MessagesReader
from atom_llm.adapters.providers.anthropic.tools import forces_a_tool
from atom_llm.adapters.providers.dialect import StreamReader
from atom_llm.adapters.providers.request_parts import requested_stops
from atom_llm.domain.providers.exchange import Json, ProviderAnswer, Refusal, Target, WireRequest
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure

_NO_EMBEDDINGS: Final = "Anthropic has no embeddings"

_TEXT_ALONE: Final = "Anthropic's models answer in text alone"
_REFUSED: Final[Mapping[str, str]] = {
    "logprobs": "Anthropic tells no probabilities of tokens",
    "top_logprobs": "Anthropic tells no probabilities of tokens",
    "audio": _TEXT_ALONE,
    "functions": "functions became tools, and Anthropic knows tools alone",
    "function_call": "functions became tools, and Anthropic knows tools alone",
}


class AnthropicMessages:
    """Implements `Dialect`."""

    def refuses(self, target: Target, body: Mapping[str, Any]) -> Refusal | None:
        """Return why no answer of the shape that is asked for can be had; None where it can."""
        if body.get("n") not in (None, 1):
            return Refusal("n", "Anthropic gives one answer to a request")
        if not _REFUSED.keys().isdisjoint(body):
            for name, reason in _REFUSED.items():
                if body.get(name):
                    return Refusal(name, reason)
        modalities = body.get("modalities")
        if isinstance(modalities, list) and "audio" in modalities:
            return Refusal("modalities", _TEXT_ALONE)
        if body.get("web_search_options") is not None and "web_search" not in target.capabilities:
            return Refusal("web_search_options", f"{target.model} does not search the web")
        stop = body.get("stop")
        if stop is not None and any(isinstance(text, str) and not text.strip() for text in requested_stops(stop)):
            return Refusal("stop", "Anthropic stops at no text that is blank")
        if body.get("tool_choice") is not None and not forces_tools(target) and forces_a_tool(body["tool_choice"]):
            return Refusal("tool_choice", f"{target.model} cannot be forced to use a tool")
        if body["messages"][-1].get("role") == "assistant" and not continues_an_answer(target):
            return Refusal("messages", f"{target.model} continues no answer that was begun for it")
        return None

    def chat(self, target: Target, body: Mapping[str, Any], *, stream: bool) -> WireRequest:
        """Translate a request; a stream tells its usage unasked."""
        refused = self.refuses(target, body)
        if refused is not None:
            raise ProviderFailure(FailureKind.UNSUPPORTED, refused.reason, param=refused.field)
        return messages_request(target, body, stream=stream)

    def answer(self, target: Target, content: Json) -> ProviderAnswer:
        """Translate the whole answer; `created` is left to the caller, for Anthropic does not say it."""
        return chat_completion(target, content)

    def reader(self, target: Target, body: Mapping[str, Any]) -> StreamReader:
        """Return a reader of the stream; what was asked for does not matter to it."""
        return MessagesReader(target)

    def embeddings(self, target: Target, body: Mapping[str, Any]) -> WireRequest:
        """Raise `ProviderFailure(UNSUPPORTED)`: Anthropic has no embeddings."""
        raise ProviderFailure(FailureKind.UNSUPPORTED, _NO_EMBEDDINGS)

    def embedded(
        self, target: Target, body: Mapping[str, Any], content: Json, headers: Mapping[str, str]
    ) -> ProviderAnswer:
        """Raise `ProviderFailure(UNSUPPORTED)`: Anthropic has no embeddings."""
        raise ProviderFailure(FailureKind.UNSUPPORTED, _NO_EMBEDDINGS)
