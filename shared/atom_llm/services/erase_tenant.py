"""Delete a tenant: nobody calls in its name any more, and what it gave us is erased. May be repeated."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from atom_llm.domain.errors import Conflict
from atom_llm.domain.tenants import Tenant
from atom_llm.ports import BudgetSettings, Clock, Ledger, ServiceKeyStore, TenantErasure, TenantStore, UsageSums

MAX_AGE: Final = timedelta(days=3_660)  # how far back detail rows may lie: the longest retention that can be set


class TenantEraser:
    """Marks first, so that what is repeated finds a tenant that is going."""

    def __init__(
        self,
        tenants: TenantStore,
        service_keys: ServiceKeyStore,
        settings: BudgetSettings,
        ledger: Ledger,
        sums: UsageSums,
        more: Sequence[TenantErasure],
        clock: Clock,
    ) -> None:
        """`more` is what else holds something of tenants: the vault of their provider keys, their preferences."""
        self._tenants = tenants
        self._service_keys = service_keys
        self._settings = settings
        self._ledger = ledger
        self._sums = sums
        self._more = more
        self._clock = clock

    def erase(self, tenant: Tenant) -> Mapping[str, int]:
        """Erase it and say what this run did; sums stay, for they name nobody and the bill needs them.

        Raises `Conflict` for the operator's tenant, without which nobody could administer the deployment.
        """
        if tenant.is_operator:
            raise Conflict("the operator's tenant cannot be deleted", tenant=str(tenant.id))
        now = self._clock()
        self._tenants.mark_deleted(tenant.id, now)
        live = [key for key in self._service_keys.of(tenant.id) if key.revoked_at is None]
        for key in live:
            self._service_keys.revoke(tenant.id, key.key_id, now)
        done = {"service_keys_revoked": len(live), "budgets_deleted": self._budgets(tenant)}
        for erasure in self._more:
            done |= erasure.erase(tenant.id)
        erased = self._rows(tenant)
        return done | {
            "ledger_rows_deleted": erased,
            "calls_under_way": len(self._ledger.open_attempts_of(tenant.id)),
        }

    def _budgets(self, tenant: Tenant) -> int:
        budgets = self._settings.of(tenant.id)
        return sum(self._settings.delete(tenant.id, budget.scope, budget.window) for budget in budgets)

    def _rows(self, tenant: Tenant) -> int:
        """Rows of every day that the sums know of, and of the last two, whose rows they may not hold yet.

        Rows that are not in the sums stay until they are: the next run deletes them.
        """
        today = self._clock().date()
        first = max(tenant.created_at.date(), today - MAX_AGE)
        days = {day for day, _, _, _ in self._sums.by_model(tenant.id, first, today)}
        days |= {today, today - timedelta(days=1)}
        return sum(self._ledger.erase_day(tenant.id, day) for day in sorted(days, key=date.toordinal))
