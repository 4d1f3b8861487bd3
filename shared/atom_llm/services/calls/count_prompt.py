"""The tokens of a prompt before it is sent: the provider's own count where it costs nothing, else an estimate."""

from dataclasses import dataclass

from atom_llm.domain.core.errors import NoUsableKey
from atom_llm.domain.providers.failures import ProviderFailure
from atom_llm.domain.routing.call_limits import CallLimits
from atom_llm.domain.routing.chat_request import ChatRequest
from atom_llm.domain.tenancy.service_keys import Caller
from atom_llm.observability import logger
from atom_llm.ports.core import Runtime
from atom_llm.ports.providers import ProviderGateway, TimeLimits
from atom_llm.services.calls.llm_service import CallOptions, LLMService
from atom_llm.services.routing.plan_call import target_of
from atom_llm.services.tenancy.provider_key_ring import ProviderKeyRing


@dataclass(frozen=True, slots=True)
class PromptCount:
    """The tokens of a prompt at the model that would answer it, None where none would; `is_exact`: it counted them."""

    tokens: int
    model: str | None
    is_exact: bool = False


class PromptCounter:
    """The counter of prompts; nothing is held, written or spent."""

    def __init__(
        self, llm: LLMService, ring: ProviderKeyRing, gateway: ProviderGateway, limits: CallLimits, runtime: Runtime
    ) -> None:
        self._llm = llm
        self._ring = ring
        self._gateway = gateway
        self._limits = limits
        self._runtime = runtime

    async def count(self, caller: Caller, request: ChatRequest, options: CallOptions) -> PromptCount:
        """Return the count of a request's prompt; raises `ModelNotFound`.

        The provider is asked where it speaks the caller's dialect; what fails there leaves the estimate.
        """
        plan = await self._llm.plan(caller, request, options)
        first = plan.candidates[0] if plan.candidates else None
        estimate = PromptCount(plan.wanted.requirements.about_tokens, None if first is None else first.id)
        native = request.native
        if first is None or native is None or not self._gateway.speaks(target_of(first.entry), native):
            return estimate
        limits = TimeLimits(self._limits.connect_s, self._limits.first_byte_s, self._limits.idle_s)
        provider = first.entry.provider
        try:
            keys = await self._runtime.in_thread(lambda: self._ring.keys_for(caller.tenant, provider, first.id))
            key = keys[0].plaintext.reveal()
            tokens = await self._gateway.count_tokens(target_of(first.entry), key, native, limits)
        except (NoUsableKey, ProviderFailure) as error:
            logger().warning("a prompt is estimated, not counted", provider=provider, exc_info=error)
            return estimate
        return PromptCount(tokens, first.id, is_exact=True)
