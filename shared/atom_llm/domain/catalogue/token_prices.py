"""Prices of a catalogue's rows by the token."""

from atom_llm.domain.catalogue.catalogue import Catalogue, ModelEntry
from atom_llm.domain.pricing.token_prices import TokenPrices, prices_of_rates


def token_prices(catalogue: Catalogue, entry: ModelEntry) -> TokenPrices | None:
    """Return a row's rates for a short standard prompt, or None where input and output tokens are not both priced."""
    return prices_of_rates(catalogue.rates(entry))
