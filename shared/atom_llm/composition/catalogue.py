"""The services of the catalogue, built from the ports."""

from functools import cached_property
from typing import TYPE_CHECKING

from atom_llm.composition.ports import Ports

if TYPE_CHECKING:
    from atom_llm.domain.core.ids import TenantId
    from atom_llm.services.catalogue.known_models import KnownModels
    from atom_llm.services.catalogue.observed_refresh import ObservedRefresh
    from atom_llm.services.catalogue.own_prices import OwnPriceReader, OwnPriceSetter
    from atom_llm.services.catalogue.price_history import PriceHistory
    from atom_llm.services.catalogue.pricing_fetcher import DynamicPricingFetcher
    from atom_llm.services.catalogue.read_catalogue import CatalogueReader
    from atom_llm.services.catalogue.read_consensus import ConsensusReader
    from atom_llm.services.catalogue.read_refreshes import RefreshReader
    from atom_llm.services.core.shared_changes import SharedChanges


class CatalogueServices:
    """The services of prices: those in force, and the refresh that brings newer ones."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    @cached_property
    def reader(self) -> "CatalogueReader":
        """The catalogue in force, of this moment or of an earlier one."""
        from atom_llm.adapters.seed import load_seed
        from atom_llm.services.catalogue.read_catalogue import CatalogueReader

        declared = tuple(row for each in self._ports.settings.declared_providers for row in each.rows)
        settings = self._ports.settings
        return CatalogueReader(self._ports.price_book, load_seed, self._ports.clock, declared, settings.bedrock_region)

    @cached_property
    def pricing_fetcher(self) -> "DynamicPricingFetcher":
        """The refresh itself."""
        from atom_llm.adapters.seed import load_seed
        from atom_llm.services.catalogue.pricing_fetcher import DynamicPricingFetcher

        ports = self._ports
        return DynamicPricingFetcher(
            ports.price_sources, ports.price_book, ports.refresh_journal, load_seed, ports.clock, ports.price_lists
        )

    @cached_property
    def refresh(self) -> "ObservedRefresh":
        """The refresh with metrics of its outcome and of the prices' age."""
        from atom_llm.services.catalogue.observed_refresh import ObservedRefresh

        return ObservedRefresh(
            self.pricing_fetcher,
            self.reader,
            self.consensus,
            self._ports.refresh_journal,
            self.shared_changes,
            self._ports.clock,
        )

    @cached_property
    def shared_changes(self) -> "SharedChanges":
        """The entries on changes of what all tenants share."""
        from atom_llm.services.core.shared_changes import SharedChanges

        ports = self._ports
        return SharedChanges(self._operator, lambda entry: ports.audit_log.record(entry), ports.clock)

    def _operator(self) -> "TenantId | None":
        from atom_llm.services.tenancy.operator.find_operator import operator_of

        found = operator_of(self._ports.tenants)
        return found.id if found is not None else None

    @cached_property
    def refresh_reader(self) -> "RefreshReader":
        """The state of refreshes, and the proposals that they hold back."""
        from atom_llm.services.catalogue.read_refreshes import RefreshReader

        return RefreshReader(self._ports.refresh_journal)

    @cached_property
    def consensus(self) -> "ConsensusReader":
        """The word of independent lists on the prices in force."""
        from atom_llm.services.catalogue.read_consensus import ConsensusReader

        return ConsensusReader(self._ports.refresh_journal, self._ports.clock)

    @cached_property
    def price_history(self) -> "PriceHistory":
        """The changes of prices, and a row's prices over time."""
        from atom_llm.services.catalogue.price_history import PriceHistory

        return PriceHistory(self._ports.price_book)

    @cached_property
    def own_prices(self) -> "OwnPriceReader":
        """The own prices of tenants, as calls need them."""
        from atom_llm.services.catalogue.own_prices import OwnPriceReader

        return OwnPriceReader(self._ports.own_prices, self._ports.clock)

    @cached_property
    def known_models(self) -> "KnownModels":
        """The models that tenants' calls can go to."""
        from atom_llm.services.catalogue.known_models import KnownModels

        return KnownModels(self.reader, self.own_prices.of, self._ports.clock)

    @cached_property
    def own_price_setter(self) -> "OwnPriceSetter":
        """The use cases of own prices."""
        from atom_llm.services.catalogue.own_prices import OwnPriceSetter

        return OwnPriceSetter(self._ports.own_prices, self.reader, self.own_prices, self._ports.clock)
