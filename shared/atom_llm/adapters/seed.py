"""The catalogue that the package carries, which is in force before the first refresh, and says so."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

SEED: Final = Path(__file__).parents[1] / "seed"


@dataclass(frozen=True, slots=True)
class Seed:
    """A snapshot and the day its source file was published."""

    snapshot: bytes
    as_of: datetime
    models: int
    source: str


def load_seed() -> Seed:
    """Read the packaged seed."""
    described = json.loads((SEED / "seed.json").read_text())
    return Seed(
        snapshot=(SEED / "catalogue.zlib").read_bytes(),
        as_of=datetime.fromisoformat(described["as_of"]).replace(tzinfo=UTC),
        models=described["models"],
        source=described["source"],
    )


def load_quality_seed() -> bytes:
    """Read the packaged quality set, which is in force before the first sync."""
    return (SEED / "quality.zlib").read_bytes()
