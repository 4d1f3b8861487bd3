"""The models that a tenant can call now: of providers whose key it has, sold at a known price, not past their end."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from atom_llm.domain.catalogue.catalogue import ModelEntry
from atom_llm.domain.catalogue.own_prices import OwnPrices
from atom_llm.domain.core.errors import ModelNotFound
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.core.providers import answers_in_responses
from atom_llm.domain.routing.allow_lists import UNLISTED, AllowLists
from atom_llm.domain.tiers.tier import AUTO, TIER_PREFIX, Tier
from atom_llm.ports.core import Clock
from atom_llm.services.catalogue.called_models import called_models
from atom_llm.services.catalogue.read_catalogue import CatalogueInForce, CatalogueReader
from atom_llm.services.tenancy.provider_key_ring import ProviderKeyRing

MODES: Final = frozenset({"chat", "embedding", "responses"})  # of the last, where the Responses API is called
CHOSEN_NAMES: Final = (AUTO, *(f"{TIER_PREFIX}{tier}" for tier in Tier))


@dataclass(frozen=True, slots=True)
class CallableModel:
    """A row of the catalogue, and the instant from which it is in force."""

    entry: ModelEntry
    since: datetime


@dataclass(frozen=True, slots=True)
class ChosenName:
    """A name for which a model is chosen at each call, `auto` or a tier; `since` its models are in force."""

    name: str
    since: datetime


class CallableModels:
    """The models that a tenant can call, for listing and look-up."""

    def __init__(
        self,
        catalogue: CatalogueReader,
        ring: ProviderKeyRing,
        clock: Clock,
        own_prices: Callable[[TenantId], OwnPrices | None],
    ) -> None:
        self._own_prices = own_prices
        self._catalogue = catalogue
        self._ring = ring
        self._clock = clock

    def of(self, tenant: TenantId, lists: AllowLists = UNLISTED) -> list[CallableModel]:
        """Return all of them that are on a caller's allow-lists, by id."""
        in_force = self._catalogue.current()
        return [
            CallableModel(entry, in_force.as_of)
            for entry in self._entries(in_force, tenant)
            if lists.refusal(entry.id) is None
        ]

    def names(self, tenant: TenantId, lists: AllowLists = UNLISTED) -> list[ChosenName]:
        """Return the names for which a model is chosen, and for which the caller's allow-lists leave one to choose;
        none where the tenant can call no chat model."""
        in_force = self._catalogue.current()
        chats = [entry.id for entry in self._entries(in_force, tenant) if entry.mode == "chat"]
        return [
            ChosenName(name, in_force.as_of)
            for name in CHOSEN_NAMES
            if any(lists.beside(name, name.removeprefix(TIER_PREFIX)).refusal(model) is None for model in chats)
        ]

    def find(self, tenant: TenantId, name: str, lists: AllowLists = UNLISTED) -> CallableModel | ChosenName:
        """Return one by id or any known spelling; raises `ModelNotFound`, also for one that the caller cannot call."""
        in_force = self._catalogue.current()
        chosen = next((each for each in self.names(tenant, lists) if each.name == name), None)
        if chosen is not None:
            return chosen
        own = self._own_prices(tenant)
        meant = called_models(
            in_force, name, None if own is None else own.added(name, in_force.catalogue, self._clock())
        )
        for entry in self._entries(in_force, tenant):
            if entry in meant and lists.refusal(entry.id) is None:
                return CallableModel(entry, in_force.as_of)
        raise ModelNotFound(name, ())

    def _entries(self, in_force: CatalogueInForce, tenant: TenantId) -> Iterator[ModelEntry]:
        now, own = self._clock(), self._own_prices(tenant)
        today = now.date()
        rates_of = in_force.catalogue.rates if own is None else own.rates_of(in_force.catalogue, now)
        added = [] if own is None else list(own.all_added(in_force.catalogue, now))
        for provider, keys in sorted(self._ring.usable_keys(tenant).items()):
            rows = in_force.catalogue.by_provider.get(provider, ())
            for entry in (*rows, *(each for each in added if each.provider == provider)):
                if (
                    entry.mode in MODES
                    and (entry.mode != "responses" or answers_in_responses(provider, entry.mode))
                    and not entry.is_deprecated(today)
                    and any(key.allows(entry.id) for key in keys)
                    and rates_of(entry).is_priced
                ):
                    yield entry
