"""The lanes of a budget's window: items that share its limit, so that many open calls fit and each write stays small.

A window begins with one lane. It gets twice as many whenever one carries `LANE_HOLDS` calls, and a call's hold lies in
the lane that its name says, or, where that one is full and there are no more, in a second one. Lanes have room of their
own, which they take from the first and from each other: a call is refused only where all of them together have none.
"""

from collections.abc import Mapping
from decimal import Decimal
from hashlib import blake2b
from typing import Final, NamedTuple

from atom_llm.domain.core.money import EXACT, ONE, ZERO, exact_sum

LANE_HOLDS: Final = 8  # open holds of its own from which on there are more lanes than one carries
LIGHT_LANE_HOLDS: Final = 40  # that a lane takes while there may be more lanes: some 20 bytes each, a unit to write
MOST_LANES: Final = 64  # one transaction changes all of them, and may have 100 writes
MOST_LANE_HOLDS: Final = 64  # that one takes where there are no more, and two lanes of a call are no longer light
DRAWN_AHEAD: Final = 8  # calls that a lane takes room for at once, where there is plenty
DRAWN_FAR_AHEAD: Final = 64  # the same where as much for every lane would leave plenty: rarely is more taken then
PLENTY: Final = 4  # so many times that what is taken is to be there


class LaneChoice(NamedTuple):
    """A lane that a hold may lie in: its own or its second one, while it carries fewer than `most`."""

    is_second: bool
    most: int


def lane_choices() -> tuple[LaneChoice, ...]:
    """Return the choices of a hold, light lanes first: where its own is no longer light there are more lanes, and once
    there are as many as there may be the other choices are tried in turn."""
    return (
        LaneChoice(is_second=False, most=LIGHT_LANE_HOLDS),
        LaneChoice(is_second=True, most=LIGHT_LANE_HOLDS),
        LaneChoice(is_second=False, most=MOST_LANE_HOLDS),
        LaneChoice(is_second=True, most=MOST_LANE_HOLDS),
    )


def lane_of(name: str, lanes: int) -> int:
    """Return the lane of a hold while a window has so many, by its name; 0 is the first."""
    return int.from_bytes(blake2b(name.encode(), digest_size=4).digest(), "big") % lanes


def second_lane_of(name: str) -> int:
    """Return the lane of a hold whose own is full, in a window that has as many as there may be: always another."""
    digest = blake2b(name.encode(), digest_size=4, person=b"second").digest()
    further = 1 + int.from_bytes(digest, "big") % (MOST_LANES - 1)
    return (lane_of(name, MOST_LANES) + further) % MOST_LANES


def possible_lanes(name: str, lanes: int) -> list[int]:
    """Return the lanes that a hold may lie in, now that a window has `lanes`: it had fewer when the hold was taken."""
    counts = [1 << power for power in range(lanes.bit_length()) if 1 << power <= lanes]
    second = {second_lane_of(name)} if lanes == MOST_LANES else set()
    return sorted({lane_of(name, count) for count in counts} | second)


def widened(lanes: int, holds: int) -> int:
    """Return how many lanes a window is to have after one of `lanes` carries so many holds."""
    return min(2 * lanes, MOST_LANES) if holds >= LANE_HOLDS else lanes


def draw(available: Decimal, amount: Decimal, lanes: int) -> Decimal:
    """Return what one of so many lanes takes of the room of another for a call of an amount: the amount, several times
    of it where there is plenty; 0 where the room is less than the amount."""
    if available < amount or amount <= 0:
        return ZERO
    near = _calls(available, amount, 1, DRAWN_AHEAD)
    return EXACT.multiply(amount, max(near, _calls(available, amount, lanes, DRAWN_FAR_AHEAD), ONE))


def draw_of_each(available: Decimal, amount: Decimal, lanes: int) -> Decimal:
    """Return what each of so many lanes may take of the room of another for calls of an amount; 0 where that would not
    leave plenty."""
    return EXACT.multiply(amount, _calls(available, amount, lanes, DRAWN_FAR_AHEAD)) if available > 0 < amount else ZERO


def _calls(available: Decimal, amount: Decimal, lanes: int, most: int) -> Decimal:
    """Return for how many calls of an amount each of so many lanes may take room where there is plenty."""
    return min(EXACT.divide_int(available, EXACT.multiply(amount, Decimal(PLENTY * lanes))), Decimal(most))


def gathered(rooms: Mapping[int, Decimal], amount: Decimal) -> dict[int, Decimal] | None:
    """Return what to take from each lane so that an amount comes together, the largest room first; None where all of
    them have less. Rooms below zero are owed, and count against the others."""
    if exact_sum(rooms.values()) < amount:
        return None
    taken: dict[int, Decimal] = {}
    missing = amount
    for lane, room in sorted(rooms.items(), key=lambda each: -each[1]):
        if missing <= 0:
            break
        if room > 0:
            taken[lane] = min(room, missing)
            missing = EXACT.subtract(missing, taken[lane])
    return taken
