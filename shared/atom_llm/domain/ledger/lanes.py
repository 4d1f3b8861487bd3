"""The lanes of a budget's window: items that share its limit, so that many open calls fit and each write stays small.

A window begins with one lane. It gets twice as many whenever one carries `LANE_HOLDS` calls, and a call's hold lies in
the lane that its id says, or, where that one is full and there are no more, in a second one. Lanes have room of their
own, which they take from the first and from each other: a call is refused only where all of them together have none.
"""

from collections.abc import Mapping
from decimal import Decimal
from hashlib import blake2b
from typing import Final

from atom_llm.domain.core.money import EXACT, ZERO
from atom_llm.domain.ledger.budgets import exact_sum

LANE_HOLDS: Final = 12  # open holds from which on there are more: an item of 20 has a kilobyte, and writes a unit
MOST_LANES: Final = 64  # one transaction changes all of them, and may have 100 writes
MOST_LANE_HOLDS: Final = 64  # of one lane where there are no more: writes of up to 3 units
DRAWN_AHEAD: Final = 8  # calls that a lane takes room for at once, where there is plenty
PLENTY: Final = 4  # and so many times that is to be left


def lane_of(hold_id: str, lanes: int) -> int:
    """Return the lane of a hold while a window has so many; 0 is the first."""
    return int.from_bytes(blake2b(hold_id.encode(), digest_size=4).digest(), "big") % lanes


def second_lane_of(hold_id: str) -> int:
    """Return the lane of a hold whose own is full, in a window that has as many as there may be: always another."""
    digest = blake2b(hold_id.encode(), digest_size=4, person=b"second").digest()
    further = 1 + int.from_bytes(digest, "big") % (MOST_LANES - 1)
    return (lane_of(hold_id, MOST_LANES) + further) % MOST_LANES


def possible_lanes(hold_id: str, lanes: int) -> list[int]:
    """Return the lanes that a hold may lie in, now that a window has `lanes`: it had fewer when the hold was taken."""
    counts = [1 << power for power in range(lanes.bit_length()) if 1 << power <= lanes]
    second = {second_lane_of(hold_id)} if lanes == MOST_LANES else set()
    return sorted({lane_of(hold_id, count) for count in counts} | second)


def widened(lanes: int, holds: int) -> int:
    """Return how many lanes a window is to have after one of `lanes` carries so many holds."""
    return min(2 * lanes, MOST_LANES) if holds >= LANE_HOLDS else lanes


def draw(available: Decimal, amount: Decimal) -> Decimal:
    """Return what a lane takes of the room of another for a call of an amount: the amount, several times of it where
    there is plenty; 0 where the room is less than the amount."""
    if available < amount:
        return ZERO
    for times in range(DRAWN_AHEAD, 1, -1):
        ahead = EXACT.multiply(amount, Decimal(times))
        if EXACT.multiply(ahead, Decimal(PLENTY)) <= available:
            return ahead
    return amount


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
