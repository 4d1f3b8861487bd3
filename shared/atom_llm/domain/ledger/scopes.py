"""The scopes of budgets: what a budget is about, spelt as text, and the scopes that a call is in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.core.ids import ServiceKeyId

EVERY: Final = "*"  # in a member's place: each member by itself
MAX_SCOPE: Final = 300  # characters
MAX_TEAMS_OF_CALL: Final = 4  # teams that one call counts in, so that its windows fit into one transaction


class ScopeKind(StrEnum):
    """The kinds of scopes, the narrowest first: in this order a call is told which of several budgets refused it.

    A pool has no members: calls count in it whose own budgets are full and may draw on it.
    """

    SESSION = "session"
    PERSON = "person"
    KEY = "service-key"
    TEAM = "team"
    TAG = "tag"
    MODEL = "model"
    PROVIDER = "provider"
    POOL = "pool"
    TENANT = "tenant"


class BudgetScope(NamedTuple):
    """The scope of a budget or an allow-list, a kind and a member of it: `team:01J…`, `tag:feature=search`, `tenant`.

    `person:*` is each person by itself.
    """

    kind: ScopeKind
    member: str = ""

    def __str__(self) -> str:
        """Return the scope as it is spelt."""
        return str(self.kind) if self.kind is ScopeKind.TENANT else f"{self.kind}:{self.member}"

    @property
    def is_default(self) -> bool:
        """Return whether it stands for each member that has no budget of its own of the same window and unit."""
        return self.kind is not ScopeKind.TENANT and self.member.rpartition("=")[2] == EVERY

    @property
    def default(self) -> "BudgetScope | None":
        """The scope of the default that covers this member; None for the tenant, which is alone."""
        if self.kind is ScopeKind.TENANT:
            return None
        name, equals, _ = self.member.partition("=") if self.kind is ScopeKind.TAG else ("", "", "")
        return BudgetScope(self.kind, f"{name}{equals}{EVERY}")


def scope_of(text: str) -> BudgetScope:
    """Read a scope; raises `InvalidRequest` naming the field."""
    kind, colon, member = text.partition(":")
    if kind not in list(ScopeKind):
        raise InvalidRequest("scope", f"must be one of {', '.join(sorted(ScopeKind))}, all but tenant with :MEMBER")
    scope = BudgetScope(ScopeKind(kind), member)
    if (scope.kind is ScopeKind.TENANT) != (not colon):
        raise InvalidRequest("scope", "must name a member behind the colon, the tenant's none")
    if scope.kind is ScopeKind.TENANT:
        return scope
    if not member.strip() or not member.isprintable() or len(text) > MAX_SCOPE:
        raise InvalidRequest("scope", f"must name a member in printable characters, {MAX_SCOPE} at most")
    if scope.kind is ScopeKind.TAG and not all(member.partition("=")):
        raise InvalidRequest("scope", "must name a tag and its value: tag:NAME=VALUE, or tag:NAME=*")
    return scope


@dataclass(frozen=True, slots=True)
class Team:
    """A group of service keys, of people (end users, as the books name them), or of both."""

    id: str
    name: str
    service_keys: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()

    def has(self, service_key: str, person: str | None) -> bool:
        """Return whether a call of that key, or for that person, is the team's."""
        return service_key in self.service_keys or (person is not None and person in self.people)


@dataclass(frozen=True, slots=True)
class CallScopes:
    """The scopes of a call. `person` and `session` are as the books name them, None where the caller names none."""

    service_key: ServiceKeyId
    provider: str
    model: str
    person: str | None = None
    session: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    teams: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[BudgetScope]:
        """Iterate over the scopes, the narrowest kind first."""
        return self.within(self.teams)

    def within(self, teams: tuple[str, ...]) -> Iterator[BudgetScope]:
        """Iterate over the scopes of the call as one of these teams in place of its own."""
        if self.session is not None:
            yield BudgetScope(ScopeKind.SESSION, self.session)
        if self.person is not None:
            yield BudgetScope(ScopeKind.PERSON, self.person)
        yield BudgetScope(ScopeKind.KEY, self.service_key)
        yield from (BudgetScope(ScopeKind.TEAM, team) for team in teams)
        yield from (BudgetScope(ScopeKind.TAG, f"{name}={value}") for name, value in sorted(self.tags.items()))
        yield BudgetScope(ScopeKind.MODEL, self.model)
        yield BudgetScope(ScopeKind.PROVIDER, self.provider)
        yield BudgetScope(ScopeKind.TENANT)
