"""The check of a service key's own names: what stands for each is a model that can be called, or a tier."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from atom_llm.domain.core.errors import InvalidRequest, ModelNotFound
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.domain.routing.chat_request import model_names
from atom_llm.domain.tenancy.own_names import FIELD, OwnNames, own_names
from atom_llm.ports.core import Clock
from atom_llm.services.catalogue.called_models import called_models
from atom_llm.services.catalogue.read_catalogue import CatalogueReader
from atom_llm.services.tiers.choose_tier import is_of_tiers, named_tier

if TYPE_CHECKING:
    from atom_llm.domain.catalogue.own_prices import OwnPrices


class OwnNameCheck:
    """The check against the catalogue in force and the models that the tenant has added by own prices."""

    def __init__(
        self, catalogue: CatalogueReader, own_prices: "Callable[[TenantId], OwnPrices | None]", clock: Clock
    ) -> None:
        self._catalogue = catalogue
        self._own_prices = own_prices
        self._clock = clock

    def checked(self, tenant: TenantId, given: Mapping[str, str]) -> OwnNames:
        """Return own names as they are kept; raises `InvalidRequest` naming the one whose model is unknown."""
        names = own_names(given)
        for name, target in names.targets.items():
            for model in self._chain(name, target):
                self._check(tenant, f"{FIELD}.{name[:64]}", model)
        return names

    def _chain(self, name: str, target: str) -> tuple[str, ...]:
        try:
            return model_names(target)
        except InvalidRequest as error:
            raise InvalidRequest(f"{FIELD}.{name[:64]}", error.message) from None

    def _check(self, tenant: TenantId, place: str, model: str) -> None:
        if is_of_tiers(model):
            try:
                named_tier(model)
            except InvalidRequest as error:
                raise InvalidRequest(place, error.message) from None
            return
        in_force, own = self._catalogue.current(), self._own_prices(tenant)
        added = None if own is None else own.added(model, in_force.catalogue, self._clock())
        try:
            found = called_models(in_force, model, added)
        except ModelNotFound as error:
            raise InvalidRequest(place, f"stands for {model!r}, which is unknown: {error.message}") from None
        if not any(row.provider in PROVIDER_BY_ID for row in found):
            raise InvalidRequest(place, f"stands for {model!r}, which none of the providers that are called has")
