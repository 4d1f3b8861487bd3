"""The ranking of eligible models."""

from collections.abc import Mapping
from decimal import Decimal

import pytest

from atom_llm.domain.registry.health import Condition
from atom_llm.domain.routing.candidates import Candidate
from atom_llm.domain.routing.ranking import IMPAIRED_WEIGHS, RatedCandidate, free_counts_as, ranked
from atom_llm.domain.tiers.preferences import Prefer
from testing.rows import row


def rated(name: str, quality: float, expected: str, provider: str = "openai") -> RatedCandidate:
    entry = row(name, provider=provider)
    return RatedCandidate(Candidate(entry, None, 100, Decimal(expected), Decimal(expected)), quality)  # type: ignore[arg-type]


def order(
    *models: RatedCandidate,
    prefer: Prefer = "balanced",
    preferred: tuple[str, ...] = (),
    states: Mapping[str, Condition] | None = None,
    latencies: Mapping[str, float] | None = None,
) -> list[str]:
    found = ranked(
        models,
        prefer,
        preferred=preferred,
        condition=lambda candidate: (states or {}).get(candidate.entry.name, "well"),
        latency_ms=lambda model: (latencies or {}).get(model.partition("/")[2], 1000.0),
        free_cost=free_counts_as(float(each.candidate.expected) for each in models),
    )
    return [each.candidate.entry.name for each in found]


GOOD = rated("good", 95, "0.010")
FAIR = rated("fair", 85, "0.002")
CHEAP = rated("cheap", 80, "0.0019")


@pytest.mark.parametrize(
    ("prefer", "expected"),
    [
        ("cost", ["cheap", "fair", "good"]),
        ("balanced", ["fair", "cheap", "good"]),  # 3.6, 3.4 and 0.9 million a USD
        ("quality", ["good", "fair", "cheap"]),
    ],
)
def test_what_is_preferred_decides_the_order(prefer: Prefer, expected: list[str]) -> None:
    assert order(GOOD, FAIR, CHEAP, prefer=prefer) == expected


def test_a_free_model_counts_as_half_of_what_is_usual() -> None:
    paid = [rated("dear", 95, "0.004"), rated("usual", 90, "0.002"), rated("low", 88, "0.001")]
    assert order(rated("free", 50, "0"), *paid) == ["low", "usual", "free", "dear"]  # 7.7, 4.1, 2.5, 2.3
    assert order(rated("free", 50, "0"), *paid, prefer="cost")[0] == "free"


def test_where_everything_is_free_the_best_comes_first() -> None:
    assert order(rated("a", 60, "0"), rated("b", 70, "0")) == ["b", "a"]


def test_equals_are_told_apart_by_latency_and_then_by_id() -> None:
    twins = (rated("b", 90, "0.001"), rated("a", 90, "0.001"))
    assert order(*twins) == ["a", "b"]
    assert order(*twins, latencies={"b": 200.0}) == ["b", "a"]


@pytest.mark.parametrize("prefer", ["cost", "balanced", "quality"])
def test_an_impaired_provider_ranks_behind_a_healthy_equal_and_before_what_is_much_worse(prefer: Prefer) -> None:
    same = rated("same", 90, "0.001"), rated("twin", 90, "0.001")
    assert order(*same, prefer=prefer, states={"same": "impaired"}) == ["twin", "same"]
    much_worse = rated("worse", 90 * IMPAIRED_WEIGHS - 1, "0.0012")
    assert order(same[0], much_worse, prefer=prefer, states={"same": "impaired"}) == ["same", "worse"]


def test_a_provider_that_is_down_is_the_last_resort() -> None:
    assert order(GOOD, FAIR, CHEAP, states={"fair": "down"}) == ["cheap", "good", "fair"]
    assert order(GOOD, FAIR, preferred=("openai",), states={"fair": "down"}) == ["good", "fair"]


def test_models_of_preferred_providers_come_before_others() -> None:
    theirs = rated("theirs", 81, "0.004", provider="mistral")
    assert order(GOOD, FAIR, theirs, preferred=("mistral", "groq")) == ["theirs", "fair", "good"]
