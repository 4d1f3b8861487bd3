"""The writes of refreshes: the real fetcher and the real adapters over a real pair of files, on a metered table."""

import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from time import process_time
from typing import Any

from atom_llm.adapters.seed import load_seed
from atom_llm.adapters.sources import genai_prices, litellm, models_dev, openrouter
from atom_llm.domain.catalogue.catalogue import decode
from atom_llm.domain.catalogue.refresh import Validators
from atom_llm.ports.catalogue import FetchedSource, NotModified
from atom_llm.services.catalogue.pricing_fetcher import DynamicPricingFetcher
from benchmarks.in_memory import WRITE_UNIT_BYTES, MeteredTable
from testing.catalogue_tables import price_book_on, refresh_journal_on

DAYS_TO_SETTLE = 10


class ServedFile:
    """A source that serves a file, and 304 to whoever has it."""

    def __init__(self, name: str, file: Path, world: "World") -> None:
        """Serve `file`, which may be exchanged between refreshes."""
        self.name = name
        self.file = file
        self._world = world

    async def fetch(self, validators: Validators) -> FetchedSource | NotModified:
        """Return the file, or the confirmation that it is the same."""
        body = self.file.read_bytes()
        etag = f'"{sha256(body).hexdigest()}"'
        if validators.etag == etag:
            return NotModified(self._world.now)
        return FetchedSource(body, Validators(etag), self._world.now)


@dataclass
class World:
    """The time of a run."""

    now: datetime = datetime(2026, 11, 1, 3, tzinfo=UTC)

    def clock(self) -> datetime:
        return self.now


def main() -> None:
    """Refresh with the first file, then with the second, then with the second again."""
    arguments = json.loads(sys.argv[1])
    world, table = World(), MeteredTable()
    prices = ServedFile("litellm", Path(arguments["before"]), world)
    reseller = ServedFile("openrouter", Path(arguments["reseller"]), world)
    catalogue = table.as_table("catalogue")
    book = price_book_on(catalogue)
    fetcher = DynamicPricingFetcher(
        [(prices, litellm.read), (reseller, openrouter.read)],
        book,
        refresh_journal_on(catalogue),
        load_seed,
        world.clock,
        [
            (ServedFile(genai_prices.NAME, Path(arguments["genai_prices"]), world), genai_prices.read),
            (ServedFile(models_dev.NAME, Path(arguments["models_dev"]), world), models_dev.read),
        ],
    )

    def refreshed() -> dict[str, Any]:
        units, writes, started = table.write_units, table.writes, process_time()
        report = fetcher.refresh(f"at {world.now.isoformat()}", force=True)
        seconds = process_time() - started
        world.now += timedelta(days=1)
        return {
            "outcome": report.outcome,
            "units": table.write_units - units,
            "writes": table.writes - writes,
            "ms": seconds * 1000,
            "events": sum(report.events.values()),
        }

    first = refreshed()
    prices.file = Path(arguments["after"])
    changed = refreshed()
    head = book.head()
    assert head is not None
    # The days after it: what was held passes, rows that are gone leave, and then nothing is left to tell.
    followers = (refreshed() for _ in range(DAYS_TO_SETTLE))
    report = {
        "first": first,
        "changed": changed,
        "unchanged": next(each for each in followers if each["outcome"] == "unchanged"),
        "snapshot_bytes": head.snapshot_bytes,
        "events_bytes": len(book.events(head)),
        "item_per_model_units": _item_per_model(book.snapshot(head)),
    }
    print(json.dumps(report))


def _item_per_model(snapshot: bytes) -> int:
    """Return write units of the plain alternative: each model's row as an item of its own."""
    rows = ({"pk": "model", "sk": entry.id, "rates": entry.published or {}} for entry in decode(snapshot))
    return sum(-(-len(json.dumps(row).encode()) // WRITE_UNIT_BYTES) for row in rows)


main()
