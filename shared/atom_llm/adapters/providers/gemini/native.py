"""Gemini's own fields, which a caller may send beside OpenAI's.

They stand in the body, or where Google's OpenAI compatibility has them, `extra_body.google`
(`ai.google.dev/gemini-api/docs/openai`).
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.exchange import Json

# Of the request itself.
_OF_REQUEST: Final = frozenset({"safetySettings", "cachedContent", "toolConfig", "labels"})
# Of `generationConfig`; those that OpenAI has a name for are among them, for `extra_body`. Not `maxOutputTokens` and
# `candidateCount`, nor the request's `serviceTier`: before a call its cost is held for by OpenAI's fields of these.
_OF_CONFIG: Final = frozenset(
    {
        *("topK", "thinkingConfig", "responseModalities", "speechConfig", "imageConfig", "mediaResolution"),
        *("responseMimeType", "responseSchema", "responseJsonSchema", "stopSequences", "responseLogprobs"),
        *("presencePenalty", "frequencyPenalty", "temperature", "topP", "seed", "logprobs"),
        *("enableEnhancedCivicAnswers", "audioTranscriptionConfig", "translationConfig"),
    }
)
# In the body these are OpenAI's own fields, or, as `top_k`, such that go with them.
_OF_OPENAI: Final = frozenset(
    {"temperature", "topP", "topK", "seed", "logprobs", "presencePenalty", "frequencyPenalty"},
)
_IN_BODY: Final = _OF_REQUEST | _OF_CONFIG - _OF_OPENAI
_WHOLE_CONFIG: Final = ("generationConfig", "generation_config")
_HOLDERS: Final = ("google", "extra_body")

_UNDERSCORE: Final = re.compile(r"_([a-z])")


def camel(name: str) -> str:
    """Return a field's name in Google's own spelling; both are theirs, but not side by side."""
    return _UNDERSCORE.sub(lambda found: found[1].upper(), name)


NAMES: Final[Mapping[str, str]] = {
    spelling: name
    for name in _IN_BODY
    for spelling in (name, re.sub(r"([A-Z])", lambda found: f"_{found[1].lower()}", name))
} | {name: name for name in (*_WHOLE_CONFIG, *_HOLDERS)}


def add_native(body: Mapping[str, Any], request: Json, config: Json) -> list[str]:
    """Put a caller's native fields into the request, over what stands there; returns the names of those left out.

    Raises `InvalidRequest` for a holder of fields that is no object.
    """
    dropped: list[str] = []
    for name, value in body.items():
        if name not in NAMES or value is None:
            continue
        if name in _WHOLE_CONFIG:
            _add_config(_object(value, name), name, config, dropped)
        elif name == "extra_body":
            inner = _object(value, name)
            dropped += [f"{name}.{each}" for each in inner if each != "google"]
            _add_google(
                _object(inner.get("google") or {}, f"{name}.google"), f"{name}.google", request, config, dropped
            )
        elif name == "google":
            _add_google(_object(value, name), name, request, config, dropped)
        else:
            (request if NAMES[name] in _OF_REQUEST else config)[NAMES[name]] = value
    return dropped


def _add_google(given: Mapping[str, Any], where: str, request: Json, config: Json, dropped: list[str]) -> None:
    for spelling, value in given.items():
        name = camel(spelling)
        if name in _OF_REQUEST:
            request[name] = value
        elif name in _OF_CONFIG:
            config[name] = value
        elif name == "generationConfig":
            _add_config(_object(value, f"{where}.{spelling}"), f"{where}.{spelling}", config, dropped)
        else:
            dropped.append(f"{where}.{spelling}")


def _add_config(given: Mapping[str, Any], where: str, config: Json, dropped: list[str]) -> None:
    for spelling, value in given.items():
        if camel(spelling) in _OF_CONFIG:
            config[camel(spelling)] = value
        else:
            dropped.append(f"{where}.{spelling}")


def _object(value: object, field: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise InvalidRequest(field, "must be an object")
    return value
