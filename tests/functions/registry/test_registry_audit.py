"""The operator's audit log on syncs: those that were asked for, and the schedule's that changed scores."""

from dataclasses import replace
from typing import Any

import pytest

from atom_llm.domain.registry.board import Board, BoardRow
from functions.registry.sync import scheduled
from tests.functions.pricing.pricing_world import OPERATOR
from tests.functions.registry.registry_world import RegistryWorld

pytestmark = pytest.mark.anyio


@pytest.fixture
def registry() -> RegistryWorld:
    world = RegistryWorld()
    others = (BoardRow(f"made-up-{number}", 1400.0 - 4 * number) for number in range(99))
    world.board = Board((BoardRow("claude-opus-4-6", 1500.0), *others))
    return world


def told(world: RegistryWorld) -> list[tuple[str, str, str, str]]:
    return [(entry.tenant, entry.actor, entry.action, entry.subject) for entry in world.audit.all]


async def test_a_sync_that_was_asked_for_is_told_of_also_where_it_changed_nothing(registry: RegistryWorld) -> None:
    changed = [(await registry.sync()).json()["data"]["changed"] for _ in range(2)]
    assert changed == [True, False]
    assert [entry[2:] for entry in told(registry)] == [("quality.synced", "lmarena")] * 2
    assert {entry[0] for entry in told(registry)} == {OPERATOR}


async def test_a_sync_that_another_one_of_the_same_board_overtook_is_told_of(registry: RegistryWorld) -> None:
    store, activate = registry.quality, registry.quality.activate

    def overtaken(head: Any, content: bytes, *, over: Any, entry: Any = None) -> None:
        activate(replace(head, rows=99), content, over=over)
        activate(head, content, over=over, entry=entry)

    store.activate = overtaken  # type: ignore[method-assign]
    assert (await registry.sync()).status_code == 200
    assert [entry[2:] for entry in told(registry)] == [("quality.synced", "lmarena")]


async def test_a_sync_that_failed_changed_nothing_and_is_not_told_of(registry: RegistryWorld) -> None:
    registry.board = Board(())
    assert (await registry.sync()).status_code == 502
    assert (await registry.sync(source="somewhere")).status_code == 422
    assert told(registry) == []


def test_the_schedule_is_told_of_where_it_changed_scores_alone(registry: RegistryWorld) -> None:
    outcomes = [scheduled(registry.container)["outcome"] for _ in range(2)]
    assert outcomes == ["synced", "unchanged"]
    assert told(registry) == [(OPERATOR, "schedule", "quality.synced", "lmarena")]


def test_before_there_is_an_operator_the_schedule_syncs_all_the_same(registry: RegistryWorld) -> None:
    registry.tenants.stored.clear()
    assert scheduled(registry.container)["outcome"] == "synced"
    assert told(registry) == []
