"""OpenAI's messages as Gemini's contents: turns of `user` and `model`, and the results of tools between them.

Rules of `ai.google.dev/gemini-api/docs/function-calling` and `…/thought-signatures`. Results stand in contents of their
own: one that has other parts too is refused by the newer models ("Requests ending with a model turn …").
"""

import json
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any, Final, NamedTuple

from atom_llm.adapters.providers.call_ids import CallIds
from atom_llm.adapters.providers.gemini.models import signs_calls, takes_media_in_results, takes_system
from atom_llm.adapters.providers.gemini.parts import content_parts
from atom_llm.adapters.providers.request_parts import (
    RequestedToolCall,
    add_messages,
    requested_arguments,
    requested_tool_calls,
)
from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.exchange import Json, Target
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure

# Google's word for a call whose signature nobody has: another model's, or a client's that left it out.
NO_SIGNATURE: Final = "skip_thought_signature_validator"
OPENING: Final = "."  # of a conversation that begins with a greeting of the assistant's
MOST_EXACT: Final = 2**53  # beyond it whole numbers lose digits, for Google reads all numbers as floating-point

_RESULTS: Final = "results"


class GeminiConversation(NamedTuple):
    """A translated conversation: `system` are parts; `has_names`: a message names its author."""

    system: list[Json]
    contents: list[Json]
    has_names: bool


def conversation(messages: Sequence[Any], target: Target) -> GeminiConversation:
    """Translate a conversation; neighbours of one role are one turn, and the results of one turn's calls one content.

    Raises `InvalidRequest` naming the field, and `ProviderFailure(UNSUPPORTED)` for parts that no model takes.
    """
    turns = _Turns(target)
    add_messages(turns, messages)
    return turns.finished()


class _Turns:
    """A conversation while it is put together."""

    __slots__ = ("_beside", "_contents", "_has_names", "_ids", "_kind", "_names", "_system", "_target")

    def __init__(self, target: Target) -> None:
        self._target = target
        self._system: list[Json] = []
        self._contents: list[Json] = []
        self._kind: str | None = None  # of the last content
        self._ids = CallIds(str)
        self._names: dict[str, str] = {}  # of the functions, by the id of the call
        self._beside: list[Json] = []  # media of results, for models that take them only behind
        self._has_names = False

    def add_system(self, message: Mapping[str, Any], field: str) -> None:
        content_field = f"{field}.content"
        for part in content_parts(message.get("content"), content_field, self._target.model):
            if "text" not in part:
                told = "Gemini is instructed by text alone"
                raise ProviderFailure(FailureKind.UNSUPPORTED, told, param=content_field)
            self._system.append(part)

    def add_user(self, message: Mapping[str, Any], field: str) -> None:
        content = message.get("content")
        if message.get("name") is not None:
            self._has_names = True
        if type(content) is str:
            if content:
                self._extend("user", [{"text": content}])
            return
        self._extend("user", content_parts(content, f"{field}.content", self._target.model))

    def add_assistant(self, message: Mapping[str, Any], field: str) -> None:
        model = self._target.model
        if message.get("name") is not None:
            self._has_names = True
        parts = content_parts(message.get("content") or message.get("refusal"), f"{field}.content", model)
        signature = _signature(message)
        if signature is not None and parts and "text" in parts[-1]:
            parts[-1] = {**parts[-1], "thoughtSignature": signature}
        for number, image in enumerate(_listed(message.get("images"), f"{field}.images")):
            parts += _signed(content_parts([image], f"{field}.images.{number}", model), image)
        is_first = True
        for call in requested_tool_calls(message.get("tool_calls"), f"{field}.tool_calls"):
            part = self._call(call)
            if is_first and "thoughtSignature" not in part and signs_calls(model):
                part["thoughtSignature"] = NO_SIGNATURE
            is_first = False
            parts.append(part)
        self._extend("model", parts)

    def add_result(self, message: Mapping[str, Any], field: str) -> None:
        given = message.get("tool_call_id")
        identity = self._ids.of_result(given) if isinstance(given, str) else ""
        name = self._names.get(identity)
        if name is None:
            raise InvalidRequest(f"{field}.tool_call_id", "answers no call before it")
        content = message.get("content")
        parts = content_parts(content, f"{field}.content", self._target.model)
        text = content if isinstance(content, str) else "".join(part.get("text", "") for part in parts)
        result: Json = {"id": identity, "name": name}
        result["response"] = {"error": text} if message.get("is_error") is True else response(text)
        media = [part for part in parts if "text" not in part]
        if media and takes_media_in_results(self._target.model):
            inside = [part for part in media if "inlineData" in part]
            if inside:
                result["parts"] = inside
            media = [part for part in media if "inlineData" not in part]
        self._extend(_RESULTS, [{"functionResponse": result}])
        self._beside += media

    def finished(self) -> GeminiConversation:
        self._place_beside()
        if not self._contents and self._system:
            self._extend("user", self._system)  # instructions alone are what there is to answer
            self._system = []
        contents = self._contents
        if not contents:
            raise InvalidRequest("messages", "have no content that is not empty")
        if contents[0]["role"] == "model":
            contents.insert(0, {"role": "user", "parts": [{"text": OPENING}]})
        if self._system and not takes_system(self._target):
            contents[0] = {"role": "user", "parts": [*self._system, *contents[0]["parts"]]}
            self._system = []
        return GeminiConversation(self._system, contents, self._has_names)

    def _extend(self, kind: str, parts: list[Json]) -> None:
        if not parts:
            return
        if kind != _RESULTS and self._beside:
            self._place_beside()
        if kind == self._kind:
            self._contents[-1]["parts"] += parts
            return
        self._contents.append({"role": "model" if kind == "model" else "user", "parts": parts})
        self._kind = kind

    def _place_beside(self) -> None:
        beside, self._beside = self._beside, []
        self._extend("user", beside)

    def _call(self, call: RequestedToolCall) -> Json:
        identity = self._ids.of_call(call.id)
        self._names[identity] = call.name
        arguments = requested_arguments(call)
        return _signed([{"functionCall": {"id": identity, "name": call.name, "args": arguments}}], call.given)[0]


def response(text: str) -> Json:
    """Return a tool's result as the object that Gemini wants.

    What is no object, or would not survive as one, is its `output` as it is: numbers beyond the exact ones, and a
    schema, whose `$ref` would be looked for among the result's media.
    """
    if text[:1] in ("{", " ", "\n", "\t", "\r") and '"$ref"' not in text:
        try:
            read = json.loads(text, parse_constant=_no_number, parse_float=_finite, parse_int=_exact)
        except (ValueError, RecursionError):
            read = None
        if isinstance(read, dict):
            return read
    return {"output": text}


def _signature(holder: Mapping[str, Any]) -> str | None:
    """Return the signature that an answer of ours carried, where Google's own OpenAI-compatible answers carry it."""
    extra = holder.get("extra_content")
    google = extra.get("google") if isinstance(extra, dict) else None
    signature = google.get("thought_signature") if isinstance(google, dict) else None
    return signature if isinstance(signature, str) and signature else None


def _signed(parts: list[Json], holder: object) -> list[Json]:
    signature = _signature(holder) if isinstance(holder, dict) else None
    return parts if signature is None else [{**part, "thoughtSignature": signature} for part in parts]


def _listed(given: object, field: str) -> Sequence[object]:
    if given is None:
        return ()
    if not isinstance(given, list):
        raise InvalidRequest(field, "must be a list")
    return given


def _no_number(constant: str) -> None:
    raise ValueError(constant)


def _finite(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        raise ValueError
    return number


def _exact(digits: str) -> int:
    number = int(digits)
    if not -MOST_EXACT <= number <= MOST_EXACT:
        raise ValueError
    return number
