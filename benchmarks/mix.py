"""Fifty real models with the usage of one call each: the fixed mix on which the cost of a call is measured."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Call:
    """One call: the model's key in the price file, its provider there, and the usage as a provider reports it."""

    model: str
    provider: str
    usage: Mapping[str, int]
    service_tier: str | None = None


_SHAPES: Final[dict[str, dict[str, int]]] = {
    "chat": {"input_tokens": 1_200, "output_tokens": 300},
    "cached": {"input_tokens": 12_000, "cache_read_tokens": 9_000, "output_tokens": 600},
    "reasoning": {"input_tokens": 2_500, "output_tokens": 6_000, "reasoning_tokens": 4_500},
    "cached reasoning": {
        "input_tokens": 40_000,
        "cache_read_tokens": 30_000,
        "output_tokens": 3_000,
        "reasoning_tokens": 2_200,
    },
    "written": {
        "input_tokens": 30_000,
        "cache_read_tokens": 12_000,
        "cache_write_tokens": 8_000,
        "cache_write_1h_tokens": 3_000,
        "output_tokens": 1_200,
    },
    # Above every threshold of the price file up to 272,000 tokens.
    "long": {"input_tokens": 300_000, "cache_read_tokens": 120_000, "output_tokens": 4_000, "reasoning_tokens": 1_500},
    "long written": {
        "input_tokens": 280_000,
        "cache_read_tokens": 90_000,
        "cache_write_tokens": 60_000,
        "cache_write_1h_tokens": 20_000,
        "output_tokens": 2_500,
    },
    "embedding": {"input_tokens": 8_000},
}

_CALLS: Final = (
    ("gpt-4o", "openai", "cached", "priority"),
    ("gpt-4o-mini", "openai", "chat", None),
    ("gpt-4.1", "openai", "cached", "priority"),
    ("gpt-4.1-mini", "openai", "chat", "priority"),
    ("gpt-5", "openai", "cached reasoning", "flex"),
    ("gpt-5-mini", "openai", "reasoning", "flex"),
    ("gpt-5-nano", "openai", "chat", "flex"),
    ("gpt-5.1", "openai", "cached reasoning", None),
    ("gpt-5.2", "openai", "cached reasoning", "priority"),
    ("gpt-5.4", "openai", "long", None),
    ("gpt-5.4-mini", "openai", "cached reasoning", "flex"),
    ("gpt-5.5", "openai", "long", "flex"),
    ("gpt-6-sol", "openai", "long", "priority"),
    ("gpt-6-luna", "openai", "long", None),
    ("o3", "openai", "reasoning", "flex"),
    ("text-embedding-3-small", "openai", "embedding", None),
    ("claude-haiku-4-5", "anthropic", "written", None),
    ("claude-sonnet-4-5", "anthropic", "long written", None),
    ("claude-sonnet-4-6", "anthropic", "written", None),
    ("claude-opus-4-5", "anthropic", "written", None),
    ("claude-opus-4-8", "anthropic", "long written", None),
    ("claude-sonnet-5-5", "anthropic", "written", None),
    ("claude-haiku-5-5", "anthropic", "long written", None),
    ("gemini/gemini-2.5-pro", "gemini", "long", None),
    ("gemini/gemini-2.5-flash", "gemini", "cached reasoning", None),
    ("gemini/gemini-2.5-flash-lite", "gemini", "chat", None),
    ("gemini/gemini-3.1-pro-preview", "gemini", "long", None),
    ("gemini/gemini-3.5-flash", "gemini", "cached reasoning", None),
    ("gemini/gemini-embedding-001", "gemini", "embedding", None),
    ("xai/grok-4.3", "xai", "long", None),
    ("xai/grok-4.5", "xai", "cached", None),
    ("xai/grok-4.20", "xai", "long", None),
    ("mistral/mistral-large-latest", "mistral", "chat", None),
    ("mistral/mistral-medium-latest", "mistral", "chat", None),
    ("mistral/mistral-small-latest", "mistral", "chat", None),
    ("mistral/codestral-2508", "mistral", "chat", None),
    ("deepseek/deepseek-v3.2", "deepseek", "cached", None),
    ("deepseek/deepseek-v4-flash", "deepseek", "cached", None),
    ("deepseek/deepseek-v4-pro", "deepseek", "cached reasoning", None),
    ("command-r-plus-08-2024", "cohere_chat", "chat", None),
    ("command-r-08-2024", "cohere_chat", "chat", None),
    ("groq/openai/gpt-oss-20b", "groq", "chat", None),
    ("groq/openai/gpt-oss-120b", "groq", "cached reasoning", None),
    ("cerebras/gpt-oss-120b", "cerebras", "reasoning", None),
    ("zai/glm-4.6", "zai", "cached", None),
    ("zai/glm-4.7", "zai", "cached reasoning", None),
    ("moonshot/kimi-k3", "moonshot", "cached", None),
    ("amazon.nova-pro-v1:0", "bedrock_converse", "chat", None),
    ("meta.llama3-3-70b-instruct-v1:0", "bedrock_converse", "chat", None),
    ("voyage/voyage-3.5", "voyage", "embedding", None),
)

MIX: Final = tuple(Call(model, provider, _SHAPES[shape], tier) for model, provider, shape, tier in _CALLS)
