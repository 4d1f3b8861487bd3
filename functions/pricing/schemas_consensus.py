"""The wire models of what the sources say."""

from datetime import date

from atom_llm.domain.catalogue.consensus import Verdict
from atom_llm.http.schemas import ControlModel, Usd


class StatementOut(ControlModel):
    """A source's word on a rate, USD per unit, and the day since which it says so; null where that is not known."""

    source: str
    usd: Usd
    since: date | None


class RateAgreementOut(ControlModel):
    """A rate in force and every source's word on it; `source` is whose rate it is."""

    rate_key: str
    in_force_usd: Usd
    source: str
    verdict: Verdict
    since: date | None
    statements: list[StatementOut]


class AgreementOut(ControlModel):
    """How the sources agree about a row; `verdict` is that on its most doubtful rate."""

    verdict: Verdict
    rates: list[RateAgreementOut]


class RowConsensusOut(AgreementOut):
    """A row with every source's word, and what their disagreement comes to on the caller's usage.

    `at_stake_usd` is null for a key that may not read usage.
    """

    model: str
    provider: str
    first_party: bool
    at_stake_usd: Usd | None


class ConsensusOut(ControlModel):
    """A page of rows that independent lists speak of; `total` counts all that match."""

    days_of_usage: int
    total: int
    items: list[RowConsensusOut]
    next_cursor: str | None
