"""The changes by which one tenant's teams, budgets, allow-lists and prices become what is declared."""

from collections.abc import Iterator
from functools import partial

from atom_llm.domain.catalogue.own_prices import OwnPrice
from atom_llm.domain.core.audit import Actor
from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.core.money import plain
from atom_llm.domain.ledger.budgets import MAX_BUDGETS, MAX_OF_SCOPE, Budget
from atom_llm.domain.ledger.scopes import ScopeKind, Team
from atom_llm.services.catalogue.own_prices import OwnPriceSetter
from atom_llm.services.ledger.budgets.set_budget import BudgetSetter, WantedBudget
from atom_llm.services.ledger.budgets.set_team import TeamSetter
from atom_llm.services.routing.declared.document import Change, DeclaredTenant, differences
from atom_llm.services.routing.declared.places import at_place
from atom_llm.services.routing.set_allow_list import AllowListSetter


class TenantChanges:
    """The comparison of what a tenant has with what is declared. It reads, and changes nothing by itself."""

    def __init__(
        self, teams: TeamSetter, budgets: BudgetSetter, lists: AllowListSetter, prices: OwnPriceSetter
    ) -> None:
        """Take the setters, which check and carry out what is found."""
        self._teams = teams
        self._budgets = budgets
        self._lists = lists
        self._prices = prices

    def changes(self, declared: DeclaredTenant, by: Actor) -> Iterator[Change]:
        """Yield them in an order in which each can be made: teams before what is of them, and gone after it."""
        declared_teams = frozenset(declared.teams or ())
        yield from self._teams_set(declared, by)
        yield from self._budget_changes(declared, by, declared_teams)
        yield from self._list_changes(declared, by, declared_teams)
        yield from self._price_changes(declared, by)
        yield from self._teams_removed(declared, by)

    def _teams_set(self, declared: DeclaredTenant, by: Actor) -> Iterator[Change]:
        if declared.teams is None:
            return
        there = {team.id: team for team in self._teams.all(declared.id)}
        kept: list[Team] = []
        for team_id, wanted in declared.teams.items():
            with at_place(f"teams.{team_id}"):
                team = self._teams.checked(team_id, wanted.name, wanted.service_keys, wanted.people, by, kept)
            kept.append(team)
            before = there.get(team_id)
            known = {} if before is None else {"name": before.name, "service_keys": before.service_keys}
            known |= {} if before is None else {"people": before.people}
            after = {"name": team.name, "service_keys": team.service_keys, "people": team.people}
            if before != team:
                yield Change(
                    declared.id,
                    "create" if before is None else "change",
                    "team",
                    team_id,
                    differences(known, after),
                    partial(self._teams.keep, team, by),
                )

    def _teams_removed(self, declared: DeclaredTenant, by: Actor) -> Iterator[Change]:
        if declared.teams is None:
            return
        with_budgets = {budget.scope for budget in self._declared_or_there(declared)}
        there = {each.scope for each in self._lists.all(declared.id)}
        with_list = there if declared.allow_lists is None else {scope for scope, _ in declared.allow_lists}
        for team in self._teams.all(declared.id):
            if team.id in declared.teams:
                continue
            for has, scopes in (("budgets", with_budgets), ("an allow-list", with_list)):
                if f"{ScopeKind.TEAM}:{team.id}" in scopes:
                    raise InvalidRequest("teams", f"leaves out {team.id}, which has {has}")
            yield Change(
                declared.id,
                "remove",
                "team",
                team.id,
                (),
                partial(self._teams.delete, team.id, by),
            )

    def _declared_or_there(self, declared: DeclaredTenant) -> "list[Budget] | list[WantedBudget]":
        if declared.budgets is not None:
            return list(declared.budgets)
        return [status.budget for status in self._budgets.all(declared.id)]

    def _budget_changes(self, declared: DeclaredTenant, by: Actor, teams: frozenset[str]) -> Iterator[Change]:
        if declared.budgets is None:
            return
        there = {(each.budget.scope, each.budget.kept_as): each.budget for each in self._budgets.all(declared.id)}
        wanted: dict[tuple[str, str], tuple[WantedBudget, Budget]] = {}
        hard = (_pool(asked) for asked in declared.budgets if asked.mode == "hard")
        pools = frozenset(pool for pool in hard if pool is not None)
        for place, asked in enumerate(declared.budgets):
            with at_place(f"budgets.{place}"):
                made = self._budgets.checked(declared.id, asked, by, teams, pools)
                if (made.scope, made.kept_as) in wanted:
                    raise InvalidRequest("scope", f"has a budget of {made.kept_as} twice")
                if sum(scope == made.scope for scope, _ in wanted) >= MAX_OF_SCOPE:
                    raise InvalidRequest("scope", f"has more than {MAX_OF_SCOPE} budgets")
                if len(wanted) >= MAX_BUDGETS:
                    raise InvalidRequest("scope", f"is one too many: a tenant has {MAX_BUDGETS:,} budgets at most")
            wanted[made.scope, made.kept_as] = (asked, made)
        for place_of, gone in there.items():
            if place_of not in wanted:
                yield Change(
                    declared.id,
                    "remove",
                    "budget",
                    f"{gone.scope} {gone.kept_as}",
                    (),
                    partial(self._budgets.clear, declared.id, gone.scope, gone.window, by, gone.unit),
                )
        # A pool is there before what draws on it.
        for place_of, (asked, made) in sorted(wanted.items(), key=lambda each: _pool(each[1][0]) is None):
            before = there.get(place_of)
            told = differences({} if before is None else _told(before), _told(made))
            if told:
                yield Change(
                    declared.id,
                    "create" if before is None else "change",
                    "budget",
                    f"{made.scope} {made.kept_as}",
                    told,
                    partial(self._budgets.put_declared, declared.id, asked, by),
                )

    def _list_changes(self, declared: DeclaredTenant, by: Actor, teams: frozenset[str]) -> Iterator[Change]:
        if declared.allow_lists is None:
            return
        there = {each.scope: each for each in self._lists.all(declared.id)}
        wanted = {}
        for place, (scope, models) in enumerate(declared.allow_lists):
            with at_place(f"allow_lists.{place}"):
                made = self._lists.checked(declared.id, scope, models, teams)
                if made.scope in wanted:
                    raise InvalidRequest("scope", "has an allow-list twice")
            wanted[made.scope] = made
        for gone in there.keys() - wanted.keys():
            yield Change(
                declared.id,
                "remove",
                "allow_list",
                gone,
                (),
                partial(self._lists.clear, gone, by),
            )
        for scope, made in wanted.items():
            before = there.get(scope)
            if before is None or before.models != made.models:
                told = differences({} if before is None else {"models": before.models}, {"models": made.models})
                yield Change(
                    declared.id,
                    "create" if before is None else "change",
                    "allow_list",
                    scope,
                    told,
                    partial(self._lists.put, made.scope, made.models, by),
                )

    def _price_changes(self, declared: DeclaredTenant, by: Actor) -> Iterator[Change]:
        if declared.prices is None:
            return
        left = self._prices.all(declared.id)
        fresh = []
        for place, (asked, is_confirmed) in enumerate(declared.prices):
            with at_place(f"prices.{place}"):
                made = self._prices.checked(asked, by, confirmed=is_confirmed)
            same = next((each for each in left if self._prices.says_the_same(each, made, asked)), None)
            if same is None:
                fresh.append((asked, made, is_confirmed))
            else:
                left.remove(same)
        for gone in left:
            if gone.by_operator and by.acts_for == by.tenant:
                continue  # the operator's, which alone ends it
            yield Change(
                declared.id,
                "remove",
                "price",
                gone.models,
                differences(_price_told(gone), {}),
                partial(self._prices.end, gone.id, by),
            )
        for asked, made, is_confirmed in fresh:
            yield Change(
                declared.id,
                "create",
                "price",
                made.models,
                differences({}, _price_told(made)),
                partial(self._prices.set, asked, by, confirmed=is_confirmed),
            )


def _pool(asked: WantedBudget) -> str | None:
    """Return the pool that a budget is of; None for any other."""
    kind, _, member = asked.scope.partition(":")
    return member if kind == ScopeKind.POOL else None


def _told(budget: Budget) -> dict[str, object]:
    raised = budget.raised
    return {
        "limit": plain(budget.limit),
        "mode": budget.mode,
        "overflow": budget.overflow,
        "carry_over": None if budget.carry_over is None else plain(budget.carry_over),
        "alert_at": budget.alert_at,
        "near": tuple(f"{step.do} at {step.at} {step.to_percent or ''}".strip() for step in budget.near),
        "raised": None if raised is None else f"{plain(raised.amount)} until {raised.until.isoformat()}: {raised.why}",
    }


def _price_told(price: OwnPrice) -> dict[str, object]:
    rates = None if price.rates is None else tuple(f"{key} {rate}" for key, rate in sorted(price.rates.items()))
    return {"factor": None if price.factor is None else plain(price.factor), "rates": rates, "note": price.note}
