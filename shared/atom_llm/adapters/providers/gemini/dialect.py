"""Gemini's dialect: OpenAI's chat completions and embeddings over Google AI Studio's API, version v1beta."""

from collections.abc import Mapping
from typing import Any

from atom_llm.adapters.providers.dialect import StreamReader
from atom_llm.adapters.providers.gemini.answer import chat_completion
from atom_llm.adapters.providers.gemini.embeddings import embed_request, embedded
from atom_llm.adapters.providers.gemini.request import generate_request, refusal
from atom_llm.adapters.providers.gemini.stream import GenerateReader
from atom_llm.domain.providers.exchange import Json, ProviderAnswer, Target, WireRequest


class Gemini:
    """Implements `Dialect`."""

    def refuses(self, target: Target, body: Mapping[str, Any]) -> str | None:
        """Return the reason why no answer of the shape that is asked for can be had; None where it can."""
        return refusal(target, body)

    def chat(self, target: Target, body: Mapping[str, Any], *, stream: bool) -> WireRequest:
        """Translate a request; a stream tells its usage unasked."""
        return generate_request(target, body, stream=stream)

    def answer(self, target: Target, content: Json) -> ProviderAnswer:
        """Translate the whole answer; `created` is left to the caller, for Google does not say it."""
        return chat_completion(target, content)

    def reader(self, target: Target, body: Mapping[str, Any]) -> StreamReader:
        """Return a reader that waits for the end of as many choices as were asked for."""
        return GenerateReader(target, body.get("n") or 1)

    def embeddings(self, target: Target, body: Mapping[str, Any]) -> WireRequest:
        """Translate a request for embeddings."""
        return embed_request(target, body)

    def embedded(self, target: Target, body: Mapping[str, Any], content: Json) -> ProviderAnswer:
        """Return the embeddings, in the encoding that was asked for."""
        return embedded(target, body, content)
