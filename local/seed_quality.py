"""Make the packaged quality set from a board: `python -m local.seed_quality FILE YYYY-MM-DD`."""

import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

from atom_llm.adapters.seed import SEED, load_seed
from atom_llm.domain.catalogue.catalogue import decode
from atom_llm.domain.registry.board import fault_of
from atom_llm.domain.registry.quality import encode_set, scored
from atom_llm.services.catalogue.read_catalogue import CatalogueInForce
from local import boards


def main(arguments: list[str]) -> int:
    """Write the set, mapped onto the packaged catalogue, and say what it holds."""
    if len(arguments) != 2:
        print("usage: make seed-quality FILE=board.json DATE=YYYY-MM-DD", file=sys.stderr)
        return 2
    board = replace(boards.read(Path(arguments[0])), published=date.fromisoformat(arguments[1]))
    fault = fault_of(board)
    if fault is not None:
        print(f"{arguments[0]} {fault}", file=sys.stderr)
        return 1
    seed = load_seed()
    made = scored(board, CatalogueInForce(decode(seed.snapshot), None, seed.as_of).names)
    content = encode_set(made)
    (SEED / "quality.zlib").write_bytes(content)
    print(f"{len(made.rated)} names, {len(made.matched)} of them in the catalogue, in {len(content):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
