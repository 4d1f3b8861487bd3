"""`python -m benchmarks`: measure everything and print one table; `--write` also puts it into docs/performance.md."""

import argparse
import os
import platform
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from subprocess import CalledProcessError
from typing import Final

from benchmarks import earlier_build, engines, real_files
from benchmarks.measures import costs, functions, imports, plans, prices, quality, tables, writes
from benchmarks.probing import ProbeFailed, pin
from benchmarks.report import Row, table, written_between_markers

DOCUMENT: Final = real_files.ROOT / "docs" / "performance.md"
REPEATS: Final = 5  # fresh processes a figure; odd, so that the median is one of them

SECTIONS: Final[dict[str, Callable[[int], Iterable[Row]]]] = {
    "costs": costs.rows,
    "imports": imports.rows,
    "prices": prices.rows,
    "quality": lambda _: quality.rows(),
    "writes": lambda _: writes.rows(),
    "tables": tables.rows,
    "plans": plans.rows,
    "functions": functions.rows,
}


def main() -> int:
    """Measure what was asked for; the exit code is 0 whether figures are reached or not: the table says it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", choices=SECTIONS, action="append", help="measure this alone; may be repeated")
    parser.add_argument("--repeats", type=int, default=REPEATS, help="fresh processes a figure")
    parser.add_argument("--write", action="store_true", help="put the whole table into docs/performance.md")
    chosen = parser.parse_args()
    if chosen.write and chosen.only:
        parser.error("--write is for the whole table")
    if absent := real_files.missing():
        print(f"These real files are needed in ../shared/data: {', '.join(absent)}", file=sys.stderr)
        return 2
    where = pin()
    try:
        for engine in engines.ENGINES:
            engines.install(engine)
        earlier_build.prepare()
        functions.prepare()
        prices.prepare()
        rows = list(_measured(chosen.only or SECTIONS, chosen.repeats))
    except (ProbeFailed, CalledProcessError) as failure:
        print(failure, file=sys.stderr)
        return 1
    content = f"{table(rows)}\n\n{_conditions(where, chosen.repeats)}"
    print(content)
    if chosen.write:
        written_between_markers(DOCUMENT, content)
    return 0


def _measured(sections: Iterable[str], repeats: int) -> Iterator[Row]:
    for name in sections:
        print(f"measuring {name}", file=sys.stderr, flush=True)
        yield from SECTIONS[name](repeats)


def _conditions(where: str, repeats: int) -> str:
    day = datetime.now(UTC).date().isoformat()
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    return f"Measured {day}: Python {platform.python_version()}, {system}, {where}, {repeats} processes a figure."


if __name__ == "__main__":
    sys.exit(main())
