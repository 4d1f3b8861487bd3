"""The import of the cost engine, beside the alternatives: fresh processes of a bare interpreter."""

from collections.abc import Iterator
from typing import Any

from benchmarks.engines import ENGINES
from benchmarks.measures.functions import CODE
from benchmarks.probing import bare_probe
from benchmarks.report import Figure, Row

# From a stored snapshot and a provider's usage to a cost.
COST_ENGINE = ["atom_llm.domain.catalogue.catalogue", "atom_llm.domain.pricing.usage", "atom_llm.domain.pricing.cost"]


def rows(repeats: int) -> Iterator[Row]:
    """Yield time and memory; the first round of each only warms the disk's cache."""
    ours: list[Any] = []
    theirs: dict[str, list[Any]] = {engine.title: [] for engine in ENGINES}
    for _ in range(repeats + 1):
        ours.append(bare_probe("imports", [CODE], modules=COST_ENGINE))
        for engine in ENGINES:
            theirs[engine.title].append(
                bare_probe("imports", [engine.packages], environ=engine.environment, modules=[engine.module])
            )
    for work, name, unit, reach in (
        ("import of the cost engine", "ms", "ms", 60),
        ("– memory over bare Python", "mb", "MB", 10),
    ):
        beside = [(title, _of(runs, name, unit)) for title, runs in theirs.items()]
        yield Row(work, _of(ours, name, unit), beside, reach)


def _of(runs: list[Any], name: str, unit: str) -> Figure:
    return Figure(tuple(run[name] for run in runs[1:]), unit)
