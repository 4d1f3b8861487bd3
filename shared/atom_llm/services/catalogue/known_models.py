"""The models that a tenant's calls can go to: those of the catalogue in force, and those that its own prices add."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from atom_llm.domain.catalogue.catalogue import ModelEntry
from atom_llm.domain.core.ids import TenantId
from atom_llm.ports.core import Clock
from atom_llm.services.catalogue.called_models import called_models
from atom_llm.services.catalogue.read_catalogue import CatalogueReader

if TYPE_CHECKING:
    from atom_llm.domain.catalogue.own_prices import OwnPrices


class KnownModels:
    """The look-up of a model that somebody sets something for."""

    def __init__(
        self, catalogue: CatalogueReader, own_prices: "Callable[[TenantId], OwnPrices | None]", clock: Clock
    ) -> None:
        """Take the catalogue; `own_prices` returns a tenant's own prices, which may add models, None where it has
        none."""
        self._catalogue = catalogue
        self._own_prices = own_prices
        self._clock = clock

    def called(self, tenant: TenantId, name: str) -> Sequence[ModelEntry]:
        """Return the rows that a tenant's call by this name may go to; raises `ModelNotFound`."""
        in_force, own = self._catalogue.current(), self._own_prices(tenant)
        added = None if own is None else own.added(name, in_force.catalogue, self._clock())
        return called_models(in_force, name, added)

    def ids(self, tenant: TenantId, name: str) -> Sequence[str]:
        """Return their ids, as rows and budgets have them; raises `ModelNotFound`."""
        return [row.id for row in self.called(tenant, name)]
