"""The providers as a tenant sees them: their models, its own keys, and how they answer everybody's calls."""

from collections.abc import Mapping
from dataclasses import dataclass

from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.core.providers import PROVIDER_BY_ID, Provider
from atom_llm.domain.registry.health import HealthState
from atom_llm.domain.tenancy.provider_keys import KeyStatus, in_order
from atom_llm.ports.tenancy import ProviderKeyBook
from atom_llm.services.catalogue.read_catalogue import CatalogueReader
from atom_llm.services.registry.provider_health import ProviderHealthService


@dataclass(frozen=True, slots=True)
class ProviderOverview:
    """A provider; `key_status` is that of the tenant's key that would be used first, None where it has none.

    A provider that the operator pays for, or that wants no key, counts as one with an active key.
    """

    provider: Provider
    base_url: str
    model_count: int
    capabilities: tuple[str, ...]
    has_active_key: bool
    key_status: KeyStatus | None
    health: HealthState


class ProviderOverviews:
    """The overviews, from the catalogue, the key book and the health of each provider."""

    def __init__(
        self,
        catalogue: CatalogueReader,
        keys: ProviderKeyBook,
        health: ProviderHealthService,
        base_urls: Mapping[str, str],
    ) -> None:
        """Take the parts; `base_urls` are the deployment's other addresses, by provider id."""
        self._catalogue = catalogue
        self._keys = keys
        self._health = health
        self._base_urls = base_urls

    def of(self, tenant: TenantId) -> list[ProviderOverview]:
        """Return one overview a provider, in the providers' own order."""
        keys, _ = self._keys.of(tenant)
        models = self._catalogue.current().catalogue.by_provider
        health = self._health.of(PROVIDER_BY_ID)
        overviews = []
        for provider in PROVIDER_BY_ID.values():
            own = in_order(key for key in keys if key.provider == provider.id and key.deleted_at is None)
            best = next((key for key in own if key.is_usable), own[0] if own else None)
            rows = models.get(provider.id, ())
            overviews.append(
                ProviderOverview(
                    provider=provider,
                    base_url=self._base_urls.get(provider.id, provider.base_url),
                    model_count=len(rows),
                    capabilities=tuple(sorted({capability for row in rows for capability in row.capabilities})),
                    has_active_key=provider.access != "tenant" or (best is not None and best.is_usable),
                    key_status=best.status if best is not None else None,
                    health=health[provider.id].whole.state,
                )
            )
        return overviews
