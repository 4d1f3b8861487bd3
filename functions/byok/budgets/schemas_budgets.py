"""The wire models of the budget routes."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from atom_llm.domain.ledger.budgets import KEY_SCOPE, MAX_ALERTS, MAX_THRESHOLD, TENANT_SCOPE, Mode
from atom_llm.domain.ledger.windows import WindowKind
from atom_llm.http.schemas import GIVEN, ControlModel, Usd

DEFAULT_ALERTS = (50, 80, 100)  # per cent


def _ascending(thresholds: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted(set(thresholds)))


ScopeName = Annotated[
    str,
    StringConstraints(max_length=32, pattern=rf"^({TENANT_SCOPE}|{KEY_SCOPE}[0-9A-Za-z]{{12}})$"),
    Field(description="`tenant`, or `service-key:` and the id of one.", examples=[TENANT_SCOPE]),
]
Threshold = Annotated[int, Field(ge=1, le=MAX_THRESHOLD)]


class BudgetIn(ControlModel):
    """A budget to be set; `limit_usd` null clears it, 0 lets nothing pass."""

    scope: ScopeName = TENANT_SCOPE
    window: WindowKind
    limit_usd: Annotated[Decimal, Field(ge=0, le=10**9, max_digits=21, decimal_places=12), GIVEN] | None
    mode: Mode = "hard"
    alert_at: Annotated[
        tuple[Threshold, ...], Field(max_length=MAX_ALERTS, description="Per cent."), AfterValidator(_ascending)
    ] = DEFAULT_ALERTS


class BudgetOut(ControlModel):
    """A budget and the state of its present window. `remaining_usd` is what a new call may still hold."""

    scope: str
    window: WindowKind
    window_id: str
    limit_usd: Usd
    mode: Mode
    alert_at: list[int]
    alerted_at: list[int]
    spent_usd: Usd
    held_usd: Usd
    open_holds: int
    remaining_usd: Usd
    refused_since: datetime | None
    resets_at: datetime | None
    runs_out_at: datetime | None
    set_at: datetime


class BudgetsOut(ControlModel):
    """All budgets of a tenant and of its service keys."""

    items: list[BudgetOut]
    next_cursor: str | None = None


class BudgetSetOut(ControlModel):
    """The result of setting or clearing a budget; `budget` is None once it is cleared."""

    scope: str
    window: WindowKind
    cleared: bool
    budget: BudgetOut | None
