"""A few hundred of the inputs of `make fuzz`, in process: no failure of ours, an answer for each whole request."""

import logging
from collections.abc import Iterator

import pytest

from atom_llm.observability import logger
from testing.served_app import served_app
from testing.stand_in.server import StandIn
from tests.drills.fuzz.inputs import Source
from tests.drills.fuzz.wire import Wire
from tests.drills.fuzz.world import FuzzWorld

INPUTS = 300
SEED = 20261129


@pytest.fixture(scope="module")
def fuzzed() -> Iterator[tuple[Source, Wire]]:
    """The front door behind a real server, and the inputs for it."""
    before = logger().log_level
    logger().setLevel(logging.CRITICAL)
    with StandIn() as stand_in:
        world = FuzzWorld(stand_in)
        with served_app(world.door, log_level="critical") as url:
            yield Source(world.operations(), world.models(), world.keys, SEED), Wire(int(url.rpartition(":")[2]))
    logger().setLevel(before)


def test_no_bad_input_is_a_failure_of_ours_or_left_unanswered(fuzzed: tuple[Source, Wire]) -> None:
    source, wire = fuzzed
    failed, statuses = [], set()
    for number in range(INPUTS):
        tried = source.input_of(number)
        answered = wire.send(tried.sent, is_whole=tried.is_whole)
        statuses.add(answered.status)
        if answered.status in (0, 500) and tried.is_whole:
            failed.append((number, tried.kind, tried.label, answered))
    wire.close()
    assert failed == []
    assert {200, 400, 401, 404, 422} <= statuses  # calls that pass, and refusals at every depth


def test_an_input_is_made_of_the_seed_and_its_number_alone(fuzzed: tuple[Source, Wire]) -> None:
    source, _ = fuzzed
    again = Source(source.operations, source.models, source.keys, SEED)
    assert [source.input_of(number) for number in (3, 5)] == [again.input_of(number) for number in (3, 5)]
    assert source.input_of(3).sent != Source(source.operations, source.models, source.keys, 1).input_of(3).sent


def test_every_route_and_every_kind_of_input_has_its_turn(fuzzed: tuple[Source, Wire]) -> None:
    source, _ = fuzzed
    made = [source.input_of(number) for number in range(4_000)]
    assert {each.label for each in made} >= {operation.label for operation in source.operations}
    assert len({each.kind for each in made}) == 6
