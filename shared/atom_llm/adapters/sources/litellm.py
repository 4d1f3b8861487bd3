"""LiteLLM's price file as model entries."""

from collections.abc import Container, Mapping
from functools import lru_cache
from typing import Final

from atom_llm.adapters.sources.fields import (
    MAX_NAME_LENGTH,
    day,
    is_name,
    published,
    strict_json,
    tokens,
    words,
)
from atom_llm.domain.catalogue.catalogue import ALIAS, ModelEntry, TokenLimits, compiled
from atom_llm.domain.catalogue.errors import UnreadableSource
from atom_llm.domain.catalogue.first_party import is_first_party
from atom_llm.domain.catalogue.source import SourceReading
from atom_llm.domain.core.errors import InvalidRate
from atom_llm.domain.core.providers import provider_id
from atom_llm.domain.pricing.price_keys import moves_money

NAME: Final = "litellm"
NOT_MODELS: Final = frozenset({"sample_spec", "fallback_generalizations", "last_updated"})
# Providers whose rows carry a family behind the host's name; the host is what their keys are prefixed with.
_HOSTS_WITH_FAMILIES: Final = ("vertex_ai", "fireworks_ai")


def read(body: bytes) -> SourceReading:
    """Read every model of the file; raises `UnreadableSource` when it is not one.

    Strict: no duplicate keys, no NaN or infinity, an object of objects. A row with an impossible rate is refused alone.
    """
    content = strict_json(NAME, body)
    if not isinstance(content, dict):
        raise UnreadableSource(NAME, "not an object of models")
    entries: dict[str, ModelEntry] = {}
    taken: set[str] = set()
    refused: dict[str, str] = {}
    # Keys that name their provider come first: where a bare key means the same model, the bare one keeps its own name.
    further_names: dict[str, str] = {}
    for key in sorted(content.keys() - NOT_MODELS, key=lambda key: ("/" not in key, key)):
        row = content[key]
        if isinstance(row, dict) and row.keys() == {ALIAS}:
            further_names[key] = str(row[ALIAS])
            continue
        if not isinstance(row, dict) or not isinstance(row.get("litellm_provider"), str):
            refused[key[:MAX_NAME_LENGTH]] = "is not a model with a provider"
            continue
        if not is_name(key) or not is_name(row["litellm_provider"]):
            refused[key[:MAX_NAME_LENGTH]] = "has an unusable name"
            continue
        identity = _identity(key, row["litellm_provider"], taken)
        if identity in taken:
            refused[f"{key} of {row['litellm_provider']}"] = f"would take the place of {identity}"
            continue
        taken.add(identity)
        try:
            entry = _entry(key, identity, row)
            compiled(entry)
        except InvalidRate as error:
            refused[identity] = str(error)
        else:
            entries[identity] = entry
        further_names |= {name: key for name in words(row.get("aliases")) if name not in content}
    aliases: dict[str, ModelEntry] = {}
    for key in further_names:
        target = _end_of(key, further_names)
        provider = content[target].get("litellm_provider") if isinstance(content.get(target), dict) else None
        if not is_name(key) or not isinstance(provider, str):
            refused[key[:MAX_NAME_LENGTH]] = "is an alias of itself, or of no model of the file"
            continue
        identity = _identity(key, provider, taken)
        taken.add(identity)
        aliases[identity] = ModelEntry(identity, _provider(provider), key, "litellm", published={ALIAS: target})
    return SourceReading(NAME, entries, refused, aliases)


def _end_of(key: str, further_names: Mapping[str, str]) -> str:
    """Follow an alias to what is none; a loop ends where it comes round."""
    seen: set[str] = set()
    while key in further_names and key not in seen:
        seen.add(key)
        key = further_names[key]
    return key


def _identity(key: str, catalogue_name: str, taken: Container[str]) -> str:
    """Return `provider/name`, or the key itself where another key of the same name has that."""
    identity = f"{_provider(catalogue_name)}/{_name(key, catalogue_name)}"
    return key if identity in taken else identity


@lru_cache(maxsize=1024)
def _provider(catalogue_name: str) -> str:
    """Return our id for a provider; `vertex_ai-language-models` and its like are families of one host."""
    families = (host for host in _HOSTS_WITH_FAMILIES if catalogue_name.startswith(f"{host}-"))
    return next(families, provider_id(catalogue_name))


def _entry(key: str, identity: str, row: Mapping[str, object]) -> ModelEntry:
    catalogue_name = str(row["litellm_provider"])
    provider = _provider(catalogue_name)
    mode = row.get("mode")
    return ModelEntry(
        id=identity,
        provider=provider,
        source_key=key,
        source="litellm",
        mode=mode if isinstance(mode, str) else None,
        published={k: published(v, k) for k, v in row.items() if v is not None and moves_money(k, v)},
        limits=TokenLimits(
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
        first_party=is_first_party(provider, _name(key, catalogue_name)),
    )


def _name(key: str, catalogue_name: str) -> str:
    """Return the key without the prefix of its provider: `vertex_ai/x` of `vertex_ai-language-models` is `x`."""
    prefix, slash, rest = key.partition("/")
    if slash and (prefix == catalogue_name or catalogue_name.startswith((f"{prefix}-", f"{prefix}_"))):
        return rest
    return key
