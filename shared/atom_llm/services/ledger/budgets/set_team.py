"""Set, delete and show teams: groups of service keys and of people that budgets can be of."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

from atom_llm.domain.core.audit import Actor
from atom_llm.domain.core.errors import Conflict, InvalidRequest, NotFound
from atom_llm.domain.core.ids import ServiceKeyId, TenantId
from atom_llm.domain.ledger.end_users import EndUser
from atom_llm.domain.ledger.scopes import MAX_TEAMS_OF_CALL, BudgetScope, ScopeKind, Team
from atom_llm.ports.core import Clock
from atom_llm.ports.ledger import TeamStore
from atom_llm.services.core.audit_entries import audit_entry
from atom_llm.services.ledger.budgets.budget_book import BudgetBook

MAX_TEAMS: Final = 200  # of one tenant: its calls read all of them twice a minute


class TeamSetter:
    """The use cases of teams. A change binds every process within 30 s."""

    def __init__(
        self,
        teams: TeamStore,
        book: BudgetBook,
        owner: Callable[[ServiceKeyId], TenantId | None],
        names: Callable[[TenantId, EndUser], EndUser],
        listed: Callable[[TenantId], Collection[str]],
        clock: Clock,
    ) -> None:
        """Take the store; `owner` returns the tenant of a service key, `names` an end user as the tenant's books have
        it, and `listed` the scopes that have an allow-list."""
        self._teams = teams
        self._book = book
        self._owner = owner
        self._names = names
        self._listed = listed
        self._clock = clock

    def all(self, tenant: TenantId) -> list[Team]:
        """Return a tenant's teams."""
        return self._teams.of(tenant)

    def put(self, team_id: str, name: str, service_keys: Sequence[str], people: Sequence[str], by: Actor) -> Team:
        """Set a team of the tenant that the actor acts for, over one of that id; returns it. Raises as `checked`."""
        others = [each for each in self._teams.of(by.acts_for) if each.id != team_id]
        return self.keep(self.checked(team_id, name, service_keys, people, by, others), by)

    def checked(
        self,
        team_id: str,
        name: str,
        service_keys: Sequence[str],
        people: Sequence[str],
        by: Actor,
        others: Sequence[Team],
    ) -> Team:
        """Return a team as it would be kept beside others.

        Raises `NotFound` for a service key that is not the tenant's, and `InvalidRequest` for one team too many, of the
        tenant or of one of its members.
        """
        tenant = by.acts_for
        for position, key in enumerate(service_keys):
            if self._owner(ServiceKeyId(key)) != tenant:
                raise NotFound("there is no service key of that id", field=f"service_keys.{position}", service_key=key)
        as_kept = (self._names(tenant, EndUser(person)).user or person for person in people)
        team = Team(team_id, name, frozenset(service_keys), frozenset(as_kept))
        if len(others) >= MAX_TEAMS:
            raise InvalidRequest("team_id", f"is one too many: a tenant has {MAX_TEAMS} teams at most")
        for field in ("service_keys", "people"):
            for member in sorted(getattr(team, field)):
                if sum(member in getattr(each, field) for each in others) >= MAX_TEAMS_OF_CALL:
                    raise InvalidRequest(field, f"has {member}, which is in {MAX_TEAMS_OF_CALL} teams already")
        return team

    def keep(self, team: Team, by: Actor) -> Team:
        """Write a team that was checked, over one of its id; returns it."""
        tenant = by.acts_for
        self._teams.put(tenant, team, audit_entry(by, "team.set", team.id, tenant, self._clock()))
        self._book.forget(tenant)
        return team

    def delete(self, team_id: str, by: Actor) -> None:
        """Delete a team of the tenant that the actor acts for.

        Raises `NotFound` where there is none, and `Conflict` while budgets or an allow-list are of it, which would bind
        a later team of its id.
        """
        tenant = by.acts_for
        self._book.forget(tenant)
        scope = str(BudgetScope(ScopeKind.TEAM, team_id))
        if any(budget.scope == scope for budget in self._book.of(tenant).budgets):
            raise Conflict("the team has budgets: clear them first", scope=scope)
        if scope in self._listed(tenant):
            raise Conflict("the team has an allow-list: clear it first", scope=scope)
        if not self._teams.delete(tenant, team_id, audit_entry(by, "team.deleted", team_id, tenant, self._clock())):
            raise NotFound("there is no team of that id", team=team_id)
        self._book.forget(tenant)

    def erase(self, tenant: TenantId) -> Mapping[str, int]:
        """Delete a deleted tenant's teams; its budgets go with all others."""
        return {"teams_deleted": self._teams.erase(tenant)}
