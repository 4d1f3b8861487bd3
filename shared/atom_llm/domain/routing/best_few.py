"""The first few of a ranking, without weighing all of it: rough worths tell which models could be among them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from atom_llm.domain.catalogue.catalogue import ModelEntry
from atom_llm.domain.routing.ranking import RatedCandidate
from atom_llm.domain.routing.rough_costs import MARGIN, RoughRow

Standing = tuple[bool, bool]
"""`is_down` and `is_other` of a model's provider: the standing that it has whatever it costs, the least first."""


class RoughPlace(NamedTuple):
    """The place of a model before it is weighed, the least first: its provider's standing, and its worth below zero."""

    standing: Standing
    lack: float
    entry: ModelEntry
    quality: float


class RoughPlaces:
    """The places of all models of a call, the least first, each made when it is come to: few are."""

    def __init__(self, rows: Sequence[RoughRow], standings: Mapping[Standing, Sequence[tuple[float, int]]]) -> None:
        """Sort rows by their worths below zero, given with the rows' numbers by the standings of their providers."""
        self._rows = rows
        self._sorted = [(standing, sorted(standings[standing])) for standing in sorted(standings)]

    def __iter__(self) -> Iterator[RoughPlace]:
        """Iterate over the places; of equals the row that stood first."""
        for standing, lacks in self._sorted:
            for lack, number in lacks:
                row = self._rows[number]
                yield RoughPlace(standing, lack, row.entry, row.quality)


def best_few(
    places: RoughPlaces, most: int, weighed: Callable[[RoughPlace], RatedCandidate | None]
) -> list[RatedCandidate]:
    """Return candidates among which, once ranked and spread, the first `most` are those of the ranking of all.

    `weighed` returns the candidate that a model is; None where it is none. From the best on, each model is weighed
    until as many providers have one as are wanted, and all that follow are behind by more than the margin: of a
    provider that has one, only what could be as good. Where there are fewer providers, their next ones follow.
    """
    found: list[RatedCandidate] = []
    firsts: dict[str, RoughPlace] = {}
    seconds: list[RoughPlace] = []
    passed: list[RoughPlace] = []
    for row in places:
        provider = row.entry.provider
        first = firsts.get(provider)
        if len(firsts) >= most and _is_behind(row, list(firsts.values())[most - 1]):
            return found
        if first is not None and _is_behind(row, first):
            passed.append(row)
        elif (candidate := weighed(row)) is not None:
            found.append(candidate)
            if first is None:
                firsts[provider] = row
            else:
                seconds.append(row)
    wanted = most - len(firsts)
    for row in passed if wanted > 0 else ():
        if _are_enough(seconds, wanted, row):
            break
        if (candidate := weighed(row)) is not None:
            found.append(candidate)
            seconds.append(row)
    return found


def _are_enough(seconds: Sequence[RoughPlace], wanted: int, row: RoughPlace) -> bool:
    """Return whether so many are surely before a row."""
    return sum(_is_behind(row, each) for each in seconds) >= wanted


def _is_behind(row: RoughPlace, other: RoughPlace) -> bool:
    """Return whether a row is surely behind another one, whatever the exact worths are."""
    if row.standing != other.standing:
        return row.standing > other.standing
    return row.lack > other.lack + MARGIN * max(abs(row.lack), abs(other.lack))
