"""The state of a window by its items: it is whole where all of its lanes are there."""

from decimal import Decimal
from typing import Any

from atom_llm.adapters.dynamodb.ledger.window_items import state_of

FIRST: dict[str, Any] = {"limit": Decimal(1), "available": Decimal("0.25"), "spent": Decimal(0), "holds": {}}
LANE: dict[str, Any] = {"available": Decimal("0.5"), "spent": Decimal("0.25"), "holds": {}}


def test_a_window_of_one_lane_is_whole() -> None:
    assert state_of([FIRST]).is_whole


def test_one_of_several_lanes_is_not_and_all_of_them_are() -> None:
    of_two = {**FIRST, "lanes": Decimal(2)}
    assert not state_of([of_two]).is_whole
    assert not state_of([LANE]).is_whole
    both = state_of([of_two, LANE])
    assert (both.is_whole, both.available, both.spent) == (True, Decimal("0.75"), Decimal("0.25"))
