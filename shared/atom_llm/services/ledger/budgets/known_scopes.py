"""The scopes that a tenant may set something for: those of its own members, as the books spell them."""

from collections.abc import Callable
from typing import Final

from atom_llm.domain.core.errors import InvalidRequest, NotFound
from atom_llm.domain.core.ids import ServiceKeyId, TenantId
from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.domain.ledger.end_users import EndUser, is_hash
from atom_llm.domain.ledger.rows import MAX_TAG_LENGTH
from atom_llm.domain.ledger.scopes import EVERY, BudgetScope, ScopeKind, scope_of
from atom_llm.ports.ledger import TeamStore

MAX_BYTES: Final = 900  # of DynamoDB's 1,024 of a sort key, which has the window's name beside it


def check_nameable(text: str) -> None:
    """Raise `InvalidRequest` for a scope whose member no call can name, for what is set for it would never bind, or
    that no table takes.

    Names are read without blanks around them, and tags from a header in which commas stand between them.
    """
    scope = scope_of(text)
    if len(text.encode()) > MAX_BYTES:
        raise InvalidRequest("scope", f"has more than {MAX_BYTES} bytes in UTF-8")
    if scope.kind is ScopeKind.TAG:
        name, _, value = scope.member.partition("=")
        if any(each != each.strip() or "," in each or len(each) > MAX_TAG_LENGTH for each in (name, value)):
            fault = (
                f"names a tag that no call can have: no blanks around, no comma, {MAX_TAG_LENGTH} characters at most"
            )
            raise InvalidRequest("scope", fault)
        if name == EVERY or (EVERY in value and value != EVERY):
            raise InvalidRequest("scope", "has `*` for a part of a tag: it stands for all values of one name")
    elif scope.member != scope.member.strip():
        raise InvalidRequest("scope", "has blanks around its member, which are no part of any name")


class KnownScopes:
    """The check of a scope that a request names."""

    def __init__(
        self,
        teams: TeamStore,
        owner: Callable[[ServiceKeyId], TenantId | None],
        names: Callable[[TenantId, EndUser], EndUser],
    ) -> None:
        """Take the teams; `owner` returns the tenant of a service key, and `names` an end user as the tenant's books
        have it."""
        self._teams = teams
        self._owner = owner
        self._names = names

    def known(self, tenant: TenantId, text: str, to_come: frozenset[str] = frozenset()) -> BudgetScope:
        """Return the scope that a text names, as the books spell it; raises `NotFound` for another tenant's service
        key or team, just as for one that never was, and `InvalidRequest` for what is no scope.
        Teams `to_come` are as good as those that are there."""
        scope = self.spelt(tenant, text)
        if scope.is_default:
            return scope
        match scope.kind:
            case ScopeKind.KEY if self._owner(ServiceKeyId(scope.member)) != tenant:
                raise NotFound("there is no service key of that id", scope=text)
            case ScopeKind.TEAM if scope.member not in to_come | {team.id for team in self._teams.of(tenant)}:
                raise NotFound("there is no team of that id", scope=text)
            case ScopeKind.MODEL | ScopeKind.PROVIDER if scope.member.partition("/")[0] not in PROVIDER_BY_ID:
                raise InvalidRequest("scope", "must name a provider that there is, a model as PROVIDER/MODEL")
            case _:
                return scope

    def spelt(self, tenant: TenantId, text: str) -> BudgetScope:
        """Return the scope that a text names, as the books spell it, whether or not its member is there any more.

        A person or a session may be named as callers do, or by the hash that reports show.
        """
        scope = scope_of(text)
        if scope.is_default or is_hash(scope.member):
            return scope
        match scope.kind:
            case ScopeKind.PERSON:
                return BudgetScope(scope.kind, self._names(tenant, EndUser(scope.member)).user or scope.member)
            case ScopeKind.SESSION:
                return BudgetScope(scope.kind, self._names(tenant, EndUser(None, scope.member)).session or scope.member)
            case _:
                return scope
