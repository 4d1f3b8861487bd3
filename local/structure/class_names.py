"""Class names that stand for two things."""

import ast
from collections import defaultdict
from collections.abc import Sequence

from local.structure.sources import Source


def shared_names(sources: Sequence[Source]) -> list[str]:
    """Return the public class names that are defined in more than one file, each with its files."""
    files: dict[str, set[str]] = defaultdict(set)
    for source in sources:
        for node in source.tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                files[node.name].add(source.path)
    return [f"{name}: {', '.join(sorted(found))}" for name, found in sorted(files.items()) if len(found) > 1]
