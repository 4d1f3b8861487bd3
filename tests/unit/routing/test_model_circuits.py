"""A model's circuits: what one tenant meets alone is its own, what any two meet is everybody's."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.routing.circuit import (
    HEALTHY,
    POLICY,
    Circuit,
    CircuitEvent,
    Closed,
    Failed,
    Lease,
    Open,
    Pass,
    ProbeFailed,
    ProbeGivenBack,
    ProbePermit,
    ProbeSucceeded,
    ProbeTaken,
    Succeeded,
    after,
)
from atom_llm.domain.routing.model_circuits import ALL_HEALTHY, MOST_OWN, ModelCircuits
from testing.fakes.service_keys import NOON

TENANTS = [TenantId(name) for name in ("a", "b", "c", "d")]
A, B, C, _ = TENANTS


@dataclass(frozen=True)
class Act:
    """What a process tells of one tenant's calls, some seconds after the act before."""

    tenant: TenantId
    waits_s: float
    failures: int
    successes: int
    of_others: int


def acts(tenants: list[TenantId]) -> st.SearchStrategy[list[Act]]:
    return st.lists(
        st.builds(
            Act,
            st.sampled_from(tenants),
            st.sampled_from([0, 0, 0, 1, 3, 9, 31, 61, 301]),
            st.integers(0, 6),
            st.sampled_from([0, 0, 0, 1, 10]),
            st.sampled_from([0, 0, 0, 1, 10]),
        ),
        max_size=30,
    )


def told(act: Act) -> int:
    """The successes that are told of with an act, at most as many as a process carries."""
    return min(POLICY.most_carried, act.successes + act.of_others)


def through(history: list[Act]) -> list[ModelCircuits]:
    """The circuits after each act."""
    circuits, now, seen = ALL_HEALTHY, NOON, []
    for act in history:
        now += timedelta(seconds=act.waits_s)
        event = Failed(act.failures, after=act.successes) if act.failures else Succeeded(act.successes)
        if act.failures or told(act):
            circuits = circuits.after(act.tenant, event, now, successes_of_all=told(act))
        seen.append(circuits)
    return seen


def opens_without(tenant: TenantId, history: list[Act]) -> bool:
    """Whether a circuit that knows no tenants would have to open if one tenant's failures had never been.

    One opens at a failure; the failure that is left out here may come when the share of the others' says so already.
    """
    circuit: Circuit = HEALTHY
    now = NOON
    for act in history:
        now += timedelta(seconds=act.waits_s)
        if act.tenant != tenant and act.failures:
            circuit = after(circuit, Failed(act.failures, told(act)), now)
        elif told(act):
            circuit = after(circuit, Succeeded(told(act)), now)
        if isinstance(after(circuit, Failed(0), now), Open):
            return True
    return False


@settings(max_examples=300, deadline=None)
@given(acts(TENANTS))
def test_what_opens_for_all_would_open_without_any_one_tenants_failures(history: list[Act]) -> None:
    for place, circuits in enumerate(through(history)):
        if isinstance(circuits.shared, Open):
            assert all(opens_without(tenant, history[: place + 1]) for tenant in TENANTS)
            break


@settings(max_examples=300, deadline=None)
@given(acts([A]))
def test_whatever_one_tenant_does_no_other_ever_waits(history: list[Act]) -> None:
    assert all(isinstance(each.shared, Closed) for each in through(history))
    assert all(each.permission(B, NOON) == Pass() for each in through(history))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                Failed(3),
                Failed(1, after=2),
                Succeeded(),
                ProbeTaken(Lease("a", NOON + timedelta(seconds=5))),
                ProbeGivenBack("a"),
                ProbeFailed("a"),
                ProbeSucceeded("a"),
            ]
        ),
        max_size=30,
    )
)
def test_a_tenants_probes_of_its_own_keep_nobody_away(events: list[CircuitEvent]) -> None:
    circuits = ALL_HEALTHY
    for number, event in enumerate(events):
        circuits = circuits.after(A, event, NOON + timedelta(seconds=number))
        assert circuits.permission(B, NOON) == Pass()


def test_five_failures_in_a_row_open_a_tenants_own() -> None:
    circuits = ALL_HEALTHY
    for _ in range(5):
        assert circuits.permission(A, NOON) == Pass()
        circuits = circuits.after(A, Failed(), NOON)
    assert isinstance(circuits.own[A], Open)
    assert circuits.permission(A, NOON + timedelta(seconds=2)) == ProbePermit()
    assert circuits.permission(B, NOON) == Pass()


def test_a_tenant_that_was_ill_in_a_row_of_long_ago_does_not_keep_it_in_mind() -> None:
    circuits = ALL_HEALTHY.after(B, Failed(4), NOON)
    for minute in range(4, 10, 4):
        circuits = circuits.after(A, Failed(5), NOON + timedelta(minutes=minute))
    circuits = circuits.after(C, Failed(1), NOON + timedelta(minutes=9))
    assert isinstance(circuits.shared, Closed)


@pytest.mark.parametrize(("failures", "opens"), [(9, False), (10, True)])
def test_half_of_ten_calls_beside_those_of_the_worst_tenant_open_it_for_all(failures: int, opens: bool) -> None:
    circuits = ALL_HEALTHY.after(A, Failed(40, after=10), NOON, successes_of_all=10)
    for _ in range(failures):
        circuits = circuits.after(B, Failed(1, after=1), NOON, successes_of_all=0)
        circuits = circuits.after(C, Succeeded(0), NOON, successes_of_all=0)
    assert isinstance(circuits.shared, Open) is opens


def test_no_more_own_circuits_are_kept_than_are_allowed_and_the_oldest_news_goes_first() -> None:
    circuits = ALL_HEALTHY
    for number in range(MOST_OWN + 3):
        circuits = circuits.after(TenantId(f"t{number}"), Failed(1), NOON + timedelta(seconds=number))
    assert list(circuits.own) == [f"t{number}" for number in range(3, MOST_OWN + 3)]


def test_a_tenant_that_is_well_again_leaves_nothing_behind() -> None:
    circuits = ALL_HEALTHY.after(A, Failed(5), NOON)
    now = NOON + timedelta(seconds=2)
    for _ in range(2):
        circuits = circuits.after(A, ProbeTaken(Lease("a", now)), now).after(A, ProbeSucceeded("a"), now)
    assert circuits.permission(A, now) == Pass()
    assert A in circuits.own  # it is on trial
    circuits = circuits.after(A, Succeeded(1), now + timedelta(minutes=2))
    assert A not in circuits.own
