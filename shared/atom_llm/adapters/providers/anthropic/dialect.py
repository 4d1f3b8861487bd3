"""Anthropic's dialect: OpenAI's chat completions over its Messages API."""

from collections.abc import Mapping
from typing import Any

from atom_llm.adapters.providers.anthropic.answer import chat_completion
from atom_llm.adapters.providers.anthropic.request import messages_request, refusal
from atom_llm.adapters.providers.anthropic.stream import MessagesReader
from atom_llm.adapters.providers.dialect import StreamReader
from atom_llm.domain.providers.exchange import Json, ProviderAnswer, Target, WireRequest
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure

_NO_EMBEDDINGS = "Anthropic has no embeddings"


class AnthropicMessages:
    """Implements `Dialect`."""

    def refuses(self, target: Target, body: Mapping[str, Any]) -> str | None:
        """Return the reason why no answer of the shape that is asked for can be had; None where it can."""
        return refusal(target, body)

    def chat(self, target: Target, body: Mapping[str, Any], *, stream: bool) -> WireRequest:
        """Translate a request; a stream tells its usage unasked."""
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

    def embedded(self, target: Target, body: Mapping[str, Any], content: Json) -> ProviderAnswer:
        """Raise `ProviderFailure(UNSUPPORTED)`: Anthropic has no embeddings."""
        raise ProviderFailure(FailureKind.UNSUPPORTED, _NO_EMBEDDINGS)
