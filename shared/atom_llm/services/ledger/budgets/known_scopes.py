"""The scopes that a tenant may set something for: those of its own members, as the books spell them."""

from collections.abc import Callable, Sequence
from typing import Final

from atom_llm.domain.core.errors import InvalidRequest, ModelNotFound, NotFound
from atom_llm.domain.core.ids import ServiceKeyId, TenantId
from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.domain.ledger.end_users import EndUser, is_hash
from atom_llm.domain.ledger.rows import MAX_TAG_LENGTH
from atom_llm.domain.ledger.scopes import EVERY, BudgetScope, ScopeKind, scope_of
from atom_llm.ports.ledger import TeamStore

MAX_BYTES: Final = 900  # of DynamoDB's 1,024 of a sort key, which has the window's name beside it


def _check_nameable(text: str) -> None:
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
        models: Callable[[TenantId, str], Sequence[str]],
    ) -> None:
        """Take the teams; `owner` returns the tenant of a service key, `names` an end user as the tenant's books have
        it, and `models` the ids of the models that a call by a name may go to, or raises `ModelNotFound`."""
        self._teams = teams
        self._owner = owner
        self._names = names
        self._models = models

    def to_set(self, tenant: TenantId, text: str, to_come: frozenset[str] = frozenset()) -> BudgetScope:
        """Return the scope that something is to be set for; raises as `known` does, and `InvalidRequest` also for a
        member that no call can name: what is set for it would never bind."""
        _check_nameable(text)
        scope = self.known(tenant, text, to_come)
        if scope.is_default:
            return scope
        if scope.kind is ScopeKind.PROVIDER and scope.member not in PROVIDER_BY_ID:
            raise InvalidRequest("scope", "must name a provider, without a model")
        if scope.kind is ScopeKind.MODEL:
            self._check_model(tenant, scope.member)
        return scope

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

    def _check_model(self, tenant: TenantId, name: str) -> None:
        """Raise `InvalidRequest` for a name that is no model's, or a spelling that is not the one of its calls."""
        if "/" not in name:
            raise InvalidRequest("scope", "must name a model as PROVIDER/MODEL")
        try:
            ids = self._models(tenant, name)
        except ModelNotFound as error:
            raise InvalidRequest("scope", f"names a model that no call can go to: {error.message}") from None
        if name not in ids:
            raise InvalidRequest("scope", f"is another spelling of {ScopeKind.MODEL}:{ids[0]}, in which calls count")
