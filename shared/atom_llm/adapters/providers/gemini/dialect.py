"""Gemini's dialect: OpenAI's chat completions and embeddings over Google AI Studio's API, version v1beta."""

from collections.abc import Mapping
from typing import Any, Final

from atom_llm.adapters.providers.dialect import StreamReader
from atom_llm.adapters.providers.gemini.answer import chat_completion
from atom_llm.adapters.providers.gemini.embeddings import embed_request, embedded
from atom_llm.adapters.providers.gemini.models import (
    continues_an_answer,
    formats_beside_tools,
    makes_images,
    most_choices,
    tells_logprobs,
)
from atom_llm.adapters.providers.gemini.request import audio_of, generate_request
from atom_llm.adapters.providers.gemini.stream import GenerateReader
from atom_llm.adapters.providers.request_parts import asks_for_json, requested_tool_choice
from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.exchange import Json, ProviderAnswer, Refusal, Target, WireRequest
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure

MAX_STOPS: Final = 5  # the API's own
PCM: Final = "pcm16"  # OpenAI's word for the sound that Gemini gives: 24 kHz, 16 bits, little-endian
_REFUSED: Final[Mapping[str, str]] = {
    "functions": "functions became tools, and Gemini is told of tools alone",
    "function_call": "functions became tools, and Gemini is told of tools alone",
}


class Gemini:
    """Implements `Dialect`."""

    def refuses(self, target: Target, body: Mapping[str, Any]) -> Refusal | None:
        """Return why no answer of the shape that is asked for can be had; None where it can."""
        model, choices = target.model, body.get("n") or 1
        if choices > 1 and choices > most_choices(model):
            return Refusal("n", f"{model} gives at most {most_choices(model)} answers to a request")
        if body.get("logprobs") and not tells_logprobs(model):
            return Refusal("logprobs", f"{model} tells no probabilities of tokens")
        for name, reason in _REFUSED.items():
            if body.get(name):
                return Refusal(name, reason)
        stop = body.get("stop")
        if isinstance(stop, list) and len(stop) > MAX_STOPS:
            return Refusal("stop", f"Gemini stops at no more than {MAX_STOPS} texts")
        if body["messages"][-1].get("role") == "assistant" and not continues_an_answer(model):
            return Refusal("messages", f"{model} continues no answer that was begun for it")
        try:
            return _refused_tools(target, body) or _refused_search(target, body) or _refused_media(target, body)
        except InvalidRequest:
            return None  # what is wrong with it is said when the request is made

    def chat(self, target: Target, body: Mapping[str, Any], *, stream: bool) -> WireRequest:
        """Translate a request; a stream tells its usage unasked."""
        refused = self.refuses(target, body)
        if refused is not None:
            raise ProviderFailure(FailureKind.UNSUPPORTED, refused.reason, param=refused.field)
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

    def embedded(
        self, target: Target, body: Mapping[str, Any], content: Json, headers: Mapping[str, str]
    ) -> ProviderAnswer:
        """Return the embeddings, in the encoding that was asked for."""
        return embedded(target, body, content)


def _refused_tools(target: Target, body: Mapping[str, Any]) -> Refusal | None:
    """Return why no answer can be held to JSON beside these tools; None: it can, or nobody asked for both.

    Where a tool has to be used the answer is a call, and where none may be, they are left out.
    """
    if not body.get("tools") or formats_beside_tools(target.model) or not asks_for_json(body.get("response_format")):
        return None
    if requested_tool_choice(body.get("tool_choice")).mode in ("required", "none"):
        return None
    return Refusal("response_format", f"{target.model} keeps no answer to JSON where it may also use tools")


def _refused_search(target: Target, body: Mapping[str, Any]) -> Refusal | None:
    if body.get("web_search_options") is None:
        return None
    if "web_search" not in target.capabilities:
        return Refusal("web_search_options", f"{target.model} does not search the web")
    if body.get("tools") and requested_tool_choice(body.get("tool_choice")).mode != "none":
        return Refusal("web_search_options", "Gemini does not both search the web and call functions")
    if asks_for_json(body.get("response_format")) and not formats_beside_tools(target.model):
        return Refusal("response_format", f"{target.model} keeps no answer to JSON where it also searches the web")
    return None


def _refused_media(target: Target, body: Mapping[str, Any]) -> Refusal | None:
    asked = body.get("modalities")
    if not isinstance(asked, list):
        return None
    if "image" in asked and not makes_images(target.model):
        return Refusal("modalities", f"{target.model} makes no pictures")
    if "audio" not in asked:
        return None
    if "audio_output" not in target.capabilities:
        return Refusal("modalities", f"{target.model} makes no sound")
    if audio_of(body).get("format", PCM) == PCM:
        return None
    return Refusal("audio", f"Gemini gives sound as {PCM} alone")
