"""models.dev's `api.json` as an independent list of rates."""

from collections.abc import Mapping, Sequence
from typing import Final

from atom_llm.adapters.sources.fields import MAX_NAME_LENGTH, is_name, strict_json, unit_rate
from atom_llm.domain.catalogue.errors import UnreadableSource
from atom_llm.domain.catalogue.statements import DatedRates, ListReading
from atom_llm.domain.core.errors import InvalidRate
from atom_llm.domain.pricing.units import CACHE_READ_TOKEN, CACHE_WRITE_TOKEN, INPUT_TOKEN, OUTPUT_TOKEN

NAME: Final = "models.dev"

# Its provider ids as ours, of those whose price lists are the ones of our rows; plans and lists in other currencies
# are none.
PROVIDER_OF: Final[Mapping[str, str]] = {
    "alibaba": "qwen",
    "amazon-bedrock": "bedrock",
    "anthropic": "anthropic",
    "azure": "azure",
    "cerebras": "cerebras",
    "cohere": "cohere",
    "deepinfra": "deepinfra",
    "deepseek": "deepseek",
    "fireworks-ai": "fireworks_ai",
    "google": "google",
    "google-vertex": "vertex_ai",
    "groq": "groq",
    "llama": "meta",
    "minimax": "minimax",
    "mistral": "mistral",
    "moonshotai": "moonshot",
    "nova": "amazon_nova",
    "openai": "openai",
    "perplexity": "perplexity",
    "togetherai": "together_ai",
    "xai": "xai",
    "xiaomi": "xiaomi_mimo",
    "zai": "zhipu",
}
# Its fields, USD per million tokens, as rate names.
RATE_OF_FIELD: Final[Mapping[str, str]] = {
    "input": INPUT_TOKEN,
    "output": OUTPUT_TOKEN,
    "cache_read": CACHE_READ_TOKEN,
    "cache_write": CACHE_WRITE_TOKEN,
    "reasoning": "output_cost_per_reasoning_token",
    "input_audio": "input_cost_per_audio_token",
    "output_audio": "output_cost_per_audio_token",
}
_BASE: Final = frozenset({INPUT_TOKEN, OUTPUT_TOKEN})


def read(body: bytes) -> ListReading:
    """Read every model of a provider whose rows we have; raises `UnreadableSource` when it is no object of providers.

    A model whose rates cannot be read is refused alone. It writes 0 for what is not sold: beside a price, that is no
    statement.
    """
    content = strict_json(NAME, body)
    if not isinstance(content, dict):
        raise UnreadableSource(NAME, "not an object of providers")
    models: dict[str, Sequence[DatedRates]] = {}
    refused: dict[str, str] = {}
    for provider, own in PROVIDER_OF.items():
        listed = content[provider].get("models") if isinstance(content.get(provider), dict) else None
        for name, model in listed.items() if isinstance(listed, dict) else ():
            cost = model.get("cost") if isinstance(model, dict) else None
            if cost is None or not is_name(name):
                continue
            try:
                rates = _rates(cost)
            except InvalidRate as error:
                refused[f"{own}/{name}"[:MAX_NAME_LENGTH]] = str(error)
            else:
                models[f"{own}/{name}"] = (DatedRates(None, rates),)
    return ListReading(NAME, models, refused)


def _rates(cost: object) -> Mapping[str, str]:
    if not isinstance(cost, dict) or "input" not in cost or "output" not in cost:
        raise InvalidRate("cost", "has no input and output")
    rates = _of_fields(cost, "")
    tiers = cost.get("tiers")
    for tier in tiers if isinstance(tiers, list) else ():
        about = tier.get("tier") if isinstance(tier, dict) else None
        size = about.get("size") if isinstance(about, dict) and about.get("type") == "context" else None
        if not isinstance(size, int) or size % 1000:
            raise InvalidRate("tiers", "has one that goes by no whole thousand of tokens")
        rates |= _of_fields(tier, f"_above_{size // 1000}k_tokens")
    return rates


def _of_fields(cost: Mapping[str, object], suffix: str) -> dict[str, str]:
    rates = {
        name: unit_rate(cost[field], field) for field, name in RATE_OF_FIELD.items() if cost.get(field) is not None
    }
    is_priced = any(rates.get(name, "0") != "0" for name in _BASE)
    return {name + suffix: rate for name, rate in rates.items() if rate != "0" or name in _BASE or not is_priced}
