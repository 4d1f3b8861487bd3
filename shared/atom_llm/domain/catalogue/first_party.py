"""The models that each provider sells as their maker: the vendor's row is the model's price, a host's the host's."""

from typing import Final

# Provider id → how the names of its own models begin; an empty tuple: everything it lists is its own.
OWN_MODELS: Final[dict[str, tuple[str, ...]]] = {
    "openai": (),
    "anthropic": (),
    "google": (),
    "meta": (),
    "meta_ai": (),
    "mistral": (),
    "codestral": (),
    "cohere": (),
    "deepseek": (),
    "minimax": (),
    "qwen": ("qwen", "qwq", "qvq", "wan", "text-embedding", "tongyi"),
    "zhipu": ("glm", "cogview", "cogvideo"),
    "xai": (),
    "moonshot": ("kimi", "moonshot"),
    "ai21": (),
    "amazon_nova": (),
    "assemblyai": (),
    "black_forest_labs": (),
    "deepgram": (),
    "elevenlabs": (),
    "jina_ai": (),
    "perplexity": ("sonar", "pplx", "r1-1776"),
    "recraft": (),
    "runwayml": (),
    "stability": (),
    "tencent": ("hunyuan", "hy"),
    "voyage": (),
    "xiaomi_mimo": (),
}


# How the names of others' models begin that a maker sells beside all of its own.
OTHERS_MODELS: Final[dict[str, tuple[str, ...]]] = {"mistral": ("zai-", "glm-", "deepseek-", "qwen", "kimi-")}


def is_first_party(provider: str, name: str) -> bool:
    """Return whether a provider sells this model as its maker; fine-tunes (`ft:`) and containers count as its own."""
    beginnings = OWN_MODELS.get(provider)
    if beginnings is None:
        return False
    own = name.lower()
    if own.startswith(OTHERS_MODELS.get(provider, ())):
        return False
    return not beginnings or own.startswith(beginnings)
