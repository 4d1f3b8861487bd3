"""The services of the registry, built from the ports."""

from functools import cached_property
from typing import TYPE_CHECKING

from atom_llm.composition.catalogue import CatalogueServices
from atom_llm.composition.ports import Ports
from atom_llm.composition.tenancy import TenancyServices

if TYPE_CHECKING:
    from atom_llm.services.registry.callable_models import CallableModels
    from atom_llm.services.registry.llm_registry_service import CircuitPhases, LLMRegistryService
    from atom_llm.services.registry.model_index import ModelIndex
    from atom_llm.services.registry.provider_health import HealthRecorder, ProviderHealthService
    from atom_llm.services.registry.provider_overview import ProviderOverviews
    from atom_llm.services.registry.read_quality import QualityReader
    from atom_llm.services.registry.sync_quality import QualitySync


class RegistryServices:
    """The services of models with their scores, and of their providers' health."""

    def __init__(
        self, ports: Ports, catalogue: CatalogueServices, tenancy: TenancyServices, circuits: "CircuitPhases"
    ) -> None:
        """`circuits` gives the phases of models' circuits, which routing keeps."""
        self._ports = ports
        self._catalogue = catalogue
        self._tenancy = tenancy
        self._circuits = circuits

    @cached_property
    def llm_registry(self) -> "LLMRegistryService":
        """Answers the routes of the registry."""
        from atom_llm.services.registry.llm_registry_service import LLMRegistryService

        return LLMRegistryService(
            self._catalogue.reader,
            self.model_index,
            self.quality_sync,
            self.provider_health,
            self._circuits,
            self._ports.clock,
        )

    @cached_property
    def quality_reader(self) -> "QualityReader":
        """The scores in force."""
        from atom_llm.adapters.seed import load_quality_seed
        from atom_llm.services.registry.read_quality import QualityReader

        return QualityReader(self._ports.quality_store, load_quality_seed, self._ports.clock)

    @cached_property
    def quality_sync(self) -> "QualitySync":
        """The sync that brings newer scores."""
        from atom_llm.services.registry.sync_quality import QualitySync

        ports = self._ports
        return QualitySync(
            ports.quality_store,
            ports.boards,
            self._catalogue.reader,
            self.quality_reader,
            self._catalogue.shared_changes,
            ports.clock,
        )

    @cached_property
    def model_index(self) -> "ModelIndex":
        """The search index of models."""
        from atom_llm.services.registry.model_index import ModelIndex

        return ModelIndex(self._catalogue.reader, self.quality_reader)

    @cached_property
    def callable_models(self) -> "CallableModels":
        """The models that a tenant can call."""
        from atom_llm.services.registry.callable_models import CallableModels

        return CallableModels(
            self._catalogue.reader, self._tenancy.provider_key_ring, self._ports.clock, self._catalogue.own_prices.of
        )

    @cached_property
    def provider_overviews(self) -> "ProviderOverviews":
        """The providers as a tenant sees them."""
        from atom_llm.services.registry.provider_overview import ProviderOverviews

        ports = self._ports
        return ProviderOverviews(
            self._catalogue.reader, ports.provider_keys, self.provider_health, ports.settings.provider_base_urls
        )

    @cached_property
    def provider_health(self) -> "ProviderHealthService":
        """The health of providers, for reading."""
        from atom_llm.services.registry.provider_health import ProviderHealthService

        return ProviderHealthService(self._ports.health_log, self._ports.clock, self._ports.executor)

    @cached_property
    def health_recorder(self) -> "HealthRecorder":
        """The record of attempts' outcomes."""
        from atom_llm.services.registry.provider_health import HealthRecorder

        return HealthRecorder(self._ports.health_log, self._ports.clock)
