"""Prices and scores."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from atom_llm.composition.stores import Stores
from atom_llm.ports.catalogue import PriceSource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atom_llm.ports.registry import BoardSource
    from atom_llm.services.catalogue.ask_sources import Reader
    from atom_llm.services.catalogue.read_catalogue import CatalogueReader
    from atom_llm.services.catalogue.refresh_prices import DynamicPricingFetcher
    from atom_llm.services.registry.model_index import ModelIndex
    from atom_llm.services.registry.read_quality import QualityReader
    from atom_llm.services.registry.sync_quality import QualitySync


class CatalogueParts(Stores):
    """The catalogue in force, and what brings a newer one."""

    @cached_property
    def catalogue(self) -> "CatalogueReader":
        """The prices that are believed."""
        from atom_llm.adapters.seed import load_seed
        from atom_llm.services.catalogue.read_catalogue import CatalogueReader

        return CatalogueReader(self.price_book, load_seed, self.clock)

    @cached_property
    def price_refresher(self) -> "DynamicPricingFetcher":
        """Runs refreshes."""
        from atom_llm.adapters.seed import load_seed
        from atom_llm.services.catalogue.refresh_prices import DynamicPricingFetcher

        return DynamicPricingFetcher(self._sources, self.price_book, self.refresh_journal, load_seed, self.clock)

    @cached_property
    def quality(self) -> "QualityReader":
        """The scores in force."""
        from atom_llm.adapters.seed import load_quality_seed
        from atom_llm.services.registry.read_quality import QualityReader

        return QualityReader(self._quality_store, load_quality_seed, self.clock)

    @cached_property
    def quality_sync(self) -> "QualitySync":
        """Brings newer scores."""
        from atom_llm.services.registry.sync_quality import QualitySync

        return QualitySync(self._quality_store, self._boards, self.catalogue, self.quality, self.clock)

    @cached_property
    def model_index(self) -> "ModelIndex":
        """Finds models."""
        from atom_llm.services.registry.model_index import ModelIndex

        return ModelIndex(self.catalogue, self.quality)

    @cached_property
    def _sources(self) -> "Sequence[tuple[PriceSource, Reader]]":
        if self._given_sources is not None:
            return self._given_sources
        from atom_llm.adapters.sources import litellm, openrouter
        from atom_llm.adapters.sources.fetch import HttpPriceSource

        return (
            (HttpPriceSource(litellm.NAME, self.settings.litellm_prices_url, self.clock), litellm.read),
            (HttpPriceSource(openrouter.NAME, self.settings.openrouter_models_url, self.clock), openrouter.read),
        )

    @cached_property
    def _boards(self) -> "Mapping[str, BoardSource]":
        if self._given_boards is not None:
            return self._given_boards
        from atom_llm.adapters.sources.arena import NAME, ArenaBoard

        return {NAME: ArenaBoard(self.settings.arena_rows_url, self.clock)}
