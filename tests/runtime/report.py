"""What `make freeze` found, for people: in full on the terminal, by function in docs/reliability.md."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from local.workspace import ROOT
from tests.runtime.freeze import Found

PAGE: Final = ROOT / "docs" / "reliability.md"
BEGIN: Final = "<!-- begin: make freeze -->"
END: Final = "<!-- end: make freeze -->"
HEAD: Final = "| function | answers | writes at the freeze | lost | kinds of answers |\n|---|---|---|---|---|"


def told(found: Found) -> str:
    """Return one answer's lines: whether all is well, and else what is lost or wrong."""
    said = f"{'ok ' if found.is_well else 'BAD'} {found.kind.function}: {found.kind.name}, {found.fate}: "
    said += f"{found.writes} writes there, {len(found.lost)} lost"
    return "\n    ".join([said, *found.lost, *found.wrong])


def summed_up(found: Sequence[Found]) -> str:
    """Return the sum over all answers, in a line."""
    kinds = {(each.kind.function, each.kind.name) for each in found}
    return f"{len(found)} answers of {len(kinds)} kinds: {_writes(found)} writes there, {_lost(found)} lost"


def table(found: Sequence[Found]) -> str:
    """Return a Markdown table with a row a function, and one for all."""
    lines = [HEAD]
    for function in dict.fromkeys(each.kind.function for each in found):
        own = [each for each in found if each.kind.function == function]
        kinds = "; ".join(dict.fromkeys(each.kind.name for each in own))
        lines.append(f"| `{function}` | {len(own)} | {_writes(own)} | {_lost(own)} | {kinds} |")
    lines.append(f"| **all** | {len(found)} | {_writes(found)} | **{_lost(found)}** | |")
    return "\n".join(lines)


def write_into(page: Path, content: str) -> None:
    """Replace what stands between the page's markers; raises `ValueError` where it has none."""
    before, begin, rest = page.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page.name} has no place between {BEGIN} and {END}")
    page.write_text(f"{before}{BEGIN}\n{content}\n{END}{after}")


def _writes(found: Sequence[Found]) -> int:
    return sum(each.writes for each in found)


def _lost(found: Sequence[Found]) -> int:
    return sum(len(each.lost) for each in found)
