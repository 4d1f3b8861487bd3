"""The models that a tenant can call now: of providers whose key it has, sold at a known price, not past their end."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from atom_llm.domain.catalogue.catalogue import ModelEntry
from atom_llm.domain.core.errors import ModelNotFound
from atom_llm.domain.core.ids import TenantId
from atom_llm.ports.core import Clock
from atom_llm.services.catalogue.called_models import called_models
from atom_llm.services.catalogue.read_catalogue import CatalogueInForce, CatalogueReader
from atom_llm.services.tenancy.provider_key_ring import ProviderKeyRing

MODES: Final = frozenset({"chat", "embedding"})


@dataclass(frozen=True, slots=True)
class CallableModel:
    """A row of the catalogue, and the instant from which it is in force."""

    entry: ModelEntry
    since: datetime


class CallableModels:
    """The models that a tenant can call, for listing and look-up."""

    def __init__(self, catalogue: CatalogueReader, ring: ProviderKeyRing, clock: Clock) -> None:
        self._catalogue = catalogue
        self._ring = ring
        self._clock = clock

    def of(self, tenant: TenantId) -> list[CallableModel]:
        """Return all of them, by id."""
        in_force = self._catalogue.current()
        return [CallableModel(entry, in_force.as_of) for entry in self._entries(in_force, tenant)]

    def find(self, tenant: TenantId, name: str) -> CallableModel:
        """Return one by id or any known spelling; raises `ModelNotFound`, also for one that the tenant cannot call."""
        in_force = self._catalogue.current()
        meant = called_models(in_force, name)
        for entry in self._entries(in_force, tenant):
            if entry in meant:
                return CallableModel(entry, in_force.as_of)
        raise ModelNotFound(name, ())

    def _entries(self, in_force: CatalogueInForce, tenant: TenantId) -> Iterator[ModelEntry]:
        today = self._clock().date()
        for provider, keys in sorted(self._ring.usable_keys(tenant).items()):
            for entry in in_force.catalogue.by_provider.get(provider, ()):
                if (
                    entry.mode in MODES
                    and not entry.is_deprecated(today)
                    and any(key.allows(entry.id) for key in keys)
                    and in_force.catalogue.rates(entry).is_priced
                ):
                    yield entry
