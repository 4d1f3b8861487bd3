"""The services that decide where a call goes, built from the ports."""

from functools import cached_property, partial
from typing import TYPE_CHECKING

from atom_llm.composition.catalogue import CatalogueServices
from atom_llm.composition.ledger import LedgerServices
from atom_llm.composition.ports import Ports
from atom_llm.composition.registry import RegistryServices
from atom_llm.composition.tenancy import TenancyServices
from atom_llm.composition.tiers import TierServices

if TYPE_CHECKING:
    from atom_llm.domain.core.ids import TenantId
    from atom_llm.domain.routing.allow_lists import Asker
    from atom_llm.services.routing.allow_list_book import AllowListBook
    from atom_llm.services.routing.call_history import CallHistory
    from atom_llm.services.routing.check_own_names import OwnNameCheck
    from atom_llm.services.routing.circuit_breaker import CircuitBreaker
    from atom_llm.services.routing.compare_tiers import TierComparer
    from atom_llm.services.routing.declared.declare import Declarer
    from atom_llm.services.routing.eligible_models import EligibleModelIndex
    from atom_llm.services.routing.plan_call import Planner
    from atom_llm.services.routing.set_allow_list import AllowListSetter
    from atom_llm.services.routing.tier_candidates import TierCandidates
    from atom_llm.services.routing.usage_frontier import UsageFrontierReader


class RoutingServices:
    """The services of plans, and those that they are made from."""

    def __init__(
        self,
        ports: Ports,
        catalogue: CatalogueServices,
        tenancy: TenancyServices,
        ledger: LedgerServices,
        registry: RegistryServices,
        tiers: TierServices,
    ) -> None:
        self._ports = ports
        self._catalogue = catalogue
        self._tenancy = tenancy
        self._ledger = ledger
        self._registry = registry
        self._tiers = tiers

    @cached_property
    def planner(self) -> "Planner":
        """The maker of plans."""
        from atom_llm.services.routing.plan_call import Planner

        return Planner(
            self._catalogue.reader,
            self._tenancy.provider_key_ring,
            self._ports.gateway,
            self.call_history,
            self.circuit_breaker.is_open,
            self._tiers.tier_chooser,
            self.tier_candidates,
            self._ports.settings.call_limits,
            self._ports.clock,
            self._catalogue.own_prices.of,
            partial(self._ledger.narrowed_holds.of, None),
            self.allow_list_book.concerning,
            self._cheaper,
        )

    def _cheaper(self, tenant: "TenantId", asker: "Asker") -> str | None:
        from atom_llm.domain.ledger.end_users import EndUser

        user = EndUser(asker.person, asker.session)
        near = self._ledger.near_limits
        found = near.reached(tenant, asker.service_key, user, asker.team, asker.tags, "prefer_cheaper")
        return None if found is None else found.why

    @cached_property
    def allow_list_book(self) -> "AllowListBook":
        """The allow-lists that concern a call."""
        from atom_llm.services.routing.allow_list_book import AllowListBook

        ports = self._ports
        names = self._tenancy.end_user_names.in_books
        return AllowListBook(ports.allow_lists, ports.teams, names, ports.clock, ports.executor)

    @cached_property
    def allow_list_setter(self) -> "AllowListSetter":
        """The use cases of allow-lists."""
        from atom_llm.services.routing.set_allow_list import AllowListSetter

        return AllowListSetter(
            self._ports.allow_lists,
            self.allow_list_book,
            self._ledger.known_scopes,
            self._catalogue.known_models,
            self._ports.clock,
        )

    @cached_property
    def declarer(self) -> "Declarer":
        """The documents that declare tenants."""
        from atom_llm.services.routing.declared.declare import Declarer
        from atom_llm.services.routing.declared.of_tenant import TenantChanges

        ledger = self._ledger
        prices = self._catalogue.own_price_setter
        of_tenant = TenantChanges(ledger.team_setter, ledger.budget_setter, self.allow_list_setter, prices)
        return Declarer(self._tenancy.directory, of_tenant, ledger.price_alert_setter)

    @cached_property
    def own_name_check(self) -> "OwnNameCheck":
        """The check of what stands for a service key's own names."""
        from atom_llm.services.routing.check_own_names import OwnNameCheck

        return OwnNameCheck(self._catalogue.known_models)

    @cached_property
    def circuit_breaker(self) -> "CircuitBreaker":
        """The circuits that keep calls away from failing models."""
        from atom_llm.services.routing.circuit_breaker import CircuitBreaker

        return CircuitBreaker(self._ports.circuits, self._ports.clock)

    @cached_property
    def call_history(self) -> "CallHistory":
        """The memory of this process's calls."""
        from atom_llm.services.routing.call_history import CallHistory

        return CallHistory()

    @cached_property
    def eligible_models(self) -> "EligibleModelIndex":
        """The models that tiers choose from."""
        from atom_llm.services.routing.eligible_models import EligibleModelIndex

        return EligibleModelIndex(self._catalogue.reader, self._registry.quality_reader, self._ports.clock)

    @cached_property
    def tier_candidates(self) -> "TierCandidates":
        """The ranking of a tier's models."""
        from atom_llm.services.routing.tier_candidates import TierCandidates

        return TierCandidates(
            self.eligible_models, self.call_history, self._registry.provider_health, self.circuit_breaker
        )

    @cached_property
    def tier_comparer(self) -> "TierComparer":
        """The comparison of tiers."""
        from atom_llm.services.routing.compare_tiers import TierComparer

        return TierComparer(
            self.planner,
            self._tiers.preference_reader,
            self.eligible_models,
            self._catalogue.reader,
            self._tenancy.provider_key_ring,
            self.call_history,
            self._catalogue.own_prices.of,
            self._ports.clock,
        )

    @cached_property
    def usage_frontier(self) -> "UsageFrontierReader":
        """The quality-cost frontier of tenants' own traffic."""
        from atom_llm.services.routing.usage_frontier import UsageFrontierReader

        return UsageFrontierReader(
            self._catalogue.reader,
            self._registry.model_index,
            self.eligible_models,
            self._tenancy.provider_key_ring,
            self._ports.clock,
        )
