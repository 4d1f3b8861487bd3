"""The progress of a call along its plan: the next try after each failure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from atom_llm.domain.core.errors import AtomError, BudgetExceeded, CostAboveLimit, UnboundedOption
from atom_llm.domain.core.ids import ProviderKeyId
from atom_llm.domain.core.money import EXACT, ZERO, plain
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from atom_llm.domain.routing.candidates import Candidate
from atom_llm.domain.routing.retry import MAX_ATTEMPTS, NextStep, TriesSoFar, backoff_s, next_step

LONGEST_PAUSE_S: Final = 5.0  # that a retry waits for where another candidate could be asked
USUAL_RETRY_S: Final = 1.0  # of a rate limit whose provider does not say when it ends


@dataclass(slots=True)
class CallProgress:
    """The way of one call through its candidates. It decides; it neither waits nor calls.

    `repeat` is the key that the next attempt must use again, `spent` are those that it must not use. `charged` is what
    failed attempts came to, in USD.
    """

    candidates: Sequence[Candidate]
    position: int = 0
    attempts: int = 0
    retries: int = 0
    repeat: ProviderKeyId | None = None
    spent: set[ProviderKeyId] = field(default_factory=set)
    limited: list[tuple[Candidate, ProviderKeyId, float | None]] = field(default_factory=list)
    failures: list[tuple[Candidate, ProviderFailure]] = field(default_factory=list)
    obstacles: list[tuple[Candidate, AtomError]] = field(default_factory=list)
    charged: Decimal = ZERO

    @property
    def candidate(self) -> Candidate | None:
        """The candidate to be tried; None when none is left."""
        return self.candidates[self.position] if self.position < len(self.candidates) else None

    def pass_over(self, candidate: Candidate, obstacle: AtomError) -> None:
        """Leave a candidate that cannot be begun. After a full budget only cheaper ones are looked at."""
        self.obstacles.append((candidate, obstacle))
        self._forward()
        is_unbounded = isinstance(obstacle, UnboundedOption)
        if isinstance(obstacle, BudgetExceeded) and not is_unbounded and obstacle.keeps_away_dearer:
            while self.candidate is not None and self.candidate.held >= candidate.held:
                self._forward()

    def check_cost(self, candidate: Candidate, most: Decimal | None) -> None:
        """Raise `CostAboveLimit` where a candidate may cost more than failed attempts have left of a limit in USD."""
        if most is not None and self.charged and EXACT.add(self.charged, candidate.held) > most:
            raise CostAboveLimit(
                f"{candidate.id}: it may cost up to {plain(candidate.held)} USD, and of the caller's limit of "
                f"{plain(most)} attempts that failed have cost {plain(self.charged)}"
            )

    def failed(
        self,
        candidate: Candidate,
        key: ProviderKeyId,
        failure: ProviderFailure,
        chance: float,
        charged: Decimal = ZERO,
    ) -> float:
        """Move on after a failed attempt, for which so many USD were charged; returns the seconds to wait before the
        next one."""
        self.attempts += 1
        self.charged = EXACT.add(self.charged, charged)
        self.failures.append((candidate, failure))
        step = next_step(failure.kind, TriesSoFar(self.attempts, self.retries))
        if step is NextStep.RETRY and (failure.retry_after_s or 0) > LONGEST_PAUSE_S and self.has_next:
            step = NextStep.NEXT_CANDIDATE
        match step:
            case NextStep.STOP:
                self.position = len(self.candidates)
            case NextStep.RETRY:
                self.retries += 1
                self.repeat = key
                return backoff_s(chance, failure.retry_after_s)
            case NextStep.NEXT_KEY if failure.kind is FailureKind.RATE_LIMITED:
                self.limited.append((candidate, key, failure.retry_after_s))
                self.repeat = None
            case NextStep.NEXT_KEY:
                self.spent.add(key)
                self.repeat = None
            case NextStep.NEXT_CANDIDATE:
                self._forward()
            case NextStep.NEXT_PROVIDER:
                self._forward()
                while self.candidate is not None and self.candidate.entry.provider == candidate.entry.provider:
                    self._forward()
            case NextStep.LARGER_WINDOW:
                self._forward()
                while self.candidate is not None and 0 < self.candidate.window < candidate.window:
                    self._forward()
        return self.wait_for_a_limit() if self.candidate is None and step is not NextStep.STOP else 0.0

    def used_up(self, candidate: Candidate) -> set[ProviderKeyId]:
        """Return the keys that a candidate is not tried with: refused ones, and those whose limit it has met."""
        return self.spent | {key for limited, key, _ in self.limited if limited is candidate}

    @property
    def has_next(self) -> bool:
        """Return whether another candidate could be tried after this one."""
        return self.position + 1 < len(self.candidates)

    def wait_for_a_limit(self) -> float:
        """Go back to the candidate and key whose rate limit ends first, where nothing else is left; returns the seconds
        to wait. No candidate stands there afterwards where no limit was met."""
        if not self.limited or self.attempts >= MAX_ATTEMPTS:
            self.position = len(self.candidates)
            return 0.0
        soonest = min(self.limited, key=lambda each: USUAL_RETRY_S if each[2] is None else each[2])
        self.limited.remove(soonest)
        candidate, key, wait_s = soonest
        self.position = self.candidates.index(candidate)
        self.retries, self.repeat = 0, key
        return USUAL_RETRY_S if wait_s is None else wait_s

    def _forward(self) -> None:
        self.position += 1
        self.retries = 0
        self.repeat = None
