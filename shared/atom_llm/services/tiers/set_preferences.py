"""Set and take away a tenant's preferences, and hold its calls to the month's budget that they name."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from atom_llm.domain.core.errors import Conflict
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger.budgets import TENANT_SCOPE, WindowKind
from atom_llm.domain.tiers.preferences import DEFAULTS, Preferences
from atom_llm.ports.tiers import PreferenceStore
from atom_llm.services.ledger.set_budget import BudgetSetter

ALERT_AT: Final = (50, 80, 100)  # per cent of the month's budget, as of any other


class PreferenceSetter:
    """What the routes of preferences do.

    `monthly_budget_usd` is the tenant's hard budget of a month. Preferences may change or clear the one that they have
    set; one that was set otherwise is not theirs, for its limit may be what somebody with more rights decided.
    """

    def __init__(self, store: PreferenceStore, budgets: BudgetSetter) -> None:
        """Where preferences are kept, and who sets budgets."""
        self._store = store
        self._budgets = budgets

    def of(self, tenant: TenantId) -> tuple[Preferences, bool]:
        """What holds for a tenant, and whether it has set anything."""
        found = self._store.of(tenant)
        return (DEFAULTS, False) if found is None else (found, True)

    def create(self, tenant: TenantId, preferences: Preferences) -> None:
        """Set them for the first time; raises `Conflict` where there are some, or where the budget is not theirs."""
        if self._store.of(tenant) is not None:
            raise Conflict("the tenant has preferences already; PUT replaces them")
        self._budget(tenant, None, preferences.monthly_budget_usd)
        self._store.create(tenant, preferences)

    def replace(self, tenant: TenantId, preferences: Preferences) -> None:
        """Set them, whatever was there; raises `Conflict` where the budget is not theirs."""
        before = self._store.of(tenant) or DEFAULTS
        self._budget(tenant, before.monthly_budget_usd, preferences.monthly_budget_usd)
        self._store.replace(tenant, preferences)

    def reset(self, tenant: TenantId) -> bool:
        """Take them away; whether there were any."""
        before = self._store.of(tenant) or DEFAULTS
        self._budget(tenant, before.monthly_budget_usd, None)
        return self._store.delete(tenant)

    def erase(self, tenant: TenantId) -> Mapping[str, int]:
        """Take a deleted tenant's away; its budgets go with all others."""
        return {"preferences_deleted": int(self._store.delete(tenant))}

    def _budget(self, tenant: TenantId, before: Decimal | None, wanted: Decimal | None) -> None:
        """Bring the month's budget to what is wanted.

        The budget first: a death before the preferences are written is finished by asking again, for a budget that has
        the limit already is left as it is.
        """
        if before is None and wanted is None:
            return
        set_now = next(
            (
                each.budget.limit
                for each in self._budgets.all(tenant)
                if (each.budget.scope, each.budget.window) == (TENANT_SCOPE, WindowKind.MONTH)
            ),
            None,
        )
        if set_now == wanted:
            return
        if set_now is not None and set_now != before:
            if wanted is None:  # somebody else's by now
                return
            raise Conflict(
                "the tenant has a budget of the month that was not set here; change it under /api/byok/budgets",
                field="monthly_budget_usd",
            )
        if wanted is None:
            self._budgets.clear(tenant, TENANT_SCOPE, WindowKind.MONTH)
        else:
            self._budgets.put(tenant, TENANT_SCOPE, WindowKind.MONTH, wanted, "hard", ALERT_AT)
