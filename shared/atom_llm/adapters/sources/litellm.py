"""LiteLLM's price file as model entries."""

import json
from collections.abc import Mapping
from typing import Final

from atom_llm.adapters.sources.fields import day, refuse_constant, tokens, words
from atom_llm.domain.catalogue import Limits, ModelEntry, compiled
from atom_llm.domain.errors import InvalidRate, UnreadableSource
from atom_llm.domain.first_party import is_first_party
from atom_llm.domain.providers import provider_id
from atom_llm.domain.rates import is_rate_key
from atom_llm.domain.source import SourceReading

NAME: Final = "litellm"
NOT_MODELS: Final = frozenset({"sample_spec", "fallback_generalizations", "last_updated"})
MAX_KEY_LENGTH: Final = 256  # characters; the longest real key has 96
# Providers whose rows carry a family behind the host's name; the host is what their keys are prefixed with.
_HOSTS_WITH_FAMILIES: Final = ("vertex_ai", "fireworks_ai")


def read(body: bytes) -> SourceReading:
    """Every model of the file; raises `UnreadableSource` when it is not one.

    Strict: no duplicate keys, no NaN or infinity, an object of objects. A row with an impossible rate is refused alone.
    """
    try:
        content = json.loads(body, parse_float=str, parse_constant=refuse_constant, object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise UnreadableSource(NAME, f"invalid JSON: {str(error)[:200]}") from None
    if not isinstance(content, dict):
        raise UnreadableSource(NAME, "not an object of models")
    entries: dict[str, ModelEntry] = {}
    refused: dict[str, str] = {}
    # Keys that name their provider come first: where a bare key means the same model, the bare one keeps its own name.
    for key in sorted(content.keys() - NOT_MODELS, key=lambda key: ("/" not in key, key)):
        row = content[key]
        if not isinstance(row, dict) or not isinstance(row.get("litellm_provider"), str):
            refused[key[:MAX_KEY_LENGTH]] = "is not a model with a provider"
            continue
        if not key or len(key) > MAX_KEY_LENGTH or not key.isprintable():
            refused[key[:MAX_KEY_LENGTH]] = "has an unusable name"
            continue
        entry = _entry(key, row, entries)
        try:
            compiled(entry)
        except InvalidRate as error:
            refused[entry.id] = str(error)
        else:
            entries[entry.id] = entry
    return SourceReading(NAME, entries, refused)


def _entry(key: str, row: Mapping[str, object], taken: Mapping[str, ModelEntry]) -> ModelEntry:
    catalogue_name = str(row["litellm_provider"])
    provider = provider_id(catalogue_name)
    name = _name(key, catalogue_name)
    host = next((host for host in _HOSTS_WITH_FAMILIES if catalogue_name.startswith(f"{host}-")), provider)
    identity = f"{host}/{name}"
    mode = row.get("mode")
    return ModelEntry(
        id=identity if identity not in taken else key,
        provider=provider,
        source_key=key,
        source="litellm",
        mode=mode if isinstance(mode, str) else None,
        published={k: _published(v) for k, v in row.items() if is_rate_key(k) and v is not None},
        limits=Limits(
            tokens(row.get("max_input_tokens")),
            tokens(row.get("max_output_tokens")),
            tokens(row.get("prompt_cache_min_tokens")),
            tokens(row.get("output_vector_size")),
        ),
        capabilities=frozenset(
            k.removeprefix("supports_") for k, v in row.items() if k[:9] == "supports_" and v is True
        ),
        modalities=(words(row.get("supported_modalities")), words(row.get("supported_output_modalities"))),
        deprecation_date=day(row.get("deprecation_date")),
        first_party=is_first_party(provider, name),
    )


def _name(key: str, catalogue_name: str) -> str:
    """The key without the prefix that repeats its provider: `vertex_ai/x` of `vertex_ai-language-models` is `x`."""
    prefix, slash, rest = key.partition("/")
    if slash and (prefix == catalogue_name or catalogue_name.startswith((f"{prefix}-", f"{prefix}_"))):
        return rest
    return key


def _published(value: object) -> object:
    """Rates as published text; nested tables likewise."""
    if isinstance(value, dict):
        return {key: _published(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_published(each) for each in value]
    return value


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    unique = dict(pairs)
    if len(unique) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return unique
