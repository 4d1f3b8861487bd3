"""Writes that wait for a table, at the same time."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, wait


def at_once(works: Sequence[Callable[[], object]], executor: Executor | None) -> None:
    """Do all works at the same time, the first of them in this thread; without an executor one after the other.

    Raises the error of the first of them, in their order, that had one: when nothing is under way any more, and without
    an executor at once.
    """
    if executor is None or len(works) < 2:
        for work in works:
            work()
        return
    first, *others = works
    asked = [executor.submit(work) for work in others]
    try:
        first()
    finally:
        wait(asked)
    for each in asked:
        each.result()
