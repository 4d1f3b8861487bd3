"""Make the packaged seed catalogue from a price file: `python -m local.seed FILE YYYY-MM-DD`."""

import json
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from atom_llm.adapters.seed import SEED
from atom_llm.adapters.sources import litellm
from atom_llm.domain.catalogue.catalogue import encode
from atom_llm.domain.catalogue.quarantine import Quarantine
from atom_llm.domain.catalogue.review import review


def main(arguments: list[str]) -> int:
    """Write the seed and say what it holds; suspicious rows stay out, as they would of a first refresh."""
    if len(arguments) != 2:
        print("usage: make seed FILE=model_prices.json DATE=YYYY-MM-DD", file=sys.stderr)
        return 2
    day = datetime.combine(date.fromisoformat(arguments[1]), datetime.min.time(), UTC)
    reading = litellm.read(Path(arguments[0]).read_bytes())
    judged = review({}, reading, Quarantine(), now=day, refresh_number=0)
    version, snapshot = encode(judged.entries.values())
    SEED.mkdir(exist_ok=True)
    (SEED / "catalogue.zlib").write_bytes(snapshot)
    described = {"source": reading.source, "as_of": day.date().isoformat(), "models": len(judged.entries)}
    (SEED / "seed.json").write_text(json.dumps(described, indent=1) + "\n")
    print(f"{len(judged.entries)} models in {len(snapshot):,} bytes, version {version}")
    for subject, held in sorted(judged.held.items()):
        print(f"left out: {subject}: {held.reason}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
