"""The publishers of prices, at the addresses that the settings name."""

from collections.abc import Sequence

from atom_llm.adapters.sources import genai_prices, litellm, models_dev, openrouter
from atom_llm.adapters.sources.fetch import HttpPriceSource
from atom_llm.ports.catalogue import PriceSource
from atom_llm.ports.core import Clock
from atom_llm.services.catalogue.ask_sources import Reader
from atom_llm.services.catalogue.hear_lists import Lists
from atom_llm.settings import Settings


def price_sources(settings: Settings, clock: Clock) -> Sequence[tuple[PriceSource, Reader]]:
    """Return LiteLLM's file, and OpenRouter's list where it has no price, each with its reader."""
    return (
        (HttpPriceSource(litellm.NAME, settings.litellm_prices_url, clock), litellm.read),
        (HttpPriceSource(openrouter.NAME, settings.openrouter_models_url, clock), openrouter.read),
    )


def price_lists(settings: Settings, clock: Clock) -> Lists:
    """Return the independent lists, genai-prices and models.dev, each with its reader."""
    return (
        (HttpPriceSource(genai_prices.NAME, settings.genai_prices_url, clock), genai_prices.read),
        (HttpPriceSource(models_dev.NAME, settings.models_dev_url, clock), models_dev.read),
    )
