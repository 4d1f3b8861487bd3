"""Cost real answers of providers through the product's own arithmetic: `python -m local.bodies FILE`.

The file is a JSON list of `{"provider", "api", "model"?, "body", "expected"?}`. A body is a whole answer, or a stream:
its data objects as a list, or its text. `expected` holds token classes and a cost (local/bodies/expected_usage.py).
"""

import json
import sys
from decimal import Decimal
from pathlib import Path

from atom_llm.adapters.seed import load_seed
from atom_llm.domain.catalogue.catalogue import decode
from atom_llm.services.catalogue.read_catalogue import CatalogueInForce
from local.bodies.judge import judge


def main(arguments: list[str]) -> int:
    """Judge every body of a file; the exit code is 0 only when all passed."""
    if len(arguments) != 1:
        print("usage: make bodies FILE=path/to/bodies.json", file=sys.stderr)
        return 2
    try:
        entries = json.loads(Path(arguments[0]).read_text(), parse_float=Decimal)
    except (OSError, ValueError, RecursionError) as error:
        print(f"{arguments[0]} is not a readable JSON file: {error}", file=sys.stderr)
        return 2
    if isinstance(entries, dict):
        entries = entries.get("bodies")
    if not isinstance(entries, list):
        print(f"{arguments[0]} holds no list of bodies", file=sys.stderr)
        return 2
    in_force = seed_prices()
    failed = 0
    for number, entry in enumerate(entries, 1):
        result = judge(number, entry, in_force)
        failed += bool(result.faults)
        print(f"{result.name}: {result.found}")
        for fault in result.faults:
            print(f"  FAILED  {fault}")
    print("Where token classes are expected, those that are not named must be 0; costs must be equal to the digit.")
    print(f"{len(entries) - failed} passed, {failed} failed")
    return 1 if failed or not entries else 0


def seed_prices() -> CatalogueInForce:
    """Return the price list that the package carries."""
    seed = load_seed()
    return CatalogueInForce(decode(seed.snapshot), None, seed.as_of)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
