"""The wire models of documents that declare tenants."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from atom_llm.domain.ledger.budgets import MAX_BUDGETS
from atom_llm.domain.routing.allow_lists import MAX_LISTS
from atom_llm.http.schemas import ControlModel
from functions.byok.budgets.schemas_allow_lists import AllowListIn
from functions.byok.budgets.schemas_budgets import BudgetIn
from functions.byok.budgets.schemas_teams import TeamIn
from functions.byok.prices.schemas_price_alerts import PriceAlertsIn
from functions.byok.prices.schemas_prices import PriceIn
from functions.byok.tenants.schemas_tenants import DisplayName, TenantName, TimeZone

MAX_TENANTS = 100  # of one document: its answer has to come within the gateway's 29 seconds
TeamName = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[a-z0-9][a-z0-9-]*$")]


class DeclaredTenantIn(ControlModel):
    """A tenant as it is to be. What is left out stays; a list that is given is all that there is to be."""

    name: Annotated[DisplayName | None, Field(description="Needed for a tenant that is to be made.")] = None
    time_zone: TimeZone | None = None
    teams: Annotated[dict[TeamName, TeamIn] | None, Field(max_length=200)] = None
    budgets: Annotated[tuple[BudgetIn, ...] | None, Field(max_length=MAX_BUDGETS)] = None
    allow_lists: Annotated[tuple[AllowListIn, ...] | None, Field(max_length=MAX_LISTS)] = None
    prices: Annotated[tuple[PriceIn, ...] | None, Field(max_length=100)] = None
    price_alerts: PriceAlertsIn | None = None


class DeclarationIn(ControlModel):
    """Tenants by id. With `dry_run` nothing is changed."""

    tenants: Annotated[dict[TenantName, DeclaredTenantIn], Field(min_length=1, max_length=MAX_TENANTS)]
    dry_run: bool = False


class DeclaredChangeOut(ControlModel):
    """A change; `differences` are `name: before → after`."""

    tenant: str
    how: Literal["create", "change", "remove"]
    what: Literal["tenant", "team", "budget", "allow_list", "price", "price_alerts"]
    subject: str
    differences: list[str]


class DeclaredOut(ControlModel):
    """What was changed, or with `dry_run` would be; nothing where it is so already."""

    dry_run: bool
    changes: list[DeclaredChangeOut]
