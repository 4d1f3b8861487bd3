"""A call, an attempt that is prepared for it, and what came of one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from atom_llm.domain.calls.billing import Bill
from atom_llm.domain.core.ids import CallId
from atom_llm.domain.ledger.end_users import NOBODY, EndUser
from atom_llm.domain.ledger.rows import Attempt
from atom_llm.domain.providers.failures import ProviderFailure
from atom_llm.domain.routing.call_limits import CallLimits
from atom_llm.domain.routing.candidates import Candidate
from atom_llm.domain.tenancy.service_keys import Caller
from atom_llm.services.ledger.budgets.windows_seen import WindowsSeen
from atom_llm.services.routing.plan_call import PlanRequest
from atom_llm.services.tenancy.provider_key_ring import KeyInHand
from atom_llm.services.tiers.choose_tier import TierChoice

HasLeft = Callable[[], bool]
"""Returns whether a call's caller has left by now: no further attempt is made for one that has."""


def stays() -> bool:
    """Return that the caller is there."""
    return False


@dataclass(frozen=True, slots=True)
class Call:
    """A call as it came in. `choice` is the tier that it got, if it asked for one; `has_left` tells of its caller.

    `attempts_before` counts the attempts for an answer that fell short; `names_run`: its session is a run by its
    caller's own word, whose sum is kept; `slowed_down` says how its key's limit was lowered, and why.
    """

    call_id: CallId
    caller: Caller
    wanted: PlanRequest
    limits: CallLimits
    tags: Mapping[str, str]
    opened_at: datetime
    has_left: HasLeft = stays
    choice: TierChoice | None = None
    attempts_before: int = 0
    end_user: EndUser = NOBODY
    is_stream: bool = False
    names_run: bool = False
    slowed_down: str = ""

    @property
    def tier(self) -> str | None:
        """The name of the tier; None where the call asked for a model."""
        return None if self.choice is None else str(self.choice.tier)


@dataclass(frozen=True, slots=True)
class PreparedAttempt:
    """An attempt that is held for and may be made; `has_next`: another candidate could be tried after it. `seen` are
    its budgets' windows."""

    call: Call
    candidate: Candidate
    key: KeyInHand
    attempt: Attempt
    is_probe: bool
    seen: WindowsSeen
    has_next: bool = False

    def without_prompt(self) -> "PreparedAttempt":
        """Return an attempt that is answered already: without what its provider, and any other, would be asked."""
        wanted = replace(self.call.wanted, body={}, native=None)
        return replace(self, call=replace(self.call, wanted=wanted), candidate=replace(self.candidate, held_for=None))


@dataclass(frozen=True, slots=True)
class AttemptOutcome:
    """The outcome of an attempt: an answer (`failure` None), or a failure. Times are in milliseconds from its begin.

    `is_final` is a failure after which none is tried: the caller had heard a part of the answer.
    """

    bill: Bill
    latency_ms: int
    first_token_ms: int | None = None
    failure: ProviderFailure | None = None
    caller_left: bool = False
    is_final: bool = False

    @property
    def is_last(self) -> bool:
        """Return whether no other attempt of the call follows: one that brought an answer, or broke it off."""
        return self.failure is None or self.is_final
