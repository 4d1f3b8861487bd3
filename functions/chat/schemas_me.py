"""The wire models of where a caller stands."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from atom_llm.domain.ledger.budgets import BudgetUnit, Mode
from atom_llm.domain.ledger.windows import WindowKind
from atom_llm.domain.tenancy.service_keys import Scope
from atom_llm.http.schemas import Plain, Usd


class MyLimitsOut(BaseModel):
    """The rate limits of the caller's key, its own or the deployment's; None: there is none."""

    requests_per_minute: int | None
    tokens_per_minute: int | None


class MyAllowListOut(BaseModel):
    """An allow-list that the caller's calls have to keep to."""

    scope: Annotated[str, Field(description="The scope that it was set for: `person:*` for each person by itself.")]
    models: list[str]


class MyNextFreeOut(BaseModel):
    """What leaves a rolling window next, and when: it may be spent again from then on."""

    at: datetime
    amount: Plain


class MyBudgetOut(BaseModel):
    """A budget that the caller's calls count in; amounts are in its unit. `remaining` is what a call may still hold."""

    scope: str
    set_for: Annotated[str, Field(description="The scope that it was set for: `person:*` for each person by itself.")]
    window: WindowKind
    window_id: str
    unit: BudgetUnit
    mode: Mode
    limit: Plain
    spent: Plain
    held: Plain
    remaining: Plain
    resets_at: Annotated[datetime | None, Field(description="None of `total` and of rolling windows.")]
    next_free: MyNextFreeOut | None
    runs_out_at: Annotated[datetime | None, Field(description="At the pace of its window until now.")]


class SessionOut(BaseModel):
    """What the session's calls of today and yesterday came to; a call is in it within a minute."""

    id: str
    calls: int
    cost_usd: Usd
    run_cost_usd: Annotated[
        Usd | None, Field(description="What its calls with `x-llm-run-id` came to, to the digit, as of now.")
    ]


class MeOut(BaseModel):
    """Where a caller stands."""

    object: Literal["me"] = "me"
    tenant: str
    service_key: Annotated[str, Field(description="The id by which its calls stand in the books.")]
    label: str | None
    expires_at: datetime | None
    person: Annotated[str | None, Field(description="Whom an issuer vouches for.")]
    team: str | None
    issuer: str | None
    scopes: list[Scope]
    limits: MyLimitsOut
    allowed_models: Annotated[
        list[MyAllowListOut], Field(description="A model has to be on every one of them; where there is none, any is.")
    ]
    budgets: list[MyBudgetOut]
    budgets_of_calls: Annotated[
        list[MyBudgetOut],
        Field(description="Those of single models, providers and tag values, in which whoever's calls count."),
    ]
    budget_remaining_usd: Annotated[Usd | None, Field(description="What the fullest hard budget in USD has left.")]
    session: SessionOut | None
