"""genai-prices' data (github.com/pydantic/genai-prices) as an independent list of rates."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from atom_llm.adapters.sources.fields import MAX_NAME_LENGTH, day, is_name, strict_json, unit_rate
from atom_llm.domain.catalogue.errors import UnreadableSource
from atom_llm.domain.catalogue.statements import DatedRates, ListReading
from atom_llm.domain.core.errors import InvalidRate
from atom_llm.domain.pricing.units import CACHE_READ_TOKEN, CACHE_WRITE_TOKEN, INPUT_TOKEN, OUTPUT_TOKEN, SEARCH_RATE

NAME: Final = "genai-prices"

# Its provider ids as ours, of those whose price lists are the ones of our rows.
PROVIDER_OF: Final[Mapping[str, str]] = {
    "anthropic": "anthropic",
    "aws": "bedrock",
    "azure": "azure",
    "cerebras": "cerebras",
    "cohere": "cohere",
    "deepseek": "deepseek",
    "fireworks": "fireworks_ai",
    "google": "google",
    "groq": "groq",
    "minimax": "minimax",
    "mistral": "mistral",
    "moonshotai": "moonshot",
    "openai": "openai",
    "perplexity": "perplexity",
    "together": "together_ai",
    "voyageai": "voyage",
    "x-ai": "xai",
    "zai": "zhipu",
}
# Its fields, USD per million tokens, as rate names.
RATE_OF_FIELD: Final[Mapping[str, str]] = {
    "input_mtok": INPUT_TOKEN,
    "output_mtok": OUTPUT_TOKEN,
    "cache_read_mtok": CACHE_READ_TOKEN,
    "cache_write_mtok": CACHE_WRITE_TOKEN,
    "cache_write_1h_mtok": f"{CACHE_WRITE_TOKEN}_above_1hr",
    "input_audio_mtok": "input_cost_per_audio_token",
    "cache_audio_read_mtok": "cache_read_input_audio_token_cost",
    "output_audio_mtok": "output_cost_per_audio_token",
    "input_image_mtok": "input_cost_per_image_token",
    "cache_image_read_mtok": "cache_read_input_image_token_cost",
    "output_image_mtok": "output_cost_per_image_token",
    "input_video_mtok": "input_cost_per_video_token",
    "output_video_mtok": "output_cost_per_video_token",
    "output_reasoning_mtok": "output_cost_per_reasoning_token",
    "output_citation_mtok": "citation_cost_per_token",
}
_SEARCHES: Final = "web_searches_kcount"  # USD per thousand


def read(body: bytes) -> ListReading:
    """Read every model of a provider whose rows we have; raises `UnreadableSource` when it is no list of providers.

    A model has the names that its `match` equals, beside its id; beginnings and parts of names claim too much. One
    whose rates cannot be read, or go by the hour, is refused alone.
    """
    content = strict_json(NAME, body)
    providers = content if isinstance(content, list) else None
    if providers is None:
        raise UnreadableSource(NAME, "not a list of providers")
    models: dict[str, Sequence[DatedRates]] = {}
    refused: dict[str, str] = {}
    for provider in providers:
        own = PROVIDER_OF.get(str(provider.get("id"))) if isinstance(provider, dict) else None
        listed = provider.get("models") if isinstance(provider, dict) else None
        if own is None or not isinstance(listed, list):
            continue
        for model in listed:
            names = dict.fromkeys(_names(model))
            try:
                dated = _dated(model["prices"]) if names else ()
            except InvalidRate as error:
                refused[f"{own}/{next(iter(names))}"[:MAX_NAME_LENGTH]] = str(error)
                continue
            if any(each.rates for each in dated):
                models |= {f"{own}/{name}": dated for name in names}
    return ListReading(NAME, models, refused)


def _names(model: object) -> Iterator[str]:
    if isinstance(model, dict) and "prices" in model:
        for name in (model.get("id"), *_equals(model.get("match"))):
            if isinstance(name, str) and is_name(name):
                yield name


def _equals(match: object) -> Iterator[object]:
    if isinstance(match, dict):
        yield match.get("equals")
        either = match.get("or")
        for each in either if isinstance(either, list) else ():
            yield each.get("equals") if isinstance(each, dict) else None


def _dated(prices: object) -> tuple[DatedRates, ...]:
    """Return the rates from each day on, in the list's own order; the last that has begun is in force."""
    if isinstance(prices, dict):
        return (DatedRates(None, _rates(prices)),)
    if not isinstance(prices, list):
        raise InvalidRate("prices", "are neither rates nor a list of them")
    return tuple(DatedRates(_start(each), _rates(each.get("prices"))) for each in prices if isinstance(each, dict))


def _start(priced: Mapping[str, object]) -> date | None:
    constraint = priced.get("constraint")
    if constraint is None:
        return None
    found = day(constraint.get("start_date")) if isinstance(constraint, dict) else None
    if found is None or constraint.keys() - {"start_date"}:  # type: ignore[attr-defined]  # an object, by its start
        raise InvalidRate("prices", "go by the hour, or by something else than a day")
    return found


def _rates(prices: object) -> Mapping[str, str]:
    if not isinstance(prices, dict):
        raise InvalidRate("prices", "are no object")
    rates: dict[str, str] = {}
    for field, name in RATE_OF_FIELD.items():
        if field in prices:
            rates |= _steps(name, field, prices[field])
    if _SEARCHES in prices:
        rates[SEARCH_RATE] = unit_rate(prices[_SEARCHES], _SEARCHES, 1_000, most=None)
    return rates


def _steps(name: str, field: str, value: object) -> Iterator[tuple[str, str]]:
    """Yield a rate, and those of longer prompts, by the price file's keys."""
    if not isinstance(value, dict):
        yield name, unit_rate(value, field)
        return
    yield name, unit_rate(value.get("base"), field)
    tiers = value.get("tiers")
    for tier in tiers if isinstance(tiers, list) else ():
        start = tier.get("start") if isinstance(tier, dict) else None
        if not isinstance(start, int) or start % 1000:
            raise InvalidRate(field, "has a tier that begins at no whole thousand")
        yield f"{name}_above_{start // 1000}k_tokens", unit_rate(tier.get("price"), field)
