"""A price file as a snapshot, for the probes that start from one."""

import json
import sys
from pathlib import Path

from atom_llm.adapters.sources import litellm
from atom_llm.domain.catalogue.catalogue import encode


def main() -> None:
    """Write it."""
    arguments = json.loads(sys.argv[1])
    _, snapshot = encode(litellm.read(Path(arguments["file"]).read_bytes()).entries.values())
    Path(arguments["snapshot"]).write_bytes(snapshot)
    print(json.dumps({"bytes": len(snapshot)}))


main()
