"""Set, clear and show allow-lists of models."""

from collections.abc import Mapping, Sequence

from atom_llm.domain.core.audit import Actor
from atom_llm.domain.core.errors import InvalidRequest, ModelNotFound
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger.scopes import scope_of
from atom_llm.domain.routing.allow_lists import FIELD, MAX_LISTS, OF_LISTS, TIER_NAMES, AllowList, patterns
from atom_llm.ports.core import Clock
from atom_llm.ports.routing import AllowListStore
from atom_llm.services.catalogue.known_models import KnownModels
from atom_llm.services.core.audit_entries import audit_entry
from atom_llm.services.ledger.budgets.known_scopes import KnownScopes
from atom_llm.services.routing.allow_list_book import AllowListBook


class AllowListSetter:
    """The use cases of allow-lists. A change binds every process within 30 s."""

    def __init__(
        self,
        store: AllowListStore,
        book: AllowListBook,
        scopes: KnownScopes,
        models: KnownModels,
        clock: Clock,
    ) -> None:
        self._store = store
        self._book = book
        self._scopes = scopes
        self._models = models
        self._clock = clock

    def all(self, tenant: TenantId) -> list[AllowList]:
        """Return a tenant's lists, by scope."""
        return sorted(self._store.of(tenant), key=lambda each: each.scope)

    def checked(
        self, tenant: TenantId, scope: str, models: Sequence[str], teams: frozenset[str] = frozenset()
    ) -> AllowList:
        """Return a list as it would be kept, once there are `teams` beside those that are there.

        Raises `InvalidRequest` for a scope or a pattern that cannot be, and `NotFound` for a member that is not the
        tenant's.
        """
        if scope_of(scope).kind not in OF_LISTS:
            raise InvalidRequest("scope", f"must be one of {', '.join(OF_LISTS)}: others have budgets alone")
        known, kept = str(self._scopes.to_set(tenant, scope, teams)), patterns(models)
        for position, text in enumerate(kept):
            if "*" not in text and text not in TIER_NAMES:
                self._check(tenant, f"{FIELD}.{position}", text)
        return AllowList(known, kept)

    def put(self, scope: str, models: Sequence[str], by: Actor) -> AllowList:
        """Set the list of a scope of the tenant that the actor acts for, over one that is there; raises as `checked`
        does."""
        tenant, now = by.acts_for, self._clock()
        made = self.checked(tenant, scope, models)
        if sum(each.scope != made.scope for each in self._store.of(tenant)) >= MAX_LISTS:
            raise InvalidRequest("scope", f"is one too many: a tenant has {MAX_LISTS} allow-lists at most")
        self._store.put(tenant, made, audit_entry(by, "allow_list.set", made.scope, tenant, now))
        self._book.forget(tenant)
        return made

    def clear(self, scope: str, by: Actor) -> bool:
        """Clear the list of a scope of the tenant that the actor acts for; False when there was none."""
        tenant = by.acts_for
        known = str(self._scopes.spelt(tenant, scope))
        entry = audit_entry(by, "allow_list.cleared", known, tenant, self._clock())
        cleared = self._store.delete(tenant, known, entry)
        self._book.forget(tenant)
        return cleared

    def erase(self, tenant: TenantId) -> Mapping[str, int]:
        """Delete a deleted tenant's lists."""
        return {"allow_lists_deleted": self._store.erase(tenant)}

    def _check(self, tenant: TenantId, place: str, name: str) -> None:
        """Raise where a name is that of no model, or a spelling by which none of its rows would be let pass."""
        try:
            rows = self._models.called(tenant, name)
        except ModelNotFound as error:
            raise InvalidRequest(place, f"is unknown: {error.message}") from None
        alone = AllowList("", (name,))
        if not any(alone.allows(row.id) for row in rows):
            raise InvalidRequest(place, f"is another spelling of {rows[0].id}, which a list has to have")
