"""The Python files of a repository, parsed once."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

SERVICE: Final = ("shared", "functions", "infra", "local")  # the service, and what deploys and runs it
CODE: Final = (*SERVICE, "testing", "benchmarks")
TESTS: Final = ("tests",)

Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """A file: its path from the repository's root with `/`, and its text."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed file."""
        return ast.parse(self.text, self.path)

    @property
    def module(self) -> str:
        """The dotted name by which the file is imported; a package's is that of its folder."""
        parts = Path(self.path).with_suffix("").parts
        parts = parts[1:] if parts[0] == "shared" else parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def definitions(self) -> Iterator[tuple[str, Definition]]:
        """Yield public classes, functions and methods, those of public classes alone, each with its dotted name."""
        yield from _definitions(self.tree.body, "")


@dataclass(frozen=True)
class Repository:
    """A checkout, by its root."""

    root: Path

    @cached_property
    def service(self) -> Sequence[Source]:
        """The files of `SERVICE`."""
        return self.sources(SERVICE)

    def sources(self, folders: Sequence[str]) -> Sequence[Source]:
        """Return the Python files under some folders of the root, in order."""
        files = sorted(file for folder in folders for file in (self.root / folder).rglob("*.py"))
        return [Source(file.relative_to(self.root).as_posix(), file.read_text()) for file in files]


def _definitions(body: Sequence[ast.stmt], inside: str) -> Iterator[tuple[str, Definition]]:
    for node in body:
        if isinstance(node, Definition) and not node.name.startswith("_"):
            name = f"{inside}{node.name}"
            yield name, node
            if isinstance(node, ast.ClassDef):
                yield from _definitions(node.body, f"{name}.")
