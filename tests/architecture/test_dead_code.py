"""Dead code: something outside of the tests uses each definition of the layer and the functions."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.architecture.citations import ROOT

PRODUCT: Final = ("shared", "functions")
USERS: Final = (*PRODUCT, "local", "benchmarks", "infra")
WORD: Final = re.compile(r"[A-Za-z_]\w*")

# Called by FastAPI, joserfc, event loops and httptools, which find them by their names; routes stand in their routers.
FRAMEWORK: Final = frozenset(
    {
        *("get_alg", "get_route_handler"),
        *("connection_lost", "connection_made", "data_received"),
        *("on_body", "on_header", "on_headers_complete", "on_message_begin", "on_message_complete"),
    }
)


def files(folders: tuple[str, ...]) -> Iterator[Path]:
    for folder in folders:
        yield from (ROOT / folder).rglob("*.py")


def defined(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Constants of the module, and its functions, classes and methods, but for those that a decorator hands on."""
    for statement in tree.body:
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        yield from ((each.id, each.lineno) for each in targets if isinstance(each, ast.Name))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.decorator_list:
            yield node.name, node.lineno


def test_nothing_is_defined_that_only_tests_use() -> None:
    words = Counter(word for file in files(USERS) for word in WORD.findall(file.read_text()))
    unused = [
        f"{file.relative_to(ROOT)}:{line} {name}"
        for file in files(PRODUCT)
        for name, line in defined(ast.parse(file.read_text()))
        if words[name] == 1 and name not in FRAMEWORK and not name.startswith("__")  # those the language calls
    ]
    assert unused == []
