"""The ranking of eligible models (docs/routing.md, "Ranking")."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from atom_llm.domain.registry.health import Condition
from atom_llm.domain.routing.candidates import Candidate
from atom_llm.domain.tiers.preferences import Prefer

FREE_COUNTS_AS: Final = 0.5  # of the median paid cost: a free model does not win by division
IMPAIRED_WEIGHS: Final = 0.9  # of what it is worth: behind a healthy equal, and before what is a tenth worse


@dataclass(frozen=True, slots=True)
class RatedCandidate:
    """A candidate with the quality of its model, 0 to 100."""

    candidate: Candidate
    quality: float


@dataclass(frozen=True, slots=True)
class RankedCandidate:
    """A rated candidate in its place; `value` is its quality² per USD."""

    candidate: Candidate
    quality: float
    value: float


def ranked(
    rated: Sequence[RatedCandidate],
    prefer: Prefer,
    *,
    preferred: Collection[str],
    condition: Callable[[Candidate], Condition],
    latency_ms: Callable[[str], float],
    free_cost: float,
) -> list[RankedCandidate]:
    """Rank eligible candidates, best first; `free_cost` is that of `free_counts_as`.

    `balanced`: by quality² over expected cost. `cost`: the cheapest. `quality`: the best. Models of `preferred`
    providers come before others, and those of providers that are down behind all; ties break by measured latency, then
    by id.
    """

    def place(each: RatedCandidate) -> tuple[bool, bool, float, float, str]:
        candidate, state = each.candidate, condition(each.candidate)
        worth = worth_of(prefer, each.quality, float(candidate.expected), free_cost, state)
        is_other = bool(preferred) and candidate.entry.provider not in preferred
        return state == "down", is_other, -worth, latency_ms(candidate.id), candidate.id

    return [
        RankedCandidate(each.candidate, each.quality, each.quality**2 / (float(each.candidate.expected) or free_cost))
        for each in sorted(rated, key=place)
    ]


def worth_of(prefer: Prefer, quality: float, expected: float, free_cost: float, state: Condition) -> float:
    """Return the number by which a model is ranked, the greatest first, for a call of so many expected USD."""
    weight = IMPAIRED_WEIGHS if state == "impaired" else 1.0
    match prefer:
        case "cost":
            # A free model is the cheapest there is; only its value is counted at a price.
            return -expected / weight
        case "quality":
            return quality * weight
        case "balanced":
            return quality**2 / (expected or free_cost) * weight


def free_counts_as(expected: Iterable[float]) -> float:
    """Return the USD by which a free model's quality is divided: a share of the median of what is paid for the others.

    `expected` are the costs of all models that the tenant may be given, whether or not they can take this very call.
    """
    paid = [each for each in expected if each]
    return FREE_COUNTS_AS * median(paid) if paid else 1.0


def spread(best_first: Sequence[RankedCandidate]) -> list[RankedCandidate]:
    """Return the order of trying: the best model of each provider first, and then the others.

    What fails at a provider fails for its other models as well, and what comes second is there for failures.
    """
    first: list[RankedCandidate] = []
    rest: list[RankedCandidate] = []
    providers: set[str] = set()
    for each in best_first:
        provider = each.candidate.entry.provider
        (rest if provider in providers else first).append(each)
        providers.add(provider)
    return first + rest
