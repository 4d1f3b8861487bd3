"""The cost of one call on the mix of fifty models, beside the alternatives; and the share on which they agree."""

from collections.abc import Iterator, Mapping
from statistics import median
from typing import Any

from benchmarks.differential import compared
from benchmarks.earlier_build import TITLE, earlier_probe
from benchmarks.engines import ENGINES, GENAI_PRICES, LITELLM, Engine
from benchmarks.measures.prices import SNAPSHOT
from benchmarks.mix import MIX
from benchmarks.probing import probe
from benchmarks.report import Figure, Row

Run = Mapping[str, Mapping[str, float | None]]
SAME = 1e-9  # relative; theirs are floats
OF_EARLIER_BUILD = 0.8  # of its time is the most that a cost may take
FASTER_THAN_GENAI_PRICES = 8  # times, at least


def rows(repeats: int) -> Iterator[Row]:
    """Yield warm and first costs; every contender in turn, `repeats` times."""
    ours: list[Run] = []
    before: list[Run] = []
    theirs: dict[Engine, list[Run]] = {engine: [] for engine in ENGINES}
    for _ in range(repeats):
        ours.append(probe("cost_ours", snapshot=str(SNAPSHOT)))
        before.append(earlier_probe("cost_ours", snapshot=str(SNAPSHOT)))
        for engine in ENGINES:
            theirs[engine].append(probe(engine.probe, python=engine.python, environ=engine.environment))
    earlier = _middle(before, "cost_us")
    reach = earlier.middle * OF_EARLIER_BUILD
    floor = ("two rates from a dict", _middle(ours, "floor_us"))
    work = "cost of one call, breakdown included: `cost(usage, rates, terms)`"
    yield Row(work, _middle(ours, "cost_us"), [(TITLE, earlier), floor], reach)
    yield Row("– at the tenant's own price, its look-up included", _middle(ours, "own_us"), [(TITLE, earlier)], reach)
    yield Row("– the dearest call of the mix", _largest(ours, "cost_us"), [(TITLE, _largest(before, "cost_us"))])
    # Like for like: the others too start from a name and from counts with parts inside of wholes.
    beside = [(_title(engine, runs[0]), _middle(runs, "call_us")) for engine, runs in theirs.items()]
    beside.append((TITLE, _middle(before, "call_us")))
    reach = _middle(theirs[GENAI_PRICES], "call_us").middle / FASTER_THAN_GENAI_PRICES
    yield Row("the same from a model's name and usage as reported", _middle(ours, "call_us"), beside, reach)
    firsts = [(engine.title, _middle(runs, "first_us")) for engine, runs in theirs.items()]
    yield Row("first call of a model: its row parsed, its rates compiled", _middle(ours, "first_us"), firsts)
    agreeing = sum(_agree(ours[0][call.model], theirs[LITELLM][0][call.model]) for call in MIX)
    yield Row(f"calls of the mix that cost what {LITELLM.title} says", Figure((agreeing,), f"of {len(MIX)}"))
    report = compared()
    alike = Figure((report["compared"] - len(report["differing"]),), f"of {report['compared']:,}")
    yield Row("random usages of every row of the newest file that cost the same (`benchmarks.differential`)", alike)


def _title(engine: Engine, run: Run) -> str:
    known = sum(call["call_us"] is not None for call in run.values())
    return engine.title if known == len(MIX) else f"{engine.title} ({known} of {len(MIX)} models)"


def _middle(runs: list[Run], name: str) -> Figure:
    return Figure(tuple(median(_values(run, name)) for run in runs), "µs")


def _largest(runs: list[Run], name: str) -> Figure:
    return Figure(tuple(max(_values(run, name)) for run in runs), "µs")


def _values(run: Run, name: str) -> list[float]:
    return [value for call in run.values() if (value := call[name]) is not None]


def _agree(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> bool:
    total = theirs["total"]
    return ours["total"] is not None and total is not None and abs(ours["total"] - total) <= SAME * abs(total)
