"""The folder with the most modules."""

from collections import Counter
from collections.abc import Sequence

from local.structure.sources import Repository


def fullest(repository: Repository, folders: Sequence[str]) -> tuple[int, str]:
    """Return the count of modules in the fullest folder below some of the root, and its path, `__init__.py` aside."""
    counts: Counter[str] = Counter()
    for folder in folders:
        for file in (repository.root / folder).rglob("*.py"):
            if file.name != "__init__.py":
                counts[file.parent.relative_to(repository.root).as_posix()] += 1
    path, count = max(counts.items(), key=lambda each: (each[1], each[0]))
    return count, path
