"""The breaker of a process: what it asks its table, what it writes, and that no call fails for either."""

import io
import json
from datetime import timedelta

import pytest

from atom_llm.domain.core.errors import StoreUnavailable
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.routing.circuit import POLICY, Closed, Open, Pass, ProbePermit, Wait
from atom_llm.process_cache import LEFT_ALONE_FOR
from atom_llm.services.routing.circuit_breaker import FRESH_FOR, TRUSTED_FOR
from tests.unit.routing.breaker_world import ANOTHERS, MODEL, OTHER, OURS, THEIRS, World

DOWN = StoreUnavailable("runtime: batch_get_item: ConnectTimeoutError")


@pytest.fixture
def world() -> World:
    return World()


def test_people_see_a_circuit_open_half_open_and_closed_again(world: World) -> None:
    process, onlooker = world.process(), world.process()
    assert onlooker.phases(ANOTHERS, [MODEL, OTHER]) == {MODEL: "closed", OTHER: "closed"}
    world.fail(process, 5, THEIRS)
    world.fail(process, 5, OURS)
    # However lately it was looked at.
    assert onlooker.phases(ANOTHERS, [MODEL, OTHER]) == {MODEL: "open", OTHER: "closed"}
    world.clock.pass_s(30)
    assert onlooker.phases(ANOTHERS, [MODEL])[MODEL] == "half_open"
    assert process.take_probe(ANOTHERS, *MODEL)
    assert onlooker.phases(ANOTHERS, [MODEL])[MODEL] == "half_open"
    for _ in range(POLICY.closing_successes):
        process.record(ANOTHERS, *MODEL, ok=True, was_probe=True)
    assert onlooker.phases(ANOTHERS, [MODEL])[MODEL] == "closed"


def test_a_tenant_sees_its_own_circuit_and_others_do_not(world: World) -> None:
    process, onlooker = world.process(), world.process()
    world.fail(process, 5, OURS)
    assert onlooker.phases(OURS, [MODEL])[MODEL] == "open"
    assert onlooker.phases(THEIRS, [MODEL])[MODEL] == "closed"


def test_several_candidates_are_looked_up_in_one_request_and_then_remembered(world: World) -> None:
    process = world.process()
    assert process.look(OURS, [MODEL, OTHER, MODEL]) == {MODEL: Pass(), OTHER: Pass()}
    assert process.is_closed(OURS, *MODEL)
    assert not process.is_open(OURS, *OTHER)
    assert (world.store.asked, world.store.written) == (1, 0)


def test_calls_that_succeed_write_nothing_and_wait_for_no_look_up(world: World) -> None:
    process = world.process()
    process.look(OURS, [MODEL])
    for _ in range(100):
        world.clock.pass_s(5)
        before = world.store.asked
        assert process.is_closed(OURS, *MODEL)
        assert world.store.asked == before  # what is asked is asked behind a call
        process.record(OURS, *MODEL, ok=True, was_probe=False)
    assert world.store.written == 0


def test_a_closed_circuit_is_looked_up_behind_a_call_when_it_was_remembered_for_two_seconds(world: World) -> None:
    process = world.process()
    process.look(OURS, [MODEL])
    world.clock.now += FRESH_FOR - timedelta(microseconds=1)
    process.record(OURS, *MODEL, ok=True, was_probe=False)
    assert world.store.asked == 1
    world.clock.now += timedelta(microseconds=1)
    process.record(OURS, *MODEL, ok=True, was_probe=False)
    assert world.store.asked == 2


def test_what_was_remembered_for_half_a_minute_is_looked_up_before_a_call(world: World) -> None:
    process = world.process()
    assert process.known(OURS, *MODEL) is None
    process.look(OURS, [MODEL])
    world.clock.now += TRUSTED_FOR - timedelta(microseconds=1)
    assert process.known(OURS, *MODEL) == Pass()
    world.clock.now += timedelta(microseconds=1)
    assert process.known(OURS, *MODEL) is None
    process.look(OURS, [MODEL])
    assert world.store.asked == 2


def test_a_failure_is_one_write(world: World) -> None:
    process = world.process()
    process.look(OURS, [MODEL])
    world.fail(process, 3)
    assert (world.store.asked, world.store.written) == (1, 3)


def test_a_probe_is_one_write(world: World) -> None:
    process = world.half_open()
    process.look(OURS, [MODEL])
    written = world.store.written
    assert process.take_probe(OURS, *MODEL)
    assert world.store.written == written + 1


def test_a_circuit_that_opened_elsewhere_is_heard_of_behind_the_next_call(world: World) -> None:
    process = world.process()
    process.look(OURS, [MODEL])
    world.open()
    world.clock.pass_s(2)
    assert process.is_closed(OURS, *MODEL)
    process.record(OURS, *MODEL, ok=True, was_probe=False)
    assert not process.is_closed(OURS, *MODEL)


def test_an_open_circuit_that_was_closed_elsewhere_is_heard_of_within_two_seconds(world: World) -> None:
    idle = world.half_open()
    assert idle.look(OURS, [MODEL]) == {MODEL: ProbePermit()}
    busy = world.process()
    for _ in range(2):
        assert busy.take_probe(OURS, *MODEL)
        busy.record(OURS, *MODEL, ok=True, was_probe=True)
    world.clock.now += FRESH_FOR
    assert idle.is_closed(OURS, *MODEL)


def test_failures_of_several_processes_make_one_row(world: World) -> None:
    processes = [world.process() for _ in range(5)]
    for process in processes[:4]:
        world.fail(process, 1)
    assert not world.process().is_open(OURS, *MODEL)
    world.fail(processes[4], 1)
    assert world.process().is_open(OURS, *MODEL)


def test_successes_are_told_of_with_the_failure_behind_them_ten_at_most(world: World) -> None:
    process = world.process()
    for _ in range(1_000):
        process.record(OURS, *MODEL, ok=True, was_probe=False)
    world.fail(process, 1)
    circuit = world.store.stored[MODEL].circuits.shared
    assert isinstance(circuit, Closed)
    assert [(each.calls, each.failures) for each in circuit.slices] == [(POLICY.most_carried + 1, 1)]


def test_a_success_is_written_where_it_takes_back_a_row_that_was_half_way(world: World) -> None:
    failing, well = world.process(), world.process()
    well.look(OURS, [MODEL])
    world.fail(failing, 2)
    well.look(OURS, [MODEL])
    world.clock.now += FRESH_FOR
    well.record(OURS, *MODEL, ok=True, was_probe=False)  # it hears of the two
    written = world.store.written
    well.record(OURS, *MODEL, ok=True, was_probe=False)
    assert world.store.written == written
    world.fail(failing, 1)
    world.clock.now += FRESH_FOR
    well.record(OURS, *MODEL, ok=True, was_probe=False)  # it hears of the third
    well.record(OURS, *MODEL, ok=True, was_probe=False)
    assert world.store.written == written + 2
    circuit = world.store.stored[MODEL].circuits.own[OURS]
    assert isinstance(circuit, Closed)
    assert circuit.row == 0
    well.record(OURS, *MODEL, ok=True, was_probe=False)
    assert world.store.written == written + 2


def test_what_one_tenant_alone_meets_keeps_that_tenant_away_and_nobody_else(world: World) -> None:
    process = world.process()
    world.fail(process, 50)
    assert process.is_open(OURS, *MODEL)
    assert world.process().is_open(OURS, *MODEL)
    assert process.is_closed(THEIRS, *MODEL)
    assert world.process().is_closed(THEIRS, *MODEL)


def test_another_tenants_answers_in_the_same_process_do_not_hide_a_tenants_own_failures(world: World) -> None:
    process = world.process()
    for _ in range(5):
        process.record(THEIRS, *MODEL, ok=True, was_probe=False)
        world.fail(process, 1)
    assert process.is_open(OURS, *MODEL)
    assert process.is_closed(THEIRS, *MODEL)


def test_failures_that_several_tenants_see_open_it_for_all(world: World) -> None:
    for number in range(5):
        world.fail(world.process(), 1, TenantId(f"tenant-{number}"))
    assert world.process().is_closed(ANOTHERS, *MODEL)  # without any one of them it would not have opened
    world.fail(world.process(), 1, OURS)
    assert world.process().is_open(ANOTHERS, *MODEL)


def test_a_tenants_own_probes_fail_for_it_alone_and_succeed_for_all(world: World) -> None:
    process = world.process()
    world.fail(process, 5, THEIRS)
    world.fail(process, 5, OURS)
    world.clock.pass_s(2)
    assert process.take_probe(OURS, *MODEL)
    assert process.take_probe(THEIRS, *MODEL)  # each its own
    assert process.take_probe(ANOTHERS, *MODEL)  # and the one that the others share
    process.record(ANOTHERS, *MODEL, ok=True, was_probe=True)
    process.record(OURS, *MODEL, ok=False, was_probe=True)
    assert isinstance(process.look(OURS, [MODEL])[MODEL], Wait)
    assert process.take_probe(ANOTHERS, *MODEL)
    process.give_back(ANOTHERS, *MODEL)
    process.record(THEIRS, *MODEL, ok=True, was_probe=True)
    assert process.is_closed(ANOTHERS, *MODEL)


def test_a_tenant_that_fails_the_shared_probe_asks_for_itself_from_then_on(world: World) -> None:
    process = world.process()
    world.fail(process, 5, THEIRS)
    world.fail(process, 5, OURS)
    world.clock.pass_s(2)
    for _ in range(20):  # whenever it may
        if process.take_probe(ANOTHERS, *MODEL):
            process.record(ANOTHERS, *MODEL, ok=False, was_probe=True)
        world.clock.pass_s(1)
    shared = world.store.stored[MODEL].circuits.shared
    assert isinstance(shared, Open)
    assert shared.openings == 2  # it prolonged once what others had opened


def test_a_look_costs_one_request_however_many_tenants_ask(world: World) -> None:
    process = world.process()
    for number in range(100):
        process.look(TenantId(f"tenant-{number}"), [MODEL, OTHER])
    assert (world.store.asked, world.store.written) == (1, 0)


def test_calls_pass_while_the_table_does_not_answer_and_that_is_logged_and_counted(
    world: World, capsys: pytest.CaptureFixture[str], log: io.StringIO
) -> None:
    world.store.fails_with = DOWN
    process = world.process()
    assert process.is_closed(OURS, *MODEL)
    world.fail(process, 20)
    process.record(OURS, *MODEL, ok=True, was_probe=False)
    assert process.is_closed(OURS, *MODEL)
    assert "circuits cannot be asked" in log.getvalue()
    metrics = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "RuntimeTableUnreachable" in line]
    assert len(metrics) == 1


def test_a_table_that_did_not_answer_is_left_alone_for_a_while(world: World) -> None:
    world.store.fails_with = DOWN
    process = world.process()
    for _ in range(10):
        process.look(OURS, [MODEL])
        process.record(OURS, *MODEL, ok=False, was_probe=False)
    assert (world.store.asked, world.store.written) == (1, 0)
    world.store.fails_with = None
    world.clock.now += LEFT_ALONE_FOR
    world.fail(process, 1)
    assert world.process().is_open(OURS, *MODEL)  # what could not be told was kept


def test_an_open_circuit_stays_open_while_the_table_does_not_answer_and_is_probed_then(world: World) -> None:
    process = world.open()
    world.store.fails_with = DOWN
    world.clock.pass_s(1)
    assert process.is_open(OURS, *MODEL)
    world.clock.pass_s(1)
    assert process.take_probe(OURS, *MODEL)
    process.record(OURS, *MODEL, ok=True, was_probe=True)


def test_an_opened_and_a_closed_circuit_are_told_to_operators(
    world: World, capsys: pytest.CaptureFixture[str], log: io.StringIO
) -> None:
    process = world.half_open()
    for _ in range(2):
        process.take_probe(OURS, *MODEL)
        process.record(OURS, *MODEL, ok=True, was_probe=True)
    told = [json.loads(line)["message"] for line in log.getvalue().splitlines()]
    assert told == ["a circuit opened", "a circuit closed"]
    assert capsys.readouterr().out.count('"TenantCircuitsOpened":') == 1


def test_a_circuit_that_opened_for_all_is_counted_by_itself(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    process = world.open()
    assert '"CircuitsOpened":' not in capsys.readouterr().out
    world.fail(process, 5, THEIRS)
    assert capsys.readouterr().out.count('"CircuitsOpened":') == 1
