"""The lanes of a window: where a hold lies, when there are more, and whose room is taken."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from atom_llm.domain.ledger.lanes import (
    LANE_HOLDS,
    MOST_LANES,
    draw,
    draw_of_each,
    gathered,
    lane_choices,
    lane_of,
    possible_lanes,
    second_lane_of,
    widened,
)
from testing.money_world import usd

amounts = st.decimals(min_value=0, max_value=100, places=6)


@given(hold=st.text(min_size=1, max_size=30), power=st.integers(0, 6), later=st.integers(0, 6))
def test_a_hold_is_found_however_many_lanes_its_window_got_since(hold: str, power: int, later: int) -> None:
    lanes, now = 1 << min(power, later), 1 << max(power, later)
    assert lane_of(hold, lanes) in possible_lanes(hold, now)
    assert len(possible_lanes(hold, now)) <= 8


@given(hold=st.text(min_size=1, max_size=30))
def test_a_hold_whose_lane_is_full_has_another_where_it_is_found(hold: str) -> None:
    assert second_lane_of(hold) != lane_of(hold, MOST_LANES)
    assert second_lane_of(hold) in possible_lanes(hold, MOST_LANES)


def test_holds_spread_over_lanes_evenly() -> None:
    counts = [0] * MOST_LANES
    for number in range(64_000):
        counts[lane_of(f"01M844DZG0KVTXYY{number}", MOST_LANES)] += 1
    assert min(counts) > 800
    assert max(counts) < 1_200


def test_a_window_gets_twice_as_many_lanes_where_one_is_crowded_up_to_a_bound() -> None:
    assert widened(1, LANE_HOLDS - 1) == 1
    assert widened(1, LANE_HOLDS) == 2
    assert widened(MOST_LANES, 1_000) == MOST_LANES


def test_there_are_as_many_lanes_as_there_may_be_before_a_call_looks_at_a_second_one() -> None:
    first, *others = lane_choices()
    assert (first.is_second, widened(1, first.most)) == (False, 2)
    assert all(each.most >= first.most for each in others)


def test_a_lane_takes_room_ahead_where_there_is_plenty_and_just_enough_where_there_is_not() -> None:
    assert draw(usd("100"), usd("1"), MOST_LANES) == 8
    assert draw(usd("9"), usd("1"), MOST_LANES) == 2
    assert draw(usd("1"), usd("1"), MOST_LANES) == 1
    assert draw(usd("0.99"), usd("1"), MOST_LANES) == 0
    assert draw(usd("0"), usd("0"), MOST_LANES) == 0


def test_a_lane_takes_more_the_more_there_is_for_all_lanes() -> None:
    assert draw(usd("2303"), usd("1"), 64) == 8
    assert draw(usd("2304"), usd("1"), 64) == draw(usd("36"), usd("1"), 1) == 9
    assert draw(usd("1000000"), usd("1e-28"), 64) == usd("64e-28")
    assert draw_of_each(usd("255"), usd("1"), 64) == draw_of_each(usd("-1"), usd("1"), 64) == 0
    assert draw_of_each(usd("256"), usd("1"), 64) == 1
    assert draw_of_each(usd("1000000"), usd("1"), 64) == 64


@given(rooms=st.dictionaries(st.integers(0, 20), amounts | amounts.map(lambda each: -each)), amount=amounts)
def test_room_is_gathered_wherever_all_lanes_together_have_it(rooms: dict[int, Decimal], amount: Decimal) -> None:
    taken = gathered(rooms, amount)
    if sum(rooms.values(), Decimal(0)) < amount:
        assert taken is None
    else:
        assert taken is not None
        assert sum(taken.values(), Decimal(0)) == amount
        assert all(0 < room <= rooms[lane] for lane, room in taken.items())
