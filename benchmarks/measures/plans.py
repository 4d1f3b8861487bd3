"""A warm plan of `auto`, which weighs few models exactly, beside one that weighs all of them."""

from collections.abc import Iterator
from typing import Any, Final

from benchmarks.probing import probe
from benchmarks.report import Figure, Row

MOST_SHARE: Final = 0.1


def rows(repeats: int) -> Iterator[Row]:
    """Yield the time of a plan, and its share of weighing every row."""
    runs: list[Any] = [probe("plan_auto") for _ in range(repeats + 1)][1:]
    few, every, share = (
        Figure(tuple(run[name] for run in runs), unit)
        for name, unit in (("few_ms", "ms"), ("every_ms", "ms"), ("share", ""))
    )
    yield Row(f"a warm plan of `auto` among {runs[0]['rows']} rows", few, [("every row weighed exactly", every)])
    yield Row("– as a share of it", share, reach=MOST_SHARE)
