"""Cohere's dialect: OpenAI's chat completions and embeddings over the second version of its API."""

from collections.abc import Mapping
from typing import Any, Final

from atom_llm.adapters.providers.cohere.answer import chat_completion
from atom_llm.adapters.providers.cohere.embeddings import embed_request, embedded
from atom_llm.adapters.providers.cohere.request import chat_request
from atom_llm.adapters.providers.cohere.stream import ChatReader
from atom_llm.adapters.providers.cohere.tools import cohere_choice
from atom_llm.adapters.providers.dialect import StreamReader
from atom_llm.adapters.providers.request_parts import asks_for_json, requested_tool_choice
from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.exchange import Json, ProviderAnswer, Refusal, Target, WireRequest
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure

MAX_STOPS: Final = 5  # the API's own
_TEXT_ALONE: Final = "Cohere's models answer in text alone"
_REFUSED: Final[Mapping[str, str]] = {
    "top_logprobs": "Cohere tells the probabilities of the tokens that it chose, and of no others",
    "audio": _TEXT_ALONE,
    "functions": "functions became tools, and Cohere knows tools alone",
    "function_call": "functions became tools, and Cohere knows tools alone",
    "web_search_options": "Cohere's models do not search the web",
}


class CohereChat:
    """Implements `Dialect`."""

    def refuses(self, target: Target, body: Mapping[str, Any]) -> Refusal | None:
        """Return why no answer of the shape that is asked for can be had; None where it can."""
        if body.get("n") not in (None, 1):
            return Refusal("n", "Cohere gives one answer to a request")
        for name, reason in _REFUSED.items():
            if body.get(name) not in (None, 0, False):
                return Refusal(name, reason)
        modalities = body.get("modalities")
        if isinstance(modalities, list) and "audio" in modalities:
            return Refusal("modalities", _TEXT_ALONE)
        stop = body.get("stop")
        if isinstance(stop, list) and len(stop) > MAX_STOPS:
            return Refusal("stop", f"Cohere stops at no more than {MAX_STOPS} texts")
        return _refused_tools(target, body) if body.get("tools") else None

    def chat(self, target: Target, body: Mapping[str, Any], *, stream: bool) -> WireRequest:
        """Translate a request; a stream tells its usage unasked."""
        refused = self.refuses(target, body)
        if refused is not None:
            raise ProviderFailure(FailureKind.UNSUPPORTED, refused.reason, param=refused.field)
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

    def embedded(
        self, target: Target, body: Mapping[str, Any], content: Json, headers: Mapping[str, str]
    ) -> ProviderAnswer:
        """Return the embeddings, in the encoding that was asked for."""
        return embedded(target, body, content)


def _refused_tools(target: Target, body: Mapping[str, Any]) -> Refusal | None:
    try:
        mode = requested_tool_choice(cohere_choice(body.get("tool_choice"))).mode
    except InvalidRequest:
        return None  # what is wrong with it is said when the request is made
    if mode == "required" and "tool_choice" not in target.capabilities:
        return Refusal("tool_choice", f"{target.model} cannot be forced to use a tool")
    if mode in (None, "auto") and asks_for_json(body.get("response_format")):
        return Refusal("response_format", "Cohere keeps no answer to a format where the model may also use tools")
    return None
