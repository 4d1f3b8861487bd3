"""Calls of models."""

from functools import cached_property
from typing import TYPE_CHECKING

from atom_llm.composition.routing import RoutingParts

if TYPE_CHECKING:
    from atom_llm.services.calls.complete import Runtime
    from atom_llm.services.calls.idempotency import IdempotentCalls
    from atom_llm.services.calls.llm import LLMService
    from atom_llm.services.registry.callable_models import CallableModels
    from atom_llm.services.routing.compare_tiers import TierComparer


class CallParts(RoutingParts):
    """The facade, and what stands around it."""

    @cached_property
    def llm(self) -> "LLMService":
        """Models: the facade for routes, and for every other function of the account."""
        from atom_llm.adapters.json_schema import fits_schema
        from atom_llm.services.calls.attempts import Attempts
        from atom_llm.services.calls.complete import BYOKHandler
        from atom_llm.services.calls.llm import LLMService
        from atom_llm.services.routing.escalate import Escalations

        attempts = Attempts(
            self.provider_key_ring,
            self.circuit_breaker,
            self.rate_limiter,
            self.spending,
            self.call_history,
            self.health_recorder,
            self.clock,
            self._side_by_side,
        )
        escalations = Escalations(self._runtime.rate_limits, self.clock)
        completer = BYOKHandler(self.planner, attempts, escalations, fits_schema, self.gateway, self.surroundings)
        return LLMService(self.planner, completer, self.surroundings, self.settings.call_limits, self.clock)

    @cached_property
    def tier_comparer(self) -> "TierComparer":
        """Compares tiers."""
        from atom_llm.services.routing.compare_tiers import TierComparer

        return TierComparer(
            self.planner,
            self.preference_reader,
            self.good_enough,
            self.catalogue,
            self.provider_key_ring,
            self.call_history,
        )

    @cached_property
    def idempotent_calls(self) -> "IdempotentCalls":
        """Carries requests out once that ask for it."""
        from atom_llm.adapters.sealing import AesGcmSeal
        from atom_llm.services.calls.idempotency import IdempotentCalls

        return IdempotentCalls(self.idempotency, self.peppers, AesGcmSeal(), self.clock)

    @cached_property
    def callable_models(self) -> "CallableModels":
        """Lists the models that a tenant can call."""
        from atom_llm.services.registry.callable_models import CallableModels

        return CallableModels(self.catalogue, self.provider_key_ring, self.clock)

    @cached_property
    def surroundings(self) -> "Runtime":
        """Time, chance and threads."""
        from atom_llm.adapters.runtime import RunningProcess

        return self._given_surroundings or RunningProcess()

    def prepare(self) -> None:
        """Build what every request needs, without asking anybody anything.

        A Lambda calls this at import: AWS clients take 130 ms to build, which the init phase and its snapshot pay once.
        A wrong setting then fails the start, and not the first caller.
        """
        _ = self.authenticator, self.catalogue, self.refresh_journal
