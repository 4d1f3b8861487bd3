"""The measures of `make structure`: each line counts what it names, and nothing beside it."""

from pathlib import Path

import pytest

from local.structure.class_names import shared_names
from local.structure.composition import composed_classes, levels_of_inheritance, lines_past_services
from local.structure.docstrings import half_questions
from local.structure.folders import fullest
from local.structure.imports import arrows_up, capability_order, circles, imports_of
from local.structure.sources import Repository, Source
from local.structure.table import Measure

CONTAINER = """
from functools import cached_property
from atom_llm.composition.ports import Ports
from atom_llm.services.prices import Prices

class PricingServices:
    @cached_property
    def prices(self) -> "Prices": ...

class Container:
    def __init__(self, ports: Ports) -> None:
        self.ports = ports

    @cached_property
    def pricing(self) -> PricingServices: ...
"""
PORTS = """
from atom_llm.ports.core import Clock, Runtime
from atom_llm.ports.pricing import PriceBook

class Ports:
    @property
    def clock(self) -> "Clock": ...
    @property
    def runtime(self) -> "Runtime": ...
    @property
    def book(self) -> "PriceBook": ...
"""


def repository(folder: Path, files: dict[str, str]) -> Repository:
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return Repository(folder)


def modules(**texts: str) -> list[Source]:
    return [Source(f"shared/{name.replace('__', '/')}.py", text) for name, text in texts.items()]


def test_a_folder_is_as_full_as_its_own_modules_are_many(tmp_path: Path) -> None:
    files = dict.fromkeys(["local/__init__.py", "local/a.py", "local/b.py", "local/in/c.py", "infra/d.py"], "")
    assert fullest(repository(tmp_path, files), ["local", "infra"]) == (2, "local")


def test_a_circle_is_found_also_through_others_and_where_only_types_are_imported() -> None:
    sources = modules(
        a="import b", b="if TYPE_CHECKING:\n    from c import C", c="def f():\n    import a", d="import a"
    )
    assert circles(imports_of(sources)) == [["a", "b", "c"]]


def test_modules_that_import_in_one_direction_are_no_circle() -> None:
    assert circles(imports_of(modules(a="import b\nimport c", b="import c", c=""))) == []


def test_an_import_of_a_name_and_one_of_a_module_are_told_apart() -> None:
    package = Source("shared/p/__init__.py", "")
    sources = [*modules(a="from p import b, name", p__b=""), package]
    assert imports_of(sources)["a"] == {"p", "p.b"}


@pytest.mark.parametrize(
    ("importer", "imported", "runs_up"),
    [
        ("atom_llm__domain__x", "atom_llm__services__y", True),
        ("atom_llm__services__x", "atom_llm__domain__y", False),
        ("atom_llm__http__x", "functions__y", True),
        ("atom_llm__domain__pricing__x", "atom_llm__domain__routing__y", True),
        ("atom_llm__domain__routing__x", "atom_llm__domain__pricing__y", False),
    ],
)
def test_an_import_runs_up_against_layers_and_capabilities(importer: str, imported: str, runs_up: bool) -> None:
    sources = modules(**{importer: f"import {imported.replace('__', '.')}", imported: ""})
    order = {"atom_llm.domain": ["routing", "pricing"]}
    assert bool(arrows_up(imports_of(sources), order)) is runs_up


def test_the_order_of_capabilities_is_the_import_contracts(tmp_path: Path) -> None:
    contract = '[[tool.importlinter.contracts]]\ntype = "layers"\ncontainers = ["a.b"]\nlayers = ["(y)", "x"]\n'
    (tmp_path / "pyproject.toml").write_text(contract)
    assert capability_order(tmp_path) == {"a.b": ["y", "x"]}


@pytest.mark.parametrize(
    ("bases", "levels"),
    [
        ({"A": "", "B": ""}, 0),
        ({"A": "", "B": "(A)"}, 1),
        ({"A": "", "B": "(A)", "C": "(B)"}, 2),
        ({"A": "(Protocol)"}, 0),
    ],
)
def test_levels_of_inheritance_are_those_among_the_compositions_classes(
    tmp_path: Path, bases: dict[str, str], levels: int
) -> None:
    text = "\n".join(f"class {name}{base}: ..." for name, base in bases.items())
    built = repository(tmp_path, {"shared/atom_llm/composition/parts.py": text})
    assert levels_of_inheritance(composed_classes(built)) == levels


@pytest.mark.parametrize(
    ("line", "reaches"),
    [
        ("container.pricing.prices.of(1)", False),
        ("container.ports.book.entry(1)", True),
        ("container.ports.clock()", False),
        ("container.ports.runtime.pause(1)", False),
        ("other.ports.book.entry(1)", False),
        ("from atom_llm.ports.pricing import PriceBook", True),
        ("from atom_llm.ports.core import Clock", False),
        ("from atom_llm.domain.core.errors import NotFound", False),
    ],
)
def test_a_line_reaches_past_the_services_where_it_ends_at_a_port(tmp_path: Path, line: str, reaches: bool) -> None:
    route = f"def route(container: CurrentContainer, other: object):\n    {line}\n"
    files = {
        "shared/atom_llm/composition/container.py": CONTAINER,
        "shared/atom_llm/composition/ports.py": PORTS,
        "shared/atom_llm/http/deps.py": "CurrentContainer = Annotated[Container, Depends(container_of)]",
        "functions/pricing/routes.py": route,
    }
    built = repository(tmp_path, files)
    found = lines_past_services(built, composed_classes(built))
    assert found == ([f"functions/pricing/routes.py:2: {line}"] if reaches else [])


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ('"""Return it."""', 0),
        ('"""What it is."""', 1),
        ('"""Whether it is."""', 1),
        ('"""`What` is a word."""', 1),
        ("import os", 1),
        ("", 0),
    ],
)
def test_a_docstring_that_is_missing_or_half_a_question_is_counted(text: str, wrong: int) -> None:
    found, count = half_questions([Source("local/x.py", text)])
    assert (len(found), count) == (wrong, 1 if text else 0)


def test_docstrings_of_what_is_public_are_counted_and_no_others() -> None:
    text = (
        '"""A module."""\nclass A:\n    """A thing."""\n    def f(self):\n        """How."""\n    def _g(self): ...\n'
    )
    found, count = half_questions([Source("local/x.py", text + "class _B:\n    def h(self): ...\n")])
    assert ([each.split(": ")[1] for each in found], count) == (["A.f"], 3)


def test_a_class_name_stands_for_two_things_where_two_files_define_it() -> None:
    sources = modules(a="class X: ...\nclass _Y: ...", b="class X: ...\nclass _Y: ...", c="class Z: ...")
    assert shared_names(sources) == ["X: shared/a.py, shared/b.py"]


@pytest.mark.parametrize(
    ("line", "is_met"),
    [
        (Measure("x", 9, 3, most=3), True),
        (Measure("x", 9, 4, most=3), False),
        (Measure("x", 9, 97.0, least=97), True),
        (Measure("x", 9, 96.99, least=97), False),
        (Measure("x", 9, None, most=3), True),
    ],
)
def test_a_line_is_met_up_to_its_bound(line: Measure, is_met: bool) -> None:
    assert line.is_met is is_met
