"""A tenant's allow-lists as calls need them: remembered for seconds, with the teams that they are of."""

from collections.abc import Callable
from concurrent.futures import Executor
from datetime import timedelta
from typing import Final

from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger.end_users import EndUser
from atom_llm.domain.ledger.scopes import ScopeKind, scope_of
from atom_llm.domain.routing.allow_lists import UNLISTED, AllowLists, Asker, TenantAllowLists
from atom_llm.domain.tenancy.service_keys import Caller
from atom_llm.ports.core import Clock
from atom_llm.ports.ledger import TeamStore
from atom_llm.ports.routing import AllowListStore
from atom_llm.process_cache import ReadThrough

KNOWN_FOR: Final = timedelta(seconds=30)  # a list that is new or changed binds every process within this time
CACHED_TENANTS: Final = 10_000


class AllowListBook(ReadThrough[TenantId, TenantAllowLists]):
    """The allow-lists of tenants, by tenant. Where they cannot be read nothing is called."""

    def __init__(
        self,
        store: AllowListStore,
        teams: TeamStore,
        names: Callable[[TenantId, EndUser], EndUser],
        clock: Clock,
        behind: Executor | None = None,
    ) -> None:
        """Take the stores; `names` returns an end user as the tenant's books have it. With `behind` lists are read anew
        behind a call, and no call of a busy tenant waits for them."""
        self._names = names

        def read(tenant: TenantId) -> TenantAllowLists:
            lists = store.of(tenant)
            has_teams = any(scope_of(each.scope).kind is ScopeKind.TEAM for each in lists)
            return TenantAllowLists({each.scope: each for each in lists}, teams.of(tenant) if has_teams else ())

        super().__init__(read, clock, KNOWN_FOR, CACHED_TENANTS, behind=behind)

    def of_caller(self, caller: Caller) -> AllowLists:
        """Return the lists that concern a caller, whichever end user it calls for."""
        return self.concerning(caller.tenant, Asker(caller.key_id, caller.person, caller.team))

    def concerning(self, tenant: TenantId, asker: Asker) -> AllowLists:
        """Return the lists that concern a caller, whose person is named as the caller does it."""
        known = self.of(tenant)
        if not known.lists:
            return UNLISTED
        person = None if asker.person is None else self._names(tenant, EndUser(asker.person)).user
        return known.concerning(asker._replace(person=person))
