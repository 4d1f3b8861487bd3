"""The check of a service key's own names: what stands for each is a model that can be called, or a tier."""

from collections.abc import Mapping

from atom_llm.domain.core.errors import InvalidRequest, ModelNotFound
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.domain.routing.chat_request import model_names
from atom_llm.domain.tenancy.own_names import FIELD, OwnNames, own_names
from atom_llm.services.catalogue.known_models import KnownModels
from atom_llm.services.tiers.choose_tier import is_of_tiers, named_tier


class OwnNameCheck:
    """The check against the catalogue in force and the models that the tenant has added by own prices."""

    def __init__(self, models: KnownModels) -> None:
        self._models = models

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
        try:
            found = self._models.called(tenant, model)
        except ModelNotFound as error:
            raise InvalidRequest(place, f"stands for {model!r}, which is unknown: {error.message}") from None
        if not any(row.provider in PROVIDER_BY_ID for row in found):
            raise InvalidRequest(place, f"stands for {model!r}, which none of the providers that are called has")
