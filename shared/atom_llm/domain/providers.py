"""The providers we call, and what the price file's provider names say about who sells a model."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Provider:
    """One of the providers whose keys a tenant can bring; `catalogue_names` are LiteLLM's names for it."""

    id: str
    display_name: str
    catalogue_names: tuple[str, ...]


PROVIDERS: Final[tuple[Provider, ...]] = (
    Provider("openai", "OpenAI", ("openai",)),
    Provider("anthropic", "Anthropic", ("anthropic",)),
    Provider("google", "Google AI Studio", ("gemini",)),
    Provider("meta", "Meta Llama API", ("meta_llama",)),
    Provider("mistral", "Mistral AI", ("mistral",)),
    Provider("cohere", "Cohere", ("cohere_chat", "cohere")),
    Provider("deepseek", "DeepSeek", ("deepseek",)),
    Provider("minimax", "MiniMax", ("minimax",)),
    Provider("qwen", "Alibaba Model Studio", ("dashscope",)),
    Provider("zhipu", "Z.ai", ("zai",)),
    Provider("groq", "Groq", ("groq",)),
)

_ID_OF: Final = {name: provider.id for provider in PROVIDERS for name in provider.catalogue_names}

# LiteLLM's "meta" is Meta's newer model API; our id `meta` is the Llama API. Nobody else gets one of our ids either.
_RENAMED: Final = {provider.id: f"{provider.id}_other" for provider in PROVIDERS} | {"meta": "meta_ai"}

INCLUSIVE_THRESHOLDS: Final = frozenset({"xai"})  # data rule 1: xAI's long-context rate starts at the threshold itself

REASONING_ON_TOP: Final = frozenset({"xai", "perplexity"})  # data rule 4: elsewhere it is inside the output tokens


def provider_id(catalogue_name: str) -> str:
    """Our id for a provider of the price file; a provider that we do not call keeps its published name."""
    return _ID_OF.get(catalogue_name) or _RENAMED.get(catalogue_name, catalogue_name)


def has_inclusive_thresholds(provider: str) -> bool:
    """Whether a provider's length tiers start at their threshold rather than above it."""
    return provider in INCLUSIVE_THRESHOLDS


def reasons_on_top(provider: str) -> bool:
    """Whether a provider counts reasoning tokens beside its output tokens rather than among them."""
    return provider in REASONING_ON_TOP


def display_names() -> Mapping[str, str]:
    """Display name by provider id."""
    return {provider.id: provider.display_name for provider in PROVIDERS}
