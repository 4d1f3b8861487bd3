"""The deletion of a tenant: its keys open nothing, and its data is erased. May be repeated."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from atom_llm.domain.core.audit import Actor
from atom_llm.domain.core.errors import Conflict
from atom_llm.domain.tenancy.tenants import Tenant
from atom_llm.ports.core import Clock
from atom_llm.ports.ledger import BudgetSettings, BudgetWindows, Ledger, UsageSums
from atom_llm.ports.tenancy import ServiceKeyStore, TenantErasure, TenantStore
from atom_llm.services.core.audit_entries import audit_entry
from atom_llm.services.tenancy.known_service_keys import TRUSTED_UNREAD_FOR

MAX_AGE: Final = timedelta(days=3_660)  # how far back detail rows may lie: the longest retention that can be set
ERASE_FOR: Final = timedelta(seconds=15)  # for rows; the report has to come before the gateway's 29 s
QUIET_AFTER: Final = TRUSTED_UNREAD_FOR + timedelta(seconds=30)  # no process trusts its keys; what they began has ended
ROWS_AT_ONCE: Final = 1_000  # rows between two looks at the clock: a second or so
SCOPES_AT_ONCE: Final = 100  # scopes of budgets likewise


@dataclass(frozen=True, slots=True)
class Erasure:
    """The counts of one run, the number of calls under way, and whether a later run could find anything more."""

    deleted_at: datetime
    done: Mapping[str, int]
    calls_under_way: int
    is_complete: bool


class TenantEraser:
    """The deletion. It marks first: a repetition finds a tenant that is going, and nothing new is given to it."""

    def __init__(
        self,
        tenants: TenantStore,
        service_keys: ServiceKeyStore,
        settings: BudgetSettings,
        windows: BudgetWindows,
        ledger: Ledger,
        sums: UsageSums,
        more: Sequence[TenantErasure],
        clock: Clock,
    ) -> None:
        """Take the stores; `more` are others with tenants' data: the vault of provider keys, preferences."""
        self._tenants = tenants
        self._service_keys = service_keys
        self._settings = settings
        self._windows = windows
        self._ledger = ledger
        self._sums = sums
        self._more = more
        self._clock = clock

    def erase(self, tenant: Tenant, by: Actor) -> Erasure:
        """Erase a tenant and return the counts of this run; sums that name nobody stay, for the bill needs them.

        The mark is the change, and is written with its audit entry; what is erased from then on, in this run or in
        later ones, is that change being carried out. It is not complete while a process may remember a key of it, whose
        caller can still leave something behind. Raises `Conflict` for the operator's tenant, without which nobody could
        administer the deployment.
        """
        if tenant.is_operator:
            raise Conflict("the operator's tenant cannot be deleted", tenant=str(tenant.id))
        began = self._clock()
        deleted_at = tenant.deleted_at or began
        if tenant.deleted_at is None:
            entry = audit_entry(by, "tenant.deleted", tenant.id, tenant.id, began)
            self._tenants.mark_deleted(tenant.id, began, entry)
        keys = list(self._service_keys.of(tenant.id))
        revoked = self._service_keys.revoke_all(tenant.id, began)
        done = {"service_keys_revoked": revoked, "budgets_deleted": self._settings.erase(tenant.id)}
        for erasure in self._more:
            done |= erasure.erase(tenant.id)
        until = began + ERASE_FOR
        done["ledger_rows_deleted"], all_rows = self._rows(tenant, until)
        months = {day.replace(day=1) for day in self._days(tenant)}
        done["end_user_sums_deleted"] = sum(self._sums.erase_end_users(tenant.id, month) for month in sorted(months))
        open_calls = len(self._ledger.open_attempts_of(tenant.id))
        last_open = max([deleted_at, *(key.revoked_at or began for key in keys)])
        is_quiet = open_calls == 0 and last_open + QUIET_AFTER <= began
        done["budget_scopes_deleted"], all_scopes = self._scopes(tenant, until) if is_quiet else (0, False)
        return Erasure(deleted_at, done, open_calls, all_rows and all_scopes)

    def _scopes(self, tenant: Tenant, until: datetime) -> tuple[int, bool]:
        """Delete budgets' windows until the instant `until`; returns the number of scopes, and whether those were all.

        Only once nothing can come any more that would hold in them, or whose rows would be counted in them: what is
        written to a window after its scope was deleted is found by nobody.
        """
        erased = 0
        while self._clock() <= until:
            found = self._windows.erase(tenant.id, at_most=SCOPES_AT_ONCE)
            if found == 0:
                return erased, True
            erased += found
        return erased, False

    def _rows(self, tenant: Tenant, until: datetime) -> tuple[int, bool]:
        """Delete rows until the instant `until`; returns their number, and whether those were all.

        Rows that are not in the sums stay until they are: the next run deletes them.
        """
        erased = 0
        for day in self._days(tenant):
            found = ROWS_AT_ONCE
            while found == ROWS_AT_ONCE:
                if self._clock() > until:
                    return erased, False
                found = self._ledger.erase_day(tenant.id, day, at_most=ROWS_AT_ONCE)
                erased += found
        return erased, True

    def _days(self, tenant: Tenant) -> Iterator[date]:
        """Return every day that the sums know of, and the last two, whose rows they may not hold yet."""
        today = self._clock().date()
        first = max(tenant.created_at.date(), today - MAX_AGE)
        days = {day for day, _, _, _ in self._sums.by_model(tenant.id, first, today)}
        return iter(sorted(days | {today, today - timedelta(days=1)}))
