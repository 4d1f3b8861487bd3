"""`make structure`: measure the shape of the code, write it into docs/architecture.md, and fail where it is not met."""

import argparse
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from local.structure.build_time import build_ratio
from local.structure.sources import Repository
from local.structure.table import Measure, measures, table
from local.workspace import ROOT

DOCUMENT: Final = ROOT / "docs" / "architecture.md"
BEGIN: Final = "<!-- begin: make structure -->"
END: Final = "<!-- end: make structure -->"
PROBE: Final = "benchmarks.probes.files_of_a_call"
SHOWN: Final = 15  # of what stands in the way, where not all of it is asked for


def main() -> int:
    """Print what stands in the way of each line that misses its reach; 1 where there is one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, help="another checkout to measure, without writing anything")
    parser.add_argument(
        "--builds", action="store_true", help="time the checks too (many minutes); else the last one stays"
    )
    parser.add_argument("--all", action="store_true", help="name everything that stands in the way")
    asked = parser.parse_args()
    if asked.root is not None:
        lines = list(measures(Repository(asked.root)))
    else:
        ratio = build_ratio(ROOT) if asked.builds else last_build_ratio()
        lines = list(measures(Repository(ROOT), files_of_a_call(), ratio))
        write(table(lines))
    print(table(lines))
    missed = [each for each in lines if not each.is_met]
    for each in missed:
        print(f"\n{each.what}:", *_some(each, len(each.offenders) if asked.all else SHOWN), sep="\n  ")
    return 1 if missed else 0


def files_of_a_call() -> Sequence[str]:
    """Return the files that a warm call passes, by a process of its own: it counts what is imported and run there."""
    command = [sys.executable, "-m", PROBE]
    counted = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    *files, _ = counted.stdout.splitlines()
    return files


def last_build_ratio() -> float | None:
    """Return the share of a build's time that stands in the table; None where none was measured yet."""
    found = re.search(r"^\| `make lint types unit`[^|]*\|[^|]*\| ([0-9.]+) \|", DOCUMENT.read_text(), re.MULTILINE)
    return None if found is None else float(found[1])


def write(content: str) -> None:
    """Put the table between its two markers in docs/architecture.md."""
    text = DOCUMENT.read_text()
    between = re.compile(f"(?<={re.escape(BEGIN)}\n).*?(?={re.escape(END)})", re.DOTALL)
    if not between.search(text):
        raise SystemExit(f"{DOCUMENT.relative_to(ROOT)} lacks the markers of the table")
    DOCUMENT.write_text(between.sub(lambda _: f"{content}\n", text))


def _some(missed: Measure, most: int) -> list[str]:
    left = len(missed.offenders) - most
    return [*missed.offenders[:most], *([f"… and {left} more (--all names them)"] if left > 0 else [])]


if __name__ == "__main__":
    sys.exit(main())
