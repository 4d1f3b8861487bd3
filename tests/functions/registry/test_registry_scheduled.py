"""The scheduled sync: what EventBridge calls every week and after each deployment."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from atom_llm.domain.catalogue.errors import SourceUnavailable
from atom_llm.domain.registry.board import Board, BoardRow
from atom_llm.domain.registry.errors import BoardRefused
from functions.registry.sync import scheduled
from tests.functions.registry.registry_world import RegistryWorld


def board(rows: int = 100) -> Board:
    others = (BoardRow(f"made-up-{number}", 1400.0 - 4 * number) for number in range(rows - 1))
    return Board((BoardRow("claude-opus-4-6", 1500.0), *others))


@pytest.fixture
def process() -> RegistryWorld:
    """The process of the scheduled function, before its first sync."""
    world = RegistryWorld()
    world.board = board()
    return world


def test_it_syncs_and_reports_and_the_next_time_finds_nothing_new(process: RegistryWorld) -> None:
    first, second = (scheduled(process.container) for _ in range(2))
    assert (first["outcome"], first["rows"], first["matched"]) == ("synced", 100, 1)
    assert second == first | {"outcome": "unchanged"}
    assert process.quality.in_force is not None
    assert process.quality.in_force.version == first["version"]


@pytest.mark.parametrize(
    ("says", "failure"),
    [
        (lambda: board(20), BoardRefused),
        (lambda: _raise(SourceUnavailable("lmarena", "timeout", "")), SourceUnavailable),
    ],
    ids=["a truncated board", "no board"],
)
def test_a_failure_is_raised_so_that_lambda_tries_again_and_the_scores_stay(
    process: RegistryWorld, says: Callable[[], Board], failure: type[Exception]
) -> None:
    version = scheduled(process.container)["version"]
    process.source.says = says
    with pytest.raises(failure):
        scheduled(process.container)
    assert process.quality.in_force is not None
    assert process.quality.in_force.version == version


def test_a_sync_that_another_one_overtook_is_no_failure(process: RegistryWorld) -> None:
    store, activate = process.quality, process.quality.activate

    def overtaken(head: Any, content: bytes, *, over: Any, entry: Any = None) -> None:
        activate(replace(head, version="f" * 32), content, over=over, entry=entry)
        activate(head, content, over=over, entry=entry)

    store.activate = overtaken  # type: ignore[method-assign]
    assert scheduled(process.container) == {"outcome": "in_progress"}


def _raise(error: Exception) -> Board:
    raise error
