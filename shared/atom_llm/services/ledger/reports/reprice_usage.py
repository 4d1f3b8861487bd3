"""The cost of a period on other models, or at another day's prices; history stays as it is."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Final

from atom_llm.domain.catalogue.catalogue import ModelEntry
from atom_llm.domain.catalogue.kinds_of_calls import could_take
from atom_llm.domain.catalogue.own_prices import OwnPrices
from atom_llm.domain.core.errors import InvalidRate, ModelNotFound
from atom_llm.domain.core.money import EXACT, ZERO
from atom_llm.domain.ledger.rows import LedgerRow
from atom_llm.domain.pricing.cost import Unpriced, cost
from atom_llm.services.catalogue.read_catalogue import CatalogueInForce

MAX_ROWS: Final = 20_000  # that one request reads: about two seconds
OTHER_KIND: Final = "other_kind"  # of call than the model takes, or of answer than it makes
MAX_COSTINGS: Final = 60_000  # of rows at models, in one request: a few seconds of arithmetic


def rows_of_a_part(models: int) -> int:
    """Return the number of rows that one request re-costs at so many models."""
    return min(MAX_ROWS, MAX_COSTINGS // max(1, models))


@dataclass(slots=True)
class RepricedUsage:
    """The actual and the hypothetical cost of rows, in USD.

    `not_priced` counts rows that have no price there, or could not have gone there, by reason; their cost is in neither
    sum.
    """

    model: str | None
    rows: int = 0
    actual: Decimal = ZERO
    hypothetical: Decimal = ZERO
    not_priced: dict[str, int] = field(default_factory=dict)


def repriced(
    rows: Iterable[LedgerRow],
    in_force: CatalogueInForce,
    model: str | None,
    own: OwnPrices | None = None,
    at: datetime | None = None,
) -> RepricedUsage:
    """Cost the usage of each row, call by call, for the length tiers: at `model`'s rates, or at its own model's.

    What other models used for a call (an advisor, a guardrail) costs what it did. The rates are the list's, or with
    `own` the tenant's own as they were in force at the instant `at`. Raises `ModelNotFound` when `model` names no row.
    """
    by_own = own.rates_of(in_force.catalogue, at) if own is not None and at is not None else None

    def named(name: str) -> ModelEntry:
        added = None if own is None or at is None else own.added(name, in_force.catalogue, at)
        return added or in_force.named(name)

    @cache
    def known(name: str) -> ModelEntry | None:
        try:
            return named(name)
        except ModelNotFound:
            return None

    rates_of = by_own or in_force.catalogue.rates
    wanted = named(model) if model is not None else None
    answer = RepricedUsage(wanted.id if wanted is not None else None)
    for row in rows:
        ended = row.settlement
        if not ended.usage:
            continue
        usage, others = ended.own
        if wanted is not None and not could_take(wanted, rates_of(wanted), known(row.attempt.model), usage.counts):
            answer.not_priced[OTHER_KIND] = answer.not_priced.get(OTHER_KIND, 0) + 1
            continue
        try:
            entry = wanted or named(row.attempt.model)
            amount = EXACT.add(cost(usage, rates_of(entry), ended.terms).total, others)
        except (ModelNotFound, Unpriced, InvalidRate) as reason:
            answer.not_priced[reason.code] = answer.not_priced.get(reason.code, 0) + 1
            continue
        answer.rows += 1
        answer.actual = EXACT.add(answer.actual, ended.cost)
        answer.hypothetical = EXACT.add(answer.hypothetical, amount)
    return answer
