"""Probes of an open circuit: one process asks, under a lease, and the others wait."""

from datetime import timedelta

import pytest

from atom_llm.domain.routing.circuit import POLICY, Closed, Open, Wait
from tests.unit.routing.breaker_world import MODEL, OURS, World


@pytest.fixture
def world() -> World:
    return World()


def test_one_process_probes_and_the_others_wait_for_it(world: World) -> None:
    first = world.half_open()
    second = world.process()
    assert first.take_probe(OURS, *MODEL)
    assert not second.take_probe(OURS, *MODEL)
    assert not first.take_probe(OURS, *MODEL)  # not another call of the same process either
    assert second.is_open(OURS, *MODEL)


def test_two_probes_that_succeed_close_it_for_everybody(world: World) -> None:
    process = world.half_open()
    for _ in range(2):
        assert process.take_probe(OURS, *MODEL)
        process.record(OURS, *MODEL, ok=True, was_probe=True)
    assert world.store.stored[MODEL].circuits.own[OURS] == Closed(closed_at=world.clock.now, openings=1)
    assert world.process().is_closed(OURS, *MODEL)


def test_calls_that_began_before_it_closed_do_not_open_it_again(world: World) -> None:
    process, began = world.half_open(), world.clock.now
    world.clock.pass_s(1)
    for _ in range(2):
        assert process.take_probe(OURS, *MODEL)
        process.record(OURS, *MODEL, ok=True, was_probe=True)
    process.record(OURS, *MODEL, ok=False, was_probe=False, began=began)
    assert process.is_closed(OURS, *MODEL)
    process.record(OURS, *MODEL, ok=False, was_probe=False, began=world.clock.now)
    assert process.is_open(OURS, *MODEL)


def test_a_probe_that_hung_does_not_stand_for_the_one_that_took_its_place(world: World) -> None:
    process, began = world.half_open(), world.clock.now
    assert process.take_probe(OURS, *MODEL)
    world.clock.pass_s(POLICY.lease.total_seconds())
    assert process.take_probe(OURS, *MODEL)
    before = world.store.stored[MODEL].circuits.own[OURS]
    process.record(OURS, *MODEL, ok=False, was_probe=True, began=began)
    assert world.store.stored[MODEL].circuits.own[OURS] == before
    process.record(OURS, *MODEL, ok=False, was_probe=True, began=world.clock.now)
    assert process.is_open(OURS, *MODEL)


def test_a_probe_that_fails_opens_it_for_longer(world: World) -> None:
    process = world.half_open()
    assert process.take_probe(OURS, *MODEL)
    process.record(OURS, *MODEL, ok=False, was_probe=True)
    assert process.look(OURS, [MODEL]) == {MODEL: Wait(world.clock.now + timedelta(seconds=4))}


def test_a_probe_whose_circuit_closed_meanwhile_is_a_call_like_any(world: World) -> None:
    slow, quick = world.half_open(), world.process()
    slow.look(OURS, [MODEL])
    for _ in range(2):
        quick.take_probe(OURS, *MODEL)
        quick.record(OURS, *MODEL, ok=True, was_probe=True)
    assert slow.take_probe(OURS, *MODEL)


def test_a_probe_that_was_not_sent_is_given_back(world: World) -> None:
    first, second = world.half_open(), world.process()
    assert first.take_probe(OURS, *MODEL)
    first.give_back(OURS, *MODEL)
    assert second.take_probe(OURS, *MODEL)


def test_a_lease_lasts_five_seconds(world: World) -> None:
    process = world.half_open()
    assert process.take_probe(OURS, *MODEL)
    circuit = world.store.stored[MODEL].circuits.own[OURS]
    assert isinstance(circuit, Open)
    assert circuit.lease is not None
    assert circuit.lease.until == world.clock.now + timedelta(seconds=5)
