"""Bedrock's dialect: OpenAI's chat completions over Converse, and embeddings over InvokeModel."""

from collections.abc import Mapping
from typing import Any, Final

from atom_llm.adapters.providers.bedrock.answer import chat_completion
from atom_llm.adapters.providers.bedrock.embeddings import invoke_request, invoked
from atom_llm.adapters.providers.bedrock.request import converse_request
from atom_llm.adapters.providers.bedrock.stream import ConverseReader
from atom_llm.adapters.providers.dialect import StreamReader
from atom_llm.domain.providers.exchange import Json, ProviderAnswer, Refusal, Target, WireRequest
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure

_REFUSED: Final[Mapping[str, str]] = {
    "logprobs": "Converse tells no probabilities of tokens",
    "top_logprobs": "Converse tells no probabilities of tokens",
    "audio": "Converse answers with no sound",
    "functions": "functions became tools, and Converse knows tools alone",
    "function_call": "functions became tools, and Converse knows tools alone",
    "web_search_options": "Converse does not search the web",
    "promptVariables": "promptVariables fill a prompt of Bedrock's prompt management, which is not called",
}
_OPTIMIZED: Final = "optimized latency has prices of its own, which no price list has"


class BedrockConverse:
    """Implements `Dialect`."""

    def refuses(self, target: Target, body: Mapping[str, Any]) -> Refusal | None:
        """Return why no answer of the shape that is asked for can be had; None where it can."""
        if body.get("n") not in (None, 1):
            return Refusal("n", "Converse gives one answer to a request")
        if not _REFUSED.keys().isdisjoint(body):
            return next((Refusal(name, reason) for name, reason in _REFUSED.items() if body.get(name)), None)
        if body.get("performanceConfig") not in (None, {}, {"latency": "standard"}):
            return Refusal("performanceConfig", _OPTIMIZED)
        return None

    def chat(self, target: Target, body: Mapping[str, Any], *, stream: bool) -> WireRequest:
        """Translate a request; a stream tells its usage unasked."""
        refused = self.refuses(target, body)
        if refused is not None:
            raise ProviderFailure(FailureKind.UNSUPPORTED, refused.reason, param=refused.field)
        return converse_request(target, body, stream=stream)

    def answer(self, target: Target, content: Json) -> ProviderAnswer:
        """Translate the whole answer; `created` is left to the caller, for Bedrock does not say it."""
        return chat_completion(target, content)

    def reader(self, target: Target, body: Mapping[str, Any]) -> StreamReader:
        """Return a reader of the stream; what was asked for does not matter to it."""
        return ConverseReader(target)

    def embeddings(self, target: Target, body: Mapping[str, Any]) -> WireRequest:
        """Translate a request for embeddings to InvokeModel, in the words of the model's maker."""
        return invoke_request(target, body)

    def embedded(
        self, target: Target, body: Mapping[str, Any], content: Json, headers: Mapping[str, str]
    ) -> ProviderAnswer:
        """Return the embeddings, in the encoding that was asked for."""
        return invoked(target, body, content, headers)
