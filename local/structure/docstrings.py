"""The share of public docstrings that begin with half a question."""

import ast
from collections.abc import Iterator, Sequence
from typing import Final

from local.structure.sources import Source

# A sentence that begins so is half a question: it names what would have to be said, and does not say it.
QUESTIONS: Final = frozenset(
    {"how", "what", "when", "where", "whether", "which", "who", "whom", "whose", "why"}
    | {"however", "whatever", "whenever", "wherever", "whichever", "whoever"}
)


def half_questions(sources: Sequence[Source]) -> tuple[list[str], int]:
    """Return a line for each public docstring that is missing or begins with a question's word, and the number of all.

    Counted are modules, classes, functions and methods; a module without any statement needs none.
    """
    wrong, count = [], 0
    for source in sources:
        for name, line, docstring in _docstrings(source):
            count += 1
            first = docstring.split()[0].strip("`'\"“”(.,:;").lower() if docstring.strip() else ""
            if not first or first in QUESTIONS:
                wrong.append(f"{source.path}:{line}: {name}: {(docstring or 'no docstring').splitlines()[0]}")
    return wrong, count


def _docstrings(source: Source) -> Iterator[tuple[str, int, str]]:
    if source.tree.body:
        yield source.module, 1, ast.get_docstring(source.tree) or ""
    for name, node in source.definitions():
        yield name, node.lineno, ast.get_docstring(node) or ""
