"""The wire models of price alerts."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from atom_llm.http.schemas import GIVEN, ControlModel, Usd


class PriceAlertsIn(ControlModel):
    """The settings of price alerts. An amount is about the tenant's own calls of thirty days."""

    enabled: bool = True
    threshold_usd: Annotated[
        Decimal,
        Field(
            ge=0,
            le=10**9,
            max_digits=21,
            decimal_places=12,
            description="The least that changes of one kind must come to together, in USD, for an alert.",
        ),
        GIVEN,
    ]


class ChangeOut(ControlModel):
    """A change of one model's price, and what it means for the tenant's own calls of thirty days.

    `would_cost_usd` is by the new rates, or by those that wait in quarantine; null for a deprecation, where `cost_usd`
    is all that the model's calls cost. `calls_not_priced` stand in no amount.
    """

    model: str
    kind: Literal["price", "deprecation", "quarantined"]
    calls: int
    calls_not_priced: int
    cost_usd: Usd
    would_cost_usd: Usd | None
    difference_usd: Usd | None
    deprecation_date: date | None
    reason: str | None


class PriceAlertOut(ControlModel):
    """An alert as it was sent. `difference_usd` is of the changes of price that are in force."""

    alert_id: str
    tenant: str
    price_version: str
    in_force_since: datetime
    from_day: date
    to_day: date
    threshold_usd: Usd
    difference_usd: Usd
    changes: list[ChangeOut]
    more_changes: int
    at: datetime


class PriceAlertsOut(ControlModel):
    """The settings in force, whether they are the default, and the newest alerts."""

    is_default: bool
    enabled: bool
    threshold_usd: Usd
    alerts: list[PriceAlertOut]
