"""Spending by two dimensions as stacked bars: whatever is folded together, not a digit is lost."""

import random
from decimal import Decimal
from typing import Any

import pytest

from tests.unit.console.conftest import Run


def groups(layers: int) -> list[dict[str, str]]:
    """Groups of three days, whose layers cost the more the higher their number."""
    drawn = random.Random(layers)
    return [
        {"over": f"2026-11-0{day}", "by": f"model-{number}", "value": f"{number}.{drawn.randint(1, 10**18):018d}"}
        for day in (1, 2, 3)
        for number in range(layers)
    ]


def total(stacks: dict[str, Any]) -> Decimal:
    return sum((Decimal(value) for each in stacks["series"] for value in each["values"] if value), Decimal(0))


@pytest.mark.parametrize(("layers", "drawn"), [(1, 1), (8, 8), (9, 8), (40, 8)])
def test_the_largest_have_a_layer_each_and_the_rest_one_together(run: Run, layers: int, drawn: int) -> None:
    given = groups(layers)
    stacks = run("s.stacked(given, null)", given)
    assert len(stacks["series"]) == drawn
    assert stacks["series"][0]["name"] == f"model-{layers - 1}"
    assert stacks["series"][-1]["name"] == (f"{layers - 7} others" if layers > 8 else "model-0")
    assert total(stacks) == sum(Decimal(each["value"]) for each in given)


def test_a_day_without_calls_is_a_gap_and_not_a_nought(run: Run) -> None:
    days = [f"2026-11-0{day}" for day in (1, 2, 3, 4)]
    stacks = run("s.stacked(given[0], given[1])", [groups(2), days])
    assert stacks["categories"] == days
    assert [each["values"][3] for each in stacks["series"]] == [None, None]
