"""The table of the shape of the code: what is measured, what it was before, and what is to be reached."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from local.structure.class_names import shared_names
from local.structure.composition import composed_classes, levels_of_inheritance, lines_past_services
from local.structure.docstrings import half_questions
from local.structure.folders import fullest
from local.structure.imports import arrows_up, capability_order, circles, imports_of
from local.structure.sources import CODE, TESTS, Repository

BEFORE: Final = "4833a3e"  # the commit that the second column is of, measured by these very functions


@dataclass(frozen=True, slots=True)
class Measure:
    """A line of the table: what it was, what it is (None: not measured in this run), and how far it may go.

    `most` is the bound of what should be small, `least` of what should be large. `offenders` stand in the way.
    """

    what: str
    before: float
    value: float | None
    most: float | None = None
    least: float | None = None
    unit: str = ""
    offenders: Sequence[str] = ()

    @property
    def is_met(self) -> bool:
        """True within the bound, the bound itself included, and where nothing was measured."""
        if self.value is None:
            return True
        return (self.most is None or self.value <= self.most) and (self.least is None or self.value >= self.least)

    def __str__(self) -> str:
        """Return the line as Markdown."""
        verdict = "" if self.value is None else "met" if self.is_met else "**missed**"
        return f"| {self.what} | {self._shown(self.before)} | {self._shown(self.value)} | {self._reach} | {verdict} |"

    @property
    def _reach(self) -> str:
        return f"≥ {self._shown(self.least)}" if self.most is None else f"≤ {self._shown(self.most)}"

    def _shown(self, value: float | None) -> str:
        return "–" if value is None else f"{round(value, 1 if self.unit else 2):g}{self.unit}"


def measures(
    repository: Repository, files_of_a_call: Sequence[str] | None = None, build_ratio: float | None = None
) -> Iterator[Measure]:
    """Yield the lines in their order.

    `files_of_a_call` are those that a warm call passes, `build_ratio` is the time that the checks take as a share of
    what they took before; None where nobody has measured.
    """
    code, path = fullest(repository, CODE)
    yield Measure("files in the fullest folder of code", 72, code, most=20, offenders=[path])
    tests, path = fullest(repository, TESTS)
    yield Measure("files in the fullest folder of tests", 93, tests, most=20, offenders=[path])
    imports = imports_of(repository.service)
    found = [" · ".join(circle) for circle in circles(imports)]
    yield Measure("import circles", 1, len(found), most=0, offenders=found)
    found = arrows_up(imports, capability_order(repository.root))
    yield Measure("imports that run back up, by layer or capability", 0, len(found), most=0, offenders=found)
    classes = composed_classes(repository)
    yield Measure("levels of inheritance in the composition", 7, levels_of_inheritance(classes), most=1)
    found = lines_past_services(repository, classes)
    yield Measure("lines in `functions/` that reach past the services", 37, len(found), most=0, offenders=found)
    found, count = half_questions(repository.service)
    share = 100 * (1 - len(found) / count)
    named = "public docstrings that begin with a verb, or a noun phrase that says what is returned"
    yield Measure(named, 77.4, share, least=97, unit=" %", offenders=found)
    found = shared_names(repository.service)
    yield Measure("public class names that stand for two things", 22, len(found), most=3, offenders=found)
    passed = None if files_of_a_call is None else len(files_of_a_call)
    yield Measure("files that a warm call of `auto` passes", 81, passed, most=65, offenders=files_of_a_call or ())
    checks = "`make lint types unit`, as a share of its time at that commit"
    yield Measure(checks, 1, build_ratio, most=0.8)


def table(lines: Sequence[Measure]) -> str:
    """Return the whole table as Markdown."""
    head = f"| | at {BEFORE} | now | to reach | |\n|---|---|---|---|---|"
    return "\n".join([head, *map(str, lines)])
