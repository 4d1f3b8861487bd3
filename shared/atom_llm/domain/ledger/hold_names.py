"""The names of holds in windows: half as long as their ids, for an item of a kilobyte carries the holds of many calls.

`ID` or `ID.LABEL` is named by the hour and the last 60 random bits of its call's ULID: of the holds of one item that
are open at the same time, two of one name come once in 10^16 calls. Earlier builds named a hold by its id.
"""

from collections.abc import Container
from datetime import datetime, timedelta
from functools import lru_cache
from string import ascii_letters, digits
from typing import Final

from atom_llm.domain.core.ids import EPOCH, ULID_LENGTH, instant_of, number_of

_ALPHABET: Final = digits + ascii_letters + "-_"
_SHIFTS: Final = tuple(range(78, -1, -6))  # 14 characters: 24 bits of hours, which last for 1,900 years, and 60
_RANDOM_BITS: Final = 60
_HOUR: Final = timedelta(hours=1)


@lru_cache(maxsize=2_048)
def hold_name(hold_id: str) -> str:
    """Return the name of a hold by its id; of a name, itself."""
    call_id, dot, label = hold_id.partition(".")
    if len(call_id) != ULID_LENGTH:
        return hold_id
    hours = (instant_of(call_id) - EPOCH) // _HOUR
    number = hours << _RANDOM_BITS | number_of(call_id) & (1 << _RANDOM_BITS) - 1
    return "".join([_ALPHABET[number >> shift & 63] for shift in _SHIFTS]) + dot + label


def named_in(hold_id: str, holds: Container[str]) -> str | None:
    """Return the name that a hold has among those of a window, by its id or its name; None where it is not there."""
    return next((name for name in (hold_name(hold_id), hold_id) if name in holds), None)


def begun_by(name: str) -> datetime:
    """Return an instant by which the call of a hold had begun, by its name; raises `ValueError` for anything else."""
    call_id = name.partition(".")[0]
    if len(call_id) == ULID_LENGTH:
        return instant_of(call_id)
    number = 0
    for character in call_id:
        number = number << 6 | _ALPHABET.index(character)
    return EPOCH + ((number >> _RANDOM_BITS) + 1) * _HOUR
