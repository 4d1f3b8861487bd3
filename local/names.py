"""Try the name rules: `python -m local.names BOARD CATALOGUE [GOLDEN]` maps a board's names onto a catalogue's rows.

With a golden mapping, read by hand, every name in it is judged. Its tiers 0 to 2 are strict: the same name, an alias,
or one that the rules lead to. Tier 3 is a weak match: where no row is found instead, nothing is wrong with that.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from atom_llm.adapters.sources import litellm, openrouter
from atom_llm.domain.catalogue.errors import UnreadableSource
from atom_llm.domain.catalogue.names import NamedRow, NameIndex
from atom_llm.domain.registry.board import fault_of
from atom_llm.domain.registry.board_names import MeantRow, meant
from local import boards

USAGE: Final = "usage: make names BOARD=board.json|csv CATALOGUE=model_prices….json [GOLDEN=mapping.json]"
STRICT: Final = 2  # the last tier of a golden mapping that is no weak match
FOUND_FIELDS: Final = ("litellm", "openrouter", "source_key", "id")

Outcome = Literal["right", "another host", "wrong", "missing", "weak, missing"]
FAILURES: Final = ("wrong", "missing")


@dataclass(frozen=True, slots=True)
class NameResult:
    """The result for one name of a golden mapping. `another host`: the right model, where no vendor sells it itself."""

    name: str
    outcome: Outcome
    expected: str | None
    actual: str | None
    is_strict: bool

    def __str__(self) -> str:
        """Return one line for a person."""
        return f"{self.name}: expected {self.expected or 'nothing'}, mapped to {self.actual or 'nothing'}"


def index_of(catalogue: Path) -> NameIndex:
    """Return the names of a price file, or of a reseller's model list; raises `UnreadableSource` when it is neither."""
    body = catalogue.read_bytes()
    try:
        reading = litellm.read(body)
        entries = reading.entries or openrouter.read(body).entries
    except UnreadableSource:
        entries = openrouter.read(body).entries
    return NameIndex((NamedRow(e.id, e.source_key, e.provider, e.first_party) for e in entries.values()), {})


def judged(golden: Sequence[Mapping[str, Any]], index: NameIndex) -> Iterator[NameResult]:
    """Yield a verdict on every name of a golden mapping."""
    for row in golden:
        expected = next((row[name] for name in FOUND_FIELDS if row.get(name)), None)
        found = meant(row["arena"], index)
        is_strict = expected is None or int(row.get("tier") or 0) <= STRICT
        actual = found.row.source_key if found else None
        yield NameResult(row["arena"], _outcome(expected, found, is_strict=is_strict), expected, actual, is_strict)


def _outcome(expected: str | None, found: MeantRow | None, *, is_strict: bool) -> Outcome:
    if found is None:
        return "right" if expected is None else "missing" if is_strict else "weak, missing"
    if expected in (found.row.source_key, found.row.id):
        return "right"
    is_host = any(expected in (other.source_key, other.id) for other in found.also if not other.first_party)
    return "another host" if is_host and not found.row.first_party else "wrong"


def _board(path: Path) -> tuple[list[str], str | None]:
    """Return a board's names, and the reason why a sync would refuse it; raises `NoBoard`."""
    try:
        board = boards.read(path)
    except boards.NoBoard:
        return boards.names_of(path), "has no ratings"
    return [row.name for row in board.rows], fault_of(board)


def _golden_rows(golden: Any) -> Iterator[Mapping[str, Any]]:
    """Yield rows as they are, also under `rows`, or of a JSON object from names to keys; raises `ValueError`."""
    rows = golden.get("rows", golden) if isinstance(golden, dict) else golden
    if isinstance(rows, dict):
        rows = [{"arena": name, FOUND_FIELDS[0]: key} for name, key in rows.items()]
    for row in rows:
        name = next((row[field] for field in ("arena", *boards.NAME_FIELDS) if row.get(field)), None)
        if not isinstance(name, str):
            raise ValueError(f"a golden row has no name: {json.dumps(row)[:200]}")
        yield {**row, "arena": name}


def main(arguments: list[str]) -> int:
    """Map and judge; the exit code is 0 only when no name came out wrong and no strict one is missing."""
    if len(arguments) not in (2, 3):
        print(USAGE, file=sys.stderr)
        return 2
    try:
        names, fault = _board(Path(arguments[0]))
        index = index_of(Path(arguments[1]))
        golden = json.loads(Path(arguments[2]).read_text()) if len(arguments) == 3 else None
        rows = None if golden is None else list(_golden_rows(golden))
    except (OSError, ValueError, KeyError, boards.NoBoard, UnreadableSource) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 2
    found = {name: meant(name, index) for name in names}
    kinds = Counter(each.match for each in found.values() if each is not None)
    print(
        f"board: {len(names)} names, {kinds.total()} mapped ({', '.join(f'{n} {kind}' for kind, n in kinds.items())})"
    )
    print(f"unmatched: {', '.join(name for name, each in found.items() if each is None) or 'none'}")
    if fault:
        print(f"sync-quality would refuse this board: it {fault}")
    return 0 if rows is None else _report(list(judged(rows, index)), set(names))


def _report(results: list[NameResult], on_board: set[str]) -> int:
    counts = Counter(result.outcome for result in results)
    strict = Counter(result.outcome for result in results if result.is_strict)
    right = counts["right"] + counts["another host"]
    print(f"golden: {len(results)} names, {sum(result.name not in on_board for result in results)} not on the board")
    print(f"right: {right} ({counts['another host']} of them on another host of the same model)")
    print(f"wrong: {counts['wrong']} ({strict['wrong']} strict)")
    print(f"missing: {counts['missing'] + counts['weak, missing']} ({strict['missing']} strict)")
    for result in results:
        if result.outcome != "right":
            print(f"  {result.outcome}: {result}")
    return 1 if any(counts[failure] for failure in FAILURES) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
