"""The one table: figures as medians with their spread, beside alternatives, against what is to be reached."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

BEGIN: Final = "<!-- begin: python -m benchmarks --write -->"
END: Final = "<!-- end -->"


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured quantity over some repeats."""

    values: tuple[float, ...]
    unit: str

    @property
    def middle(self) -> float:
        """The median."""
        return median(self.values)

    def __str__(self) -> str:
        """Return the median with its unit, and the spread of the repeats."""
        spread = f" ({_short(min(self.values))}–{_short(max(self.values))})" if self._varies else ""
        return f"{_short(self.middle)} {self.unit}".strip() + spread

    @property
    def _varies(self) -> bool:
        return _short(min(self.values)) != _short(max(self.values))


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table. `beside` are the same work's figures elsewhere; `reach` is the largest that will do."""

    work: str
    ours: Figure
    beside: Sequence[tuple[str, Figure]] = ()
    reach: float | None = None

    @property
    def is_met(self) -> bool:
        """Return whether the median is within its reach."""
        return self.reach is None or self.ours.middle <= self.reach

    def __str__(self) -> str:
        """Return the row as a line of Markdown."""
        others = "<br>".join(f"{name}: {figure} – {self._ratio(figure)}" for name, figure in self.beside)
        reach = f"≤ {_short(self.reach)} {self.ours.unit}".strip() if self.reach is not None else ""
        verdict = "" if self.reach is None else "met" if self.is_met else "**missed**"
        return f"| {self.work} | {self.ours} | {others} | {reach} | {verdict} |"

    def _ratio(self, other: Figure) -> str:
        if not self.ours.middle:
            return "–"
        return f"{_short(other.middle / self.ours.middle)}×"


def table(rows: Iterable[Row]) -> str:
    """Return every row, in Markdown."""
    head = "| work | here | beside it, as a multiple | to reach | |\n|---|---|---|---|---|"
    return "\n".join((head, *(str(row) for row in rows)))


def written_between_markers(document: Path, content: str) -> None:
    """Replace the text between the document's markers."""
    before, begin, rest = document.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{document.name} has no place for the table, marked {BEGIN} and {END}")
    document.write_text(f"{before}{BEGIN}\n{content}\n{END}{after}")


def _short(number: float) -> str:
    """Return three significant digits, or the whole number."""
    if number >= 100 or number == int(number):
        return f"{number:,.0f}"
    return f"{number:.2f}" if number < 1 else f"{number:.3g}"
