"""The people and sessions that a tenant's settings name, each in the one spelling that its books have at a time."""

from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger.scopes import ScopeKind, scope_of
from atom_llm.ports.ledger import BudgetSettings, TeamStore
from atom_llm.ports.routing import AllowListStore


class NamedEndUsers:
    """What would bind nobody any more if a tenant's books began to spell its end users otherwise."""

    def __init__(self, budgets: BudgetSettings, teams: TeamStore, lists: AllowListStore) -> None:
        """Take the stores of everything that names end users."""
        self._budgets = budgets
        self._teams = teams
        self._lists = lists

    def of(self, tenant: TenantId) -> list[str]:
        """Return the scopes of budgets and allow-lists that name a person or a session, and the teams with people."""
        scopes = {budget.scope for budget in self._budgets.of(tenant)} | {each.scope for each in self._lists.of(tenant)}
        teams = {f"team:{team.id}" for team in self._teams.of(tenant) if team.people}
        return sorted({scope for scope in scopes if _names_somebody(scope)} | teams)


def _names_somebody(text: str) -> bool:
    scope = scope_of(text)
    return scope.kind in (ScopeKind.PERSON, ScopeKind.SESSION) and not scope.is_default
