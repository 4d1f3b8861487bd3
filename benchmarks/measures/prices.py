"""From the price file to a snapshot, and from a snapshot to answers and searches."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.earlier_build import TITLE, earlier_probe
from benchmarks.engines import WORK
from benchmarks.probing import probe
from benchmarks.real_files import GENAI_PRICES, LATEST, MODELS_DEV, NEWEST, RESELLER, SEPTEMBER
from benchmarks.report import Figure, Row

SNAPSHOT = WORK / "newest.snapshot"
TWO_MONTHS_OLD = WORK / "september.snapshot"


def prepare() -> None:
    """Make the snapshots that the measurements start from: one of the newest file, and one two months older."""
    WORK.mkdir(parents=True, exist_ok=True)
    for file, snapshot in ((SEPTEMBER, TWO_MONTHS_OLD), (NEWEST, SNAPSHOT)):
        probe("snapshot_of", file=str(file), snapshot=str(snapshot))


def rows(repeats: int) -> Iterator[Row]:
    """Yield the making of a snapshot, then the reading of one."""
    pairs = (("in force: the same day's", SNAPSHOT), ("in force: two months old", TWO_MONTHS_OLD))
    runs: dict[str, list[Any]] = {name: [] for name, _ in pairs}
    for _ in range(repeats):
        for name, in_force in pairs:
            runs[name].append(_made(in_force, trace=False))
    for name, _ in pairs:
        yield Row(f"newest price file to checked snapshot, {name}", _of(runs[name], "total_ms", "ms"), reach=500)
        steps = [(step, _of(runs[name], f"{step}_ms", "ms")) for step in ("read", "judge", "encode")]
        yield from (Row(f"– of it: {step}", figure) for step, figure in steps)
        yield Row("– peak memory of the process, Python included", _of(runs[name], "peak_mb", "MB"), reach=60)
    yield from _of_four_sources(repeats)
    traced = [_made(TWO_MONTHS_OLD, trace=True)]
    yield Row("– peak of what Python allocates (tracemalloc)", _of(traced, "traced_mb", "MB"))
    yield from _reading([probe("catalogue", snapshot=str(SNAPSHOT)) for _ in range(repeats)])
    yield from _searching([probe("search", snapshot=str(SNAPSHOT)) for _ in range(repeats)])


def _of_four_sources(repeats: int) -> Iterator[Row]:
    """Yield the latest file alone, and with the reseller's and both independent lists read, heard and compared."""
    others = {"openrouter": str(RESELLER), "genai-prices": str(GENAI_PRICES), "models.dev": str(MODELS_DEV)}
    alone, together, before = [], [], []
    for _ in range(repeats):
        alone.append(probe("price_file", in_force=str(SNAPSHOT), file=str(LATEST), trace=False))
        before.append(earlier_probe("price_file", in_force=str(SNAPSHOT), file=str(LATEST), trace=False))
        together.append(probe("price_file", in_force=str(SNAPSHOT), file=str(LATEST), trace=False, others=others))
    listed = together[0]["listed"]
    title = f"{TITLE}, one source"
    beside = [("one source", _of(alone, "total_ms", "ms")), (title, _of(before, "total_ms", "ms"))]
    work = f"latest file of {listed:,} rows and four sources to checked snapshot"
    yield Row(work, _of(together, "total_ms", "ms"), beside, reach=600)
    for step in ("read", "judge", "encode"):
        beside = [("one source", _of(alone, f"{step}_ms", "ms")), (title, _of(before, f"{step}_ms", "ms"))]
        yield Row(f"– of it: {step}", _of(together, f"{step}_ms", "ms"), beside)
    beside = [("one source", _of(alone, "peak_mb", "MB")), (title, _of(before, "peak_mb", "MB"))]
    yield Row("– peak memory of the process, Python included", _of(together, "peak_mb", "MB"), beside, reach=80)
    yield Row("– compressed words of all lists", _of(together, "lists_bytes", "bytes"))


def _reading(runs: Sequence[Any]) -> Iterator[Row]:
    yield Row("snapshot ready at cold start: decoded and checked", _of(runs, "decode_ms", "ms"), reach=15)
    yield Row("– memory of it", _of(runs, "decode_mb", "MB"))
    yield Row("first look-up by id", _of(runs, "first_by_id_us", "µs"))
    yield Row("first look-up by another spelling: the index is built", _of(runs, "first_by_alias_ms", "ms"))
    yield Row("look-up by id, warm", _of(runs, "by_id_us", "µs"))
    yield Row("look-up by another spelling, warm", _of(runs, "by_alias_us", "µs"))
    yield Row("unknown name, answered with near ones", _of(runs, "unknown_ms", "ms"))


def _searching(runs: Sequence[Any]) -> Iterator[Row]:
    rows = runs[0]["rows"]
    yield Row(
        f"search index of {rows:,} rows and a board built: scored and ranked", _of(runs, "built_ms", "ms"), reach=60
    )
    yield Row("– memory of it", _of(runs, "built_mb", "MB"))
    yield Row("first search by name: the index of words is built", _of(runs, "first_ms", "ms"))
    slow = [("p99", _of(runs, "p99_ms", "ms"))]
    yield Row("search, a page of 50: names, mistyped names, filters", _of(runs, "p50_ms", "ms"), slow, reach=2)


def _made(in_force: Path, *, trace: bool) -> Any:
    return probe("price_file", in_force=str(in_force), file=str(NEWEST), trace=trace)


def _of(runs: Sequence[Any], name: str, unit: str) -> Figure:
    return Figure(tuple(run[name] for run in runs), unit)
