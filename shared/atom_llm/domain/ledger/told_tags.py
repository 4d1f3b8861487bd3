"""The tags that the sums of a day tell apart: a name's first values, and of further ones one value that says so.

A ledger row has its tags as its caller gave them; only sums have these.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

VALUES_A_DAY: Final = 1_000  # values of a name, of a tenant, that the sums of a day tell apart, unless set otherwise
MOST_VALUES_A_DAY: Final = 5_000  # that can be set: their set is one item, which grows by 17 bytes a value
NAMES_A_DAY: Final = 50  # names, likewise
NAMES: Final = "tag"  # how the set of a day's names is called
_BEYOND: Final = "(others, beyond the first "

Beyond = Callable[[str, str, int], int | None]
"""Takes a set's name, a word and how many a new set may have. Enters the word where there is room, and returns None; or
the number that the set has, where it is full of others."""


def others(most: int) -> str:
    """Return what stands in the place of all names or values beyond the first `most` ones of a day."""
    return f"{_BEYOND}{most} of the day)"


def told_apart(tags: Mapping[str, str], most: int, beyond: Beyond) -> dict[str, str]:
    """Return a call's tags as sums have them; `most` values of a name, where the day has not begun with another bound.

    A word that reads like one of ours is none of a caller's, and is counted with the others.
    """
    return dict(_told(tags, most, beyond))


def may_hide(tags: Mapping[str, str], name: str) -> bool:
    """Return whether calls with any value of that name may be in the sums that have these tags."""
    return any(each.startswith(_BEYOND) for each in (*tags, tags.get(name, "")))


def _told(tags: Mapping[str, str], most: int, beyond: Beyond) -> Iterator[tuple[str, str]]:
    for name, value in sorted(tags.items()):
        full = _full(NAMES, name, NAMES_A_DAY, beyond)
        if full is not None:
            yield others(full), others(full)
            continue
        full = _full(f"{NAMES}={name}", value, most, beyond)
        yield name, value if full is None else others(full)


def _full(of: str, word: str, most: int, beyond: Beyond) -> int | None:
    return most if word.startswith(_BEYOND) else beyond(of, word, most)
