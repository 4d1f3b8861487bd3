"""What the sources say, as the pricing routes show it."""

from collections.abc import Iterable, Sequence

from atom_llm.domain.catalogue.consensus import RateAgreement, worst
from atom_llm.domain.catalogue.statements import RowStatements, Statement
from atom_llm.services.catalogue.read_consensus import RowConsensus
from functions.pricing.schemas_consensus import AgreementOut, RateAgreementOut, RowConsensusOut, StatementOut


def row(of: RowConsensus) -> RowConsensusOut:
    """Return a row's consensus, rate by rate."""
    return RowConsensusOut(
        model=of.entry.id,
        provider=of.entry.provider,
        first_party=of.entry.first_party,
        at_stake_usd=of.at_stake_usd,
        verdict=of.verdict,
        rates=_rates(of.rates),
    )


def agreement(rates: Sequence[RateAgreement]) -> AgreementOut:
    """Return how the sources agree about one row."""
    return AgreementOut(verdict=worst(rates), rates=_rates(rates))


def evidence(said: RowStatements) -> dict[str, list[StatementOut]]:
    """Return what lists say of a row, by rate: the evidence beside a proposal."""
    return {key: _statements(statements) for key, statements in sorted(said.items())}


def _rates(rates: Iterable[RateAgreement]) -> list[RateAgreementOut]:
    return [
        RateAgreementOut(
            rate_key=each.key,
            in_force_usd=each.in_force,
            source=each.source,
            verdict=each.verdict,
            since=each.since,
            statements=_statements(each.statements),
        )
        for each in rates
    ]


def _statements(statements: Iterable[Statement]) -> list[StatementOut]:
    return [StatementOut(source=each.source, usd=each.rate, since=each.since) for each in statements]
