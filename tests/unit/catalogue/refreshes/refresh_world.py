"""A service's whole price world in memory: a book, a journal, two sources and a clock, to be refreshed step by step."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from atom_llm.adapters.sources import litellm, openrouter
from atom_llm.domain.catalogue.catalogue import Catalogue, ModelEntry, decode, encode
from atom_llm.domain.catalogue.price_events import PriceEvent, decode_events
from atom_llm.domain.catalogue.quarantine import NO_APPROVAL, Approval, HeldProposal, decode_quarantine
from atom_llm.domain.catalogue.refresh import Activation
from atom_llm.services.catalogue.pricing_fetcher import DynamicPricingFetcher, RefreshReport
from atom_llm.services.catalogue.read_catalogue import CatalogueReader
from testing.fakes.catalogue_store import BookInMemory, JournalInMemory
from testing.fakes.sources import SourceInMemory
from testing.rows import NOW

A_DAY = timedelta(days=1)


UNUSABLE: list[bytes] = [
    b"",
    b"<html>",
    b"[]",
    b"{}",
    b'{"a": NaN}',
    b'{"x": {"litellm_provider": "acme"}',
    b'{"a": 1}',
]


@dataclass(frozen=True)
class SmallSeed:
    """A packaged catalogue of a few rows."""

    snapshot: bytes
    as_of: datetime


def price_file(*models: str, charge: float | str = 1e-06, **priced: Any) -> dict[str, Any]:
    """A price file of chat models of one provider; `priced` gives single models another price."""
    rows: dict[str, Any] = dict.fromkeys(models, charge) | priced
    return {
        name: {
            "litellm_provider": "acme",
            "mode": "chat",
            "input_cost_per_token": price,
            "output_cost_per_token": price,
        }
        for name, price in rows.items()
    }


def model_list(*slugs: str, charge: str = "0.000001") -> list[dict[str, Any]]:
    """A reseller's list."""
    return [{"id": slug, "pricing": {"prompt": charge, "completion": charge}} for slug in slugs]


class World:
    """Everything that a refresh touches. Sources hold what they answer until they are given something else."""

    def __init__(self, *seeded: ModelEntry, as_of: datetime = NOW - timedelta(days=30)) -> None:
        """Start on an empty store with a seed."""
        self.now = NOW
        self.seed = SmallSeed(encode(seeded)[1], as_of)
        self.book = BookInMemory()
        self.journal = JournalInMemory()
        self.litellm = SourceInMemory("litellm", self.clock)
        self.openrouter = SourceInMemory("openrouter", self.clock)
        self.fetcher = DynamicPricingFetcher(
            [(self.litellm, litellm.read), (self.openrouter, openrouter.read)],
            self.book,
            self.journal,
            lambda: self.seed,
            self.clock,
        )
        self.reader = CatalogueReader(self.book, lambda: self.seed, self.clock)

    def clock(self) -> datetime:
        """The world's time."""
        return self.now

    def later(self, by: timedelta) -> None:
        """Let time pass."""
        self.now += by

    def refresh(self, *, force: bool = True, approval: Approval = NO_APPROVAL) -> RefreshReport:
        """One refresh, now."""
        return self.fetcher.refresh(f"at {self.now.isoformat()}", force=force, approval=approval)

    def says(self, content: Mapping[str, Any] | list[Any] | bytes) -> None:
        """Let the primary answer with this from now on."""
        self.litellm.serve(content if isinstance(content, bytes) else json.dumps(content).encode())

    def lends(self, content: list[Any] | bytes) -> None:
        """Let the fallback answer with this from now on."""
        self.openrouter.serve(content if isinstance(content, bytes) else json.dumps(content).encode())

    def race_with(self, taken: Activation) -> None:
        """Another writer takes a number of the book while the primary is being asked, once."""
        self.litellm.meanwhile = lambda: self.book.activate(taken, None, b"")

    @property
    def head(self) -> Activation:
        """The entry in force."""
        head = self.book.head()
        assert head is not None
        return head

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue in force, absent rows included."""
        return decode(self.book.snapshot(self.head))

    def prices(self) -> dict[str, object]:
        """The input price of every listed row."""
        return {
            entry.id: (entry.published or {}).get("input_cost_per_token")
            for entry in self.catalogue
            if entry.absent_since is None
        }

    def held(self) -> Mapping[str, HeldProposal]:
        """Return the proposals that wait for confirmation."""
        return decode_quarantine(self.journal.quarantine()).held

    def events(self) -> tuple[PriceEvent, ...]:
        """Return the events of the last activation."""
        return decode_events(self.book.events(self.head))


def oldest_first(world: World) -> list[Activation]:
    """Return the price book's entries in the order in which they came into force."""
    return list(reversed(list(world.book.activations(since=None, before=None))))
