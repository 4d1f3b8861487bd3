"""A document that declares tenants, and the changes that it comes to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger.price_alerts import PriceAlertSettings
from atom_llm.services.catalogue.own_prices import WantedPrice
from atom_llm.services.ledger.budgets.set_budget import WantedBudget


@dataclass(frozen=True, slots=True)
class DeclaredTeam:
    """A team, with its people as callers name them."""

    name: str
    service_keys: Sequence[str]
    people: Sequence[str]


@dataclass(frozen=True, slots=True)
class DeclaredTenant:
    """A tenant as it is to be. What is None stays as it is; a list that is given is all that there is to be.

    `allow_lists` are scopes with their models; `prices` come with the word that rates far from the list's are meant.
    """

    id: TenantId
    name: str | None = None
    time_zone: str | None = None
    teams: Mapping[str, DeclaredTeam] | None = None
    budgets: Sequence[WantedBudget] | None = None
    allow_lists: Sequence[tuple[str, Sequence[str]]] | None = None
    prices: Sequence[tuple[WantedPrice, bool]] | None = None
    price_alerts: PriceAlertSettings | None = None


class Change(NamedTuple):
    """One change: of which tenant, what becomes of which thing, how it differs from before, and the act itself."""

    tenant: TenantId
    how: Literal["create", "change", "remove"]
    what: Literal["tenant", "team", "budget", "allow_list", "price", "price_alerts"]
    subject: str
    differences: tuple[str, ...]
    act: Callable[[], object]


def differences(before: Mapping[str, object], after: Mapping[str, object]) -> tuple[str, ...]:
    """Return `name: before → after` for each value that differs; what is empty is as good as none."""
    shown = ((name, _shown(before.get(name)), _shown(value)) for name, value in after.items())
    return tuple(f"{name}: {was} → {is_now}" for name, was, is_now in shown if was != is_now)


def _shown(value: object) -> str:
    if isinstance(value, frozenset):
        value = tuple(sorted(map(str, value)))
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None else str(value)
