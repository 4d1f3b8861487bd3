"""A price book of many days in the real adapter: each day some rows change, and one of them every season."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final

from atom_llm.adapters.dynamodb.audit import AuditedWrites
from atom_llm.adapters.dynamodb.catalogue.price_book import DynamoPriceBook
from atom_llm.domain.catalogue.price_events import PriceEvent, encode_events
from atom_llm.domain.catalogue.refresh import Activation, SnapshotVersion
from benchmarks.in_memory import MeteredTable

MODEL: Final = "acme/of-every-season"
SEASON: Final = 90  # days
ROWS: Final = 3_000
CHANGES_A_DAY: Final = 48  # the compressed batch of two real days apart is 2,171 bytes, of these 1,100
FIRST_DAY: Final = datetime(2026, 1, 1, tzinfo=UTC)


def aged_book(days: int) -> tuple[DynamoPriceBook, MeteredTable]:
    """Return a book into which as many days were written, one entry a day, and the table that counts its queries."""
    metered = MeteredTable()
    table = metered.as_table("catalogue")
    book = DynamoPriceBook(table, AuditedWrites(table))
    random = Random(days)
    for day in range(1, days + 1):
        events = [_changed(f"acme/row-{random.randrange(ROWS)}", random) for _ in range(CHANGES_A_DAY)]
        if day % SEASON == 0:
            events.append(_changed(MODEL, random))
        at = FIRST_DAY + timedelta(days=day)
        sources = {"litellm": at, "openrouter": at}
        entry = Activation(day, SnapshotVersion(f"{day:064x}"), at, ROWS, 140_000, len(events), sources)
        book.activate(entry, None, encode_events(events))
    return book, metered


def _changed(model: str, random: Random) -> PriceEvent:
    before, after = (
        {f"{kind}_cost_per_token": f"{random.randrange(1, 9_999)}e-9" for kind in ("input", "output")} for _ in "ba"
    )
    return PriceEvent("price", "litellm", model, "acme", before=before, after=after)
