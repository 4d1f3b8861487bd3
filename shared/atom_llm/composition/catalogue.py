"""Builds the services of the catalogue."""

from functools import cached_property
from typing import TYPE_CHECKING

from atom_llm.composition.ports import Ports

if TYPE_CHECKING:
    from atom_llm.services.catalogue.pricing_fetcher import DynamicPricingFetcher
    from atom_llm.services.catalogue.read_catalogue import CatalogueReader


class CatalogueServices:
    """The prices in force, and the refresh that brings newer ones."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    @cached_property
    def reader(self) -> "CatalogueReader":
        """Gives the catalogue in force, of this moment or of an earlier one."""
        from atom_llm.adapters.seed import load_seed
        from atom_llm.services.catalogue.read_catalogue import CatalogueReader

        return CatalogueReader(self._ports.price_book, load_seed, self._ports.clock)

    @cached_property
    def pricing_fetcher(self) -> "DynamicPricingFetcher":
        """Runs refreshes."""
        from atom_llm.adapters.seed import load_seed
        from atom_llm.services.catalogue.pricing_fetcher import DynamicPricingFetcher

        ports = self._ports
        return DynamicPricingFetcher(
            ports.price_sources, ports.price_book, ports.refresh_journal, load_seed, ports.clock
        )
