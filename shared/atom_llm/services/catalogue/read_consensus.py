"""The word of independent lists on the prices in force: of one row, and of all rows that are disagreed about."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Final

from atom_llm.domain.catalogue.catalogue import Catalogue, ModelEntry
from atom_llm.domain.catalogue.consensus import RateAgreement, Verdict, agreements, at_stake, worst
from atom_llm.domain.catalogue.errors import SnapshotCorrupt, SnapshotMissing
from atom_llm.domain.catalogue.statements import Statements, decode_lists
from atom_llm.domain.core.errors import StoreUnavailable
from atom_llm.domain.pricing.units import Unit
from atom_llm.ports.catalogue import RefreshJournal
from atom_llm.ports.core import Clock
from atom_llm.process_cache import ConfirmedValue

HEARD_MAX_AGE: Final = timedelta(seconds=60)  # as old as prices in force may be
UnitsOfModels = Mapping[str, Mapping[Unit, Decimal]]


@dataclass(frozen=True, slots=True)
class RowConsensus:
    """The agreement of the sources about a row; `at_stake_usd` is what it comes to on usage, if that is given."""

    entry: ModelEntry
    rates: list[RateAgreement]
    at_stake_usd: Decimal | None

    @property
    def verdict(self) -> Verdict:
        """Return the verdict on the rate with the most doubt."""
        return worst(self.rates)


class ConsensusReader(ConfirmedValue[Statements]):
    """The statements of independent lists as the last refresh heard them; asked for at most once a minute."""

    def __init__(self, journal: RefreshJournal, clock: Clock) -> None:
        """Take the journal that refreshes share. Damaged statements are none, until the next refresh."""
        super().__init__(
            self._read,
            clock,
            HEARD_MAX_AGE,
            "what independent lists say",
            despite=(StoreUnavailable, SnapshotMissing, SnapshotCorrupt),
            at_first=lambda: Statements({}, clock().date()),
        )
        self._journal = journal
        self._now = clock
        self._stored = b""

    def of(self, entry: ModelEntry) -> list[RateAgreement]:
        """Return how the sources agree about each rate of a row that a list speaks of."""
        return agreements(entry, self.current())

    def about(
        self, catalogue: Catalogue, provider: str | None, verdicts: Collection[Verdict], usage: UnitsOfModels | None
    ) -> list[RowConsensus]:
        """Return the listed rows of a provider, or of all, whose verdict is among these; what costs most comes first.

        `usage` are units by model id, which the disagreement is priced by; of equal cost, and without usage, the ids'
        order.
        """
        said = self.current()
        rows = catalogue.by_provider.get(provider, ()) if provider is not None else catalogue
        found: list[RowConsensus] = []
        for entry in rows:
            if entry.absent_since is None and (rates := agreements(entry, said)):
                cost = None if usage is None else at_stake(rates, usage.get(entry.id, {}))
                row = RowConsensus(entry, rates, cost)
                if row.verdict in verdicts:
                    found.append(row)
        return sorted(found, key=lambda row: (-(row.at_stake_usd or 0), row.entry.id))

    def _read(self, known: Statements | None) -> Statements:
        stored, today = self._journal.lists(), self._now().date()
        if known is not None and stored == self._stored and known.today == today:
            return known
        statements = Statements(decode_lists(stored), today)
        self._stored = stored
        return statements
