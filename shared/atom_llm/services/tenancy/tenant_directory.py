"""The tenants of a deployment: the ones that an admin may administer, and the changes of their records.

An admin administers its own tenant, and every tenant where its own is the operator's.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from itertools import islice
from secrets import token_bytes
from typing import Final
from zoneinfo import ZoneInfo

from atom_llm.domain.core.audit import Actor
from atom_llm.domain.core.errors import Conflict, InvalidRequest, NotFound, OperatorOnly
from atom_llm.domain.core.ids import RANDOM_BYTES, ULID_LENGTH, TenantId, ulid
from atom_llm.domain.tenancy.tenants import Tenant, is_repetition
from atom_llm.ports.core import Clock
from atom_llm.ports.tenancy import TenantStore
from atom_llm.services.core.audit_entries import audit_entry
from atom_llm.services.tenancy.end_user_names import EndUserNames
from atom_llm.services.tenancy.tenant_calendars import TenantCalendars

SHOWN: Final = 20  # of what names end users


class TenantDirectory:
    """The use cases of tenants: find, list, make and change; `own` is always the tenant of the caller."""

    def __init__(
        self,
        tenants: TenantStore,
        calendars: TenantCalendars,
        end_users: EndUserNames,
        named: Callable[[TenantId], Sequence[str]],
        clock: Clock,
    ) -> None:
        """Take the store; `calendars` and `end_users` forget the settings of a tenant that is changed here, and `named`
        returns what of a tenant's names end users."""
        self._tenants = tenants
        self._calendars = calendars
        self._end_users = end_users
        self._named = named
        self._clock = clock

    def is_operator(self, own: TenantId) -> bool:
        """Return whether a tenant operates the deployment."""
        found = self._tenants.find(own)
        return found is not None and found.is_operator and found.deleted_at is None

    def administered(self, own: TenantId, wanted: str | None, *, changes: bool = False) -> TenantId:
        """Return the tenant that a request is about, the caller's own by default.

        Raises `NotFound` for one that is none of its business, just as for one that never was, and `Conflict` for a
        change (`changes`) of what a deleted tenant has.
        """
        if wanted is None or wanted == own:
            return own
        found = self.find(own, wanted)
        if changes and found.deleted_at is not None:
            raise Conflict("the tenant was deleted", tenant=str(found.id))
        return found.id

    def check_operator(self, own: TenantId, act: str) -> None:
        """Raise `OperatorOnly`, naming the act, unless a tenant operates the deployment."""
        if not self.is_operator(own):
            raise OperatorOnly(f"only the operator of this deployment may {act}", scope="admin")

    def find(self, own: TenantId, wanted: str) -> Tenant:
        """Return a tenant's record, also of one that was deleted; raises `NotFound` as above."""
        may_know = wanted == own or self.is_operator(own)
        found = self._tenants.find(TenantId(wanted)) if may_know else None
        if found is None:
            raise NotFound("there is no tenant of that id", tenant=wanted)
        return found

    def listed(self, own: TenantId, *, after: TenantId | None, limit: int) -> list[Tenant]:
        """List at most `limit` tenants behind `after`, deleted ones included; for all but the operator its own."""
        if not self.is_operator(own):
            found = self._tenants.find(own)
            return [found] if found is not None and after is None else []
        return list(islice(self._tenants.all(after=after, limit=limit), limit))

    def everyone(self, after: TenantId | None = None) -> Iterator[TenantId]:
        """Iterate over the ids of all tenants in their order, from the one behind `after` on, deleted ones included.

        This is for what the deployment does by itself.
        """
        return (tenant.id for tenant in self._tenants.all(after=after))

    def make(
        self,
        name: str,
        time_zone: str,
        by: Actor,
        *,
        wanted: str | None = None,
        idempotency_key: str | None = None,
    ) -> Tenant:
        """Make a tenant, with a drawn id where none is wanted; the same request once more finds what it made.

        An id is drawn anew each time, but for requests with the same `idempotency_key`.

        Raises `OperatorOnly`, and `Conflict` when the id is, or was, another's.
        """
        self.check_operator(by.tenant, "make tenants")
        now = self._clock()
        tenant = Tenant(
            TenantId(wanted or _drawn(by, idempotency_key, now)), name, time_zone, now, created_by=by.key_id
        )
        try:
            self._tenants.add(tenant, audit_entry(by, "tenant.created", tenant.id, tenant.id, now))
        except Conflict:
            there = self._tenants.find(tenant.id)
            if there is None or not is_repetition(tenant, there):
                raise
            return there
        self._calendars.forget(tenant.id)  # whoever has looked for it before found none
        self._end_users.forget(tenant.id)
        return tenant

    def change(
        self,
        wanted: str,
        by: Actor,
        *,
        name: str | None,
        time_zone: str | None,
        hashes_end_users: bool | None = None,
    ) -> Tenant:
        """Change what is given; windows of budgets that run are let run in the zone that they began in.

        Raises `InvalidRequest` for nothing, `NotFound`, `Conflict` for a deleted tenant, and for another spelling of
        end users where budgets, allow-lists or teams name some: they would bind nobody any more.
        """
        if name is None and time_zone is None and hashes_end_users is None:
            raise InvalidRequest("name", "or time_zone or hash_end_users must be given")
        found = self.find(by.tenant, wanted)
        if hashes_end_users not in (None, found.hashes_end_users) and (named := self._named(found.id)):
            raise Conflict(
                "budgets, allow-lists or teams name end users, whom the books would spell otherwise, so that none of "
                f"these would bind anybody: {', '.join(named[:SHOWN])}; clear them, and set them anew after the change",
                field="hash_end_users",
                named=named[:SHOWN],
            )
        now = self._clock()
        entry = audit_entry(by, "tenant.changed", found.id, found.id, now)
        calendar = found.calendar.changed(ZoneInfo(time_zone), now) if time_zone is not None else None
        changed = self._tenants.change(found.id, entry, name=name, calendar=calendar, hashes_end_users=hashes_end_users)
        self._calendars.forget(found.id)
        self._end_users.forget(found.id)
        if changed is None:
            raise Conflict("the tenant was deleted", tenant=str(found.id))
        return changed


def _drawn(by: Actor, idempotency_key: str | None, now: datetime) -> str:
    if idempotency_key is None:
        return f"t-{ulid(now, token_bytes(RANDOM_BYTES)).lower()}"
    return f"t-{sha256(f'{by.key_id} {idempotency_key}'.encode()).hexdigest()[:ULID_LENGTH]}"
