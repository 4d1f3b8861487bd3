"""The services that call models, built from the ports."""

from functools import cached_property
from typing import TYPE_CHECKING

from atom_llm.composition.ledger import LedgerServices
from atom_llm.composition.ports import Ports
from atom_llm.composition.registry import RegistryServices
from atom_llm.composition.routing import RoutingServices
from atom_llm.composition.tenancy import TenancyServices

if TYPE_CHECKING:
    from atom_llm.services.calls.byok_handler import BYOKHandler
    from atom_llm.services.calls.count_prompt import PromptCounter
    from atom_llm.services.calls.idempotency import IdempotentCalls
    from atom_llm.services.calls.kept_responses import KeptResponses
    from atom_llm.services.calls.llm_service import LLMService


class CallServices:
    """The services of calls with the tenant's own keys."""

    def __init__(
        self,
        ports: Ports,
        ledger: LedgerServices,
        tenancy: TenancyServices,
        registry: RegistryServices,
        routing: RoutingServices,
    ) -> None:
        self._ports = ports
        self._ledger = ledger
        self._tenancy = tenancy
        self._registry = registry
        self._routing = routing

    @cached_property
    def llm(self) -> "LLMService":
        """The facade for calls of models: for routes, and for every other function of the account."""
        from atom_llm.services.calls.llm_service import LLMService

        ports = self._ports
        return LLMService(
            self._routing.planner, self.byok_handler, ports.runtime, ports.settings.call_limits, ports.clock
        )

    @cached_property
    def prompt_counter(self) -> "PromptCounter":
        """The counter of prompts' tokens."""
        from atom_llm.services.calls.count_prompt import PromptCounter

        ports, ring = self._ports, self._tenancy.provider_key_ring
        return PromptCounter(self.llm, ring, ports.gateway, ports.settings.call_limits, ports.runtime)

    @cached_property
    def kept_responses(self) -> "KeptResponses":
        """The ids of responses that providers keep, and the questions about them."""
        from atom_llm.adapters.sealing import AesGcmSeal
        from atom_llm.services.calls.kept_responses import KeptResponses

        ports, ring = self._ports, self._tenancy.provider_key_ring
        return KeptResponses(ports.peppers, AesGcmSeal(), ring, ports.kept_responses)

    @cached_property
    def byok_handler(self) -> "BYOKHandler":
        """The request path along a plan."""
        from atom_llm.adapters.json_schema import fits_schema
        from atom_llm.services.calls.attempts import Attempts
        from atom_llm.services.calls.byok_handler import BYOKHandler
        from atom_llm.services.calls.call_rate_limits import CallRateLimits
        from atom_llm.services.calls.call_telemetry import CallTelemetry
        from atom_llm.services.calls.open_stream import StreamOpener
        from atom_llm.services.calls.run_repeats import RunRepeats
        from atom_llm.services.calls.settlements import ProcessLease
        from atom_llm.services.calls.slow_down import SlowDown
        from atom_llm.services.routing.escalate import Escalations

        ports, routing = self._ports, self._routing
        attempts = Attempts(
            self._tenancy.provider_key_ring,
            routing.circuit_breaker,
            CallRateLimits(self._tenancy.rate_limiter, ports.executor),
            self._ledger.spending,
            routing.call_history,
            self._registry.health_recorder,
            self._tenancy.end_user_names,
            ProcessLease(ports.ledger, ports.clock, ports.runtime, beside=self._registry.health_recorder.tell),
            CallTelemetry(ports.call_tracer),
            ports.clock,
            ports.executor,
        )

        def usual(provider: str, model: str) -> float | None:
            return self._registry.provider_health.first_token_p99_s(provider, model)

        escalations = Escalations(ports.rate_limits, ports.clock)
        opener = StreamOpener(ports.gateway, ports.runtime, usual)
        return BYOKHandler(
            routing.planner,
            attempts,
            escalations,
            fits_schema,
            ports.gateway,
            opener,
            ports.runtime,
            SlowDown(self._ledger.near_limits, self._tenancy.rate_limiter),
            RunRepeats(ports.clock),
        )

    @cached_property
    def idempotent_calls(self) -> "IdempotentCalls":
        """The keeper of requests that are carried out once."""
        from atom_llm.adapters.sealing import AesGcmSeal
        from atom_llm.services.calls.idempotency import IdempotentCalls

        return IdempotentCalls(self._ports.idempotency, self._ports.peppers, AesGcmSeal(), self._ports.clock)
