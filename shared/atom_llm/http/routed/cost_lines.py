"""The lines of a cost as routes show them."""

from collections.abc import Iterable
from decimal import Decimal

from atom_llm.domain.pricing.cost import CostLine
from atom_llm.domain.pricing.rates import source_of
from atom_llm.domain.pricing.units import Side
from atom_llm.http.schemas import ControlModel, Plain, Usd


class CostLineOut(ControlModel):
    """One multiplication: quantity x rate x multiplier = amount, in USD.

    `rate_source` is whose word the rate is where it is not the row's own source's, as its key says; else null.
    """

    unit: str
    side: Side
    quantity: Plain
    rate_usd: Usd
    rate_key: str
    rate_source: str | None
    multiplier: Plain
    amount_usd: Usd


def cost_lines(lines: Iterable[CostLine]) -> list[CostLineOut]:
    """Return each line as it was computed."""
    return [
        CostLineOut(
            unit=line.unit,
            side=line.side,
            quantity=Decimal(line.quantity),
            rate_usd=line.rate,
            rate_key=line.rate_key,
            rate_source=source_of(line.rate_key),
            multiplier=line.multiplier,
            amount_usd=line.amount,
        )
        for line in lines
    ]
