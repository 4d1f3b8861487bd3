"""Which model a call goes to."""

from functools import cached_property
from typing import TYPE_CHECKING

from atom_llm.composition.tenancy import TenancyParts
from atom_llm.ports.providers import ProviderGateway

if TYPE_CHECKING:
    from atom_llm.services.registry.provider_health import HealthRecorder, ProviderHealthService
    from atom_llm.services.routing.call_history import CallHistory
    from atom_llm.services.routing.circuit_breaker import CircuitBreaker
    from atom_llm.services.routing.eligible_models import EligibleModelIndex
    from atom_llm.services.routing.plan_call import Planner
    from atom_llm.services.routing.tier_candidates import TierCandidates
    from atom_llm.services.tenancy.rate_limiter import RateLimiter
    from atom_llm.services.tiers.choose_tier import TierChooser


class RoutingParts(TenancyParts):
    """What decides, and what it is told."""

    @cached_property
    def circuit_breaker(self) -> "CircuitBreaker":
        """Keeps calls away from models that fail."""
        from atom_llm.services.routing.circuit_breaker import CircuitBreaker

        return CircuitBreaker(self._runtime.circuits, self.clock)

    @cached_property
    def rate_limiter(self) -> "RateLimiter":
        """Holds service keys, and tenants at providers, to their limits."""
        from atom_llm.services.tenancy.rate_limiter import RateLimiter

        usual = self.settings.key_limit
        return RateLimiter(
            self._runtime.rate_limits, lambda caller: caller.limit.over(usual), self.settings.provider_limit, self.clock
        )

    @cached_property
    def health(self) -> "ProviderHealthService":
        """Says how providers are doing."""
        from atom_llm.services.registry.provider_health import ProviderHealthService

        return ProviderHealthService(self._runtime.health, self.clock, self._side_by_side)

    @cached_property
    def health_recorder(self) -> "HealthRecorder":
        """Hears what became of attempts."""
        from atom_llm.services.registry.provider_health import HealthRecorder

        return HealthRecorder(self._runtime.health, self.clock)

    @cached_property
    def call_history(self) -> "CallHistory":
        """What this process has seen of calls."""
        from atom_llm.services.routing.call_history import CallHistory

        return CallHistory()

    @cached_property
    def gateway(self) -> ProviderGateway:
        """The providers, over HTTP."""
        if self._given_gateway is not None:
            return self._given_gateway
        from atom_llm.adapters.providers.gateway import HttpGateway
        from atom_llm.adapters.providers.http import Connections
        from atom_llm.adapters.providers.table import DIALECTS

        connections = Connections(self.settings.call_limits.connect_s)
        return HttpGateway(DIALECTS, self.settings.provider_base_urls, connections, self.clock)

    @cached_property
    def good_enough(self) -> "EligibleModelIndex":
        """The models that tiers choose from."""
        from atom_llm.services.routing.eligible_models import EligibleModelIndex

        return EligibleModelIndex(self.catalogue, self.model_index.current, self.clock)

    @cached_property
    def tier_chooser(self) -> "TierChooser":
        """Says which tier a call gets."""
        from atom_llm.services.tiers.choose_tier import TierChooser

        return TierChooser(self.preference_reader)

    @cached_property
    def tier_candidates(self) -> "TierCandidates":
        """Ranks the models of a tier."""
        from atom_llm.services.routing.tier_candidates import TierCandidates

        health = self.health
        look = self.circuit_breaker.look
        return TierCandidates(self.good_enough, self.call_history, lambda entry: health.condition(entry.provider), look)

    @cached_property
    def planner(self) -> "Planner":
        """Chooses models."""
        from atom_llm.services.routing.plan_call import Planner

        return Planner(
            self.catalogue,
            self.provider_key_ring,
            self.gateway,
            self.call_history,
            self.circuit_breaker.is_open,
            self.tier_chooser,
            self.tier_candidates,
            self.settings.call_limits,
            self.clock,
        )
