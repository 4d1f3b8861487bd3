"""The check of the models that a provider key is limited to: each is one of the provider's, as calls find it."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from atom_llm.domain.catalogue.catalogue import ModelEntry
from atom_llm.domain.core.errors import InvalidRequest, ModelNotFound
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.tenancy.provider_keys import names_of
from atom_llm.ports.core import Clock
from atom_llm.services.catalogue.called_models import called_models
from atom_llm.services.catalogue.read_catalogue import CatalogueReader

if TYPE_CHECKING:
    from atom_llm.domain.catalogue.own_prices import OwnPrices

FIELD: Final = "allowed_models"


class KeyModelCheck:
    """The check against the catalogue in force and the models that the tenant has added by own prices."""

    def __init__(
        self, catalogue: CatalogueReader, own_prices: "Callable[[TenantId], OwnPrices | None]", clock: Clock
    ) -> None:
        """Take the stores; `own_prices` returns a tenant's own prices, None where it has none."""
        self._catalogue = catalogue
        self._own_prices = own_prices
        self._clock = clock

    def check(self, tenant: TenantId, provider: str, models: Sequence[str], kept: Sequence[str] = ()) -> None:
        """Raise `InvalidRequest` naming the place of a model by whose name a key of a provider would allow no call.

        `kept` are names that the key has already: a model may leave the catalogue, and its key stays as it is.
        """
        for position, name in enumerate(models):
            if name not in kept:
                self._check(tenant, provider, f"{FIELD}.{position}", name)

    def _check(self, tenant: TenantId, provider: str, place: str, name: str) -> None:
        rows = list(self._rows(tenant, provider, name))
        if any(name in names_of(row.id) for row in rows if row.provider == provider):
            return
        spelt = next((row.id for row in rows if row.provider == provider), None)
        if spelt is not None:
            raise InvalidRequest(place, f"is another spelling of {spelt}, which a key has to have")
        if rows:
            raise InvalidRequest(place, f"is a model of {rows[0].provider}, and the key is one of {provider}")
        raise InvalidRequest(place, f"is no model of {provider} that is known{self._near(provider, name)}")

    def _rows(self, tenant: TenantId, provider: str, name: str) -> Iterator[ModelEntry]:
        """Iterate over what the name means as an id, or as any provider's name, and what it means as this provider's
        own name, which may have a slash in it."""
        in_force, own = self._catalogue.current(), self._own_prices(tenant)
        for spelling in (name, f"{provider}/{name}"):
            added = None if own is None else own.added(spelling, in_force.catalogue, self._clock())
            try:
                yield from called_models(in_force, spelling, added)
            except ModelNotFound:
                continue

    def _near(self, provider: str, name: str) -> str:
        found = self._catalogue.current().callable_names.near(f"{provider}/{name.removeprefix(f'{provider}/')}")
        near = [each for each in found if each.startswith(f"{provider}/")]
        return f"; near it are {', '.join(near)}" if near else ""
