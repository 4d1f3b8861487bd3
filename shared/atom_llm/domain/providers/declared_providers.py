"""Providers that an operator declares: servers of its own, Azure's and Google Cloud's, with models and their prices."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from atom_llm.domain.catalogue.catalogue import ModelEntry, TokenLimits, compiled
from atom_llm.domain.core.errors import InvalidRate, InvalidRequest
from atom_llm.domain.core.providers import (
    ALSO_KNOWN_AS,
    BEARER,
    MOST_DECLARED,
    PROVIDERS,
    RESPONSES,
    Access,
    ApiStyle,
    KeyHeader,
    Provider,
)
from atom_llm.domain.pricing.price_keys import PRICE_OF
from atom_llm.domain.pricing.units import INPUT_TOKEN, OUTPUT_TOKEN

MOST_MODELS: Final = 200  # of one provider: every process holds them all
MOST_TOKENS: Final = 10**9
MODES: Final = ("chat", "embedding")
OUTPUT_LIMITS: Final = ("max_tokens", "max_completion_tokens")
CAPABILITIES: Final = frozenset(
    {
        *("function_calling", "tool_choice", "parallel_function_calling", "response_schema", "system_messages"),
        *("vision", "pdf_input", "audio_input", "reasoning", "prompt_caching"),
    }
)
FREE: Final[Mapping[str, str]] = {INPUT_TOKEN: "0", OUTPUT_TOKEN: "0"}

_ID: Final = re.compile(r"[a-z][a-z0-9_-]{1,31}", re.ASCII)
_MODEL: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,199}", re.ASCII)
_AMOUNT: Final = re.compile(r"[0-9]{1,12}(\.[0-9]{1,30})?(e-?[0-9]{1,2})?", re.ASCII)
_TAKEN: Final = frozenset(
    {name for each in PROVIDERS for name in (each.id, *each.catalogue_names)}
    | {*ALSO_KNOWN_AS, "bedrock", "azure", "vertex_ai", "auto", "tier"}
)
_FIELDS: Final = frozenset({"base_url", "auth", "models", "name", "private", "output_limit", "secret", "api"})
_FIELDS_OF_MODEL: Final = frozenset(
    {"price", "price_of", "mode", "capabilities", "max_input_tokens", "max_output_tokens"}
)
_ACCESS: Final[Mapping[object, Access]] = {"none": "open", "tenant": "tenant", "operator": "operator"}


@dataclass(frozen=True, slots=True)
class DeclaredApi:
    """An API that a declared provider may speak: its dialect, the published provider that has it too, its key's header,
    how its address ends, whose keys it takes, and the modes that it is called for.
    """

    style: ApiStyle
    kin: str | None
    key_header: KeyHeader
    ends: re.Pattern[str] | None
    auths: tuple[str, ...]
    modes: tuple[str, ...]
    also_speaks: tuple[str, ...] = ()


APIS: Final[Mapping[str, DeclaredApi]] = {
    "openai-compatible": DeclaredApi("openai", None, BEARER, None, ("none", "tenant", "operator"), MODES),
    # learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle: the v1 API, without an api-version
    "azure": DeclaredApi(
        "openai",
        "openai",
        KeyHeader("api-key"),
        re.compile(r".*/openai/v1/?"),
        ("tenant", "operator"),
        (*MODES, "responses"),
        (RESPONSES,),
    ),
    # docs.cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference: generateContent by an OAuth token,
    # which a service account's key is exchanged for
    "vertex": DeclaredApi(
        "google",
        "google",
        BEARER,
        re.compile(r".*/projects/[^/]+/locations/[^/]+/publishers/google/?"),
        ("operator",),
        ("chat",),
    ),
}

AddressFault = Callable[[str, bool], str | None]
"""What is wrong with an address, which may be private or not, as the end of a sentence."""


@dataclass(frozen=True, slots=True)
class DeclaredProvider:
    """A declared provider with the rows of its models. `secret` names the operator's key; None where it shows none.

    `is_private`: it may be on this machine or in the operator's own network, without TLS. `api` is one of `APIS`.
    """

    provider: Provider
    rows: tuple[ModelEntry, ...]
    secret: str | None = None
    is_private: bool = False
    output_limit: str = "max_tokens"
    api: str = "openai-compatible"


def read_declared(content: object, address_fault: AddressFault) -> tuple[DeclaredProvider, ...]:
    """Read a JSON object of providers by id; raises `InvalidRequest` naming the first field that is wrong."""
    if not isinstance(content, dict):
        raise InvalidRequest("", "must be a JSON object of providers by id")
    if len(content) > MOST_DECLARED:
        raise InvalidRequest("", f"has more than {MOST_DECLARED} providers")
    return tuple(_provider(name, each, address_fault) for name, each in content.items())


def _provider(name: str, content: object, address_fault: AddressFault) -> DeclaredProvider:
    if not _ID.fullmatch(name):
        raise InvalidRequest(name, "must be 2 to 32 small letters, digits, - and _, a letter first")
    if name in _TAKEN:
        raise InvalidRequest(name, "is the name of a published provider; choose another")
    given = _object(name, content, _FIELDS)
    is_private = given.get("private", False)
    if not isinstance(is_private, bool):
        raise InvalidRequest(f"{name}.private", "must be true or false")
    api = given.get("api", "openai-compatible")
    if api not in APIS:
        raise InvalidRequest(f"{name}.api", f"must be one of {', '.join(APIS)}")
    spoken = APIS[api]
    base_url = given.get("base_url")
    if not isinstance(base_url, str):
        raise InvalidRequest(f"{name}.base_url", "must be an address")
    if (fault := address_fault(base_url, is_private)) is not None:
        raise InvalidRequest(f"{name}.base_url", fault)
    if spoken.ends is not None and not spoken.ends.fullmatch(base_url):
        raise InvalidRequest(f"{name}.base_url", f"must end as {api}'s does: {spoken.ends.pattern.removeprefix('.*')}")
    auth = str(given.get("auth"))
    if auth not in spoken.auths:
        raise InvalidRequest(f"{name}.auth", f"must be one of {', '.join(spoken.auths)}")
    access = _ACCESS[auth]
    output_limit = given.get("output_limit", OUTPUT_LIMITS[0])
    if output_limit not in OUTPUT_LIMITS:
        raise InvalidRequest(f"{name}.output_limit", f"must be one of {', '.join(OUTPUT_LIMITS)}")
    return DeclaredProvider(
        Provider(
            name,
            _display_name(name, given.get("name", name)),
            (name,),
            spoken.style,
            base_url,
            spoken.key_header,
            also_speaks=spoken.also_speaks,
            access=access,
            kin=spoken.kin,
        ),
        _rows(name, given.get("models"), spoken.modes),
        _secret(name, given.get("secret"), access),
        is_private,
        output_limit,
        api,
    )


def _display_name(name: str, given: object) -> str:
    if not isinstance(given, str) or not 1 <= len(given) <= 80 or not given.isprintable():
        raise InvalidRequest(f"{name}.name", "must be 1 to 80 characters")
    return given


def _secret(name: str, given: object, access: Access) -> str | None:
    if access != "operator":
        if given is not None:
            raise InvalidRequest(f"{name}.secret", "is only for auth `operator`")
        return None
    if not isinstance(given, str) or not given:
        raise InvalidRequest(f"{name}.secret", "must be the name of the secret that holds the operator's key")
    return given


def _rows(name: str, content: object, modes: tuple[str, ...]) -> tuple[ModelEntry, ...]:
    where = f"{name}.models"
    if not isinstance(content, dict) or not content:
        raise InvalidRequest(where, "must be an object of models by name, one at least")
    if len(content) > MOST_MODELS:
        raise InvalidRequest(where, f"has more than {MOST_MODELS} models")
    return tuple(_row(name, model, each, modes) for model, each in content.items())


def _row(provider: str, model: str, content: object, modes: tuple[str, ...]) -> ModelEntry:
    where = f"{provider}.models.{model}"
    if not _MODEL.fullmatch(model):
        raise InvalidRequest(where, "is no name of a model: letters, digits and . _ : / @ + -, at most 200")
    given = _object(where, content, _FIELDS_OF_MODEL)
    mode = given.get("mode", "chat")
    if mode not in modes:
        raise InvalidRequest(f"{where}.mode", f"must be one of {', '.join(modes)}")
    identity = f"{provider}/{model}"
    return ModelEntry(
        id=identity,
        provider=provider,
        source_key=identity,
        source="declared",
        mode=mode,
        published=_published(where, given, mode),
        limits=TokenLimits(
            _tokens(f"{where}.max_input_tokens", given.get("max_input_tokens")),
            _tokens(f"{where}.max_output_tokens", given.get("max_output_tokens")),
        ),
        capabilities=_capabilities(f"{where}.capabilities", given.get("capabilities", [])),
        first_party=True,
    )


def _published(where: str, given: Mapping[str, Any], mode: str) -> Mapping[str, str]:
    """Return the rates that are given, or the name of the row of the price list whose rates hold."""
    listed = given.get("price_of")
    if listed is None:
        return _rates(where, given.get("price"), mode)
    if given.get("price") is not None:
        raise InvalidRequest(f"{where}.price_of", "stands in place of `price`: give one of them")
    if not isinstance(listed, str) or not _MODEL.fullmatch(listed):
        raise InvalidRequest(f"{where}.price_of", "must be the id of a row of the price list, such as azure/eu/gpt-5.1")
    return {PRICE_OF: listed}


def _rates(where: str, given: object, mode: str) -> Mapping[str, str]:
    """Return cost keys as lists publish them, each of which has to be read: a misspelt one would be free."""
    where = f"{where}.price"
    if given == "free":
        return dict(FREE)
    if not isinstance(given, dict) or not given:
        raise InvalidRequest(where, 'must be "free", or an object of rates by name, in USD as decimal strings')
    for key, amount in given.items():
        if not isinstance(amount, str) or not _AMOUNT.fullmatch(amount):
            raise InvalidRequest(f"{where}.{key}", 'must be USD as a decimal string, such as "0.0000002"')
    for key in (INPUT_TOKEN, OUTPUT_TOKEN)[: 1 + (mode == "chat")]:
        if key not in given:
            raise InvalidRequest(f"{where}.{key}", "is missing")
    try:
        rates = compiled(ModelEntry("declared", "declared", "declared", "declared", published=given))
    except InvalidRate as error:
        raise InvalidRequest(f"{where}.{error.key}", "is not a rate") from None
    read = {priced.key for name in rates.ladders for priced in rates.published(name)}
    if unread := sorted(given.keys() - read):
        raise InvalidRequest(f"{where}.{unread[0]}", "is the name of no rate")
    return given


def _tokens(where: str, given: object) -> int | None:
    if given is None:
        return None
    if not isinstance(given, int) or isinstance(given, bool) or not 1 <= given <= MOST_TOKENS:
        raise InvalidRequest(where, f"must be a whole number from 1 to {MOST_TOKENS:,}")
    return given


def _capabilities(where: str, given: object) -> frozenset[str]:
    if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
        raise InvalidRequest(where, "must be a list of words")
    if unknown := sorted(set(given) - CAPABILITIES):
        raise InvalidRequest(where, f"has {unknown[0]}, which is none of {', '.join(sorted(CAPABILITIES))}")
    return frozenset(given)


def _object(where: str, content: object, fields: frozenset[str]) -> Mapping[str, Any]:
    if not isinstance(content, dict):
        raise InvalidRequest(where, "must be an object")
    if unknown := sorted(content.keys() - fields):
        raise InvalidRequest(f"{where}.{unknown[0]}", f"is no field; there are {', '.join(sorted(fields))}")
    return content
