"""Cohere's dialect: OpenAI's chat completions and embeddings over the second version of its API."""

from collections.abc import Mapping
from typing import Any

from atom_llm.adapters.providers.cohere.answer import chat_completion
from atom_llm.adapters.providers.cohere.embeddings import embed_request, embedded
from atom_llm.adapters.providers.cohere.request import chat_request, refusal
from atom_llm.adapters.providers.cohere.stream import ChatReader
from atom_llm.adapters.providers.dialect import StreamReader
from atom_llm.domain.providers.exchange import Json, ProviderAnswer, Target, WireRequest


class CohereChat:
    """Implements `Dialect`."""

    def refuses(self, target: Target, body: Mapping[str, Any]) -> str | None:
        """Return the reason why no answer of the shape that is asked for can be had; None where it can."""
        return refusal(target, body)

    def chat(self, target: Target, body: Mapping[str, Any], *, stream: bool) -> WireRequest:
        """Translate a request; a stream tells its usage unasked."""
        return chat_request(target, body, stream=stream)

    def answer(self, target: Target, content: Json) -> ProviderAnswer:
        """Translate the whole answer; `created` is left to the caller, for Cohere does not say it."""
        return chat_completion(target, content)

    def reader(self, target: Target, body: Mapping[str, Any]) -> StreamReader:
        """Return a reader of the stream; what was asked for does not matter to it."""
        return ChatReader(target)

    def embeddings(self, target: Target, body: Mapping[str, Any]) -> WireRequest:
        """Translate a request for embeddings."""
        return embed_request(target, body)

    def embedded(self, target: Target, body: Mapping[str, Any], content: Json) -> ProviderAnswer:
        """Return the embeddings, in the encoding that was asked for."""
        return embedded(target, body, content)
