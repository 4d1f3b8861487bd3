"""Setting and resetting a tenant's preferences, with the month's budget that they name."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from atom_llm.domain.core.audit import Action, Actor, AuditEntry
from atom_llm.domain.core.errors import Conflict
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger.budgets import TENANT_SCOPE
from atom_llm.domain.ledger.windows import WindowKind
from atom_llm.domain.tiers.preferences import DEFAULTS, Preferences
from atom_llm.ports.core import Clock
from atom_llm.ports.tiers import PreferenceStore
from atom_llm.services.core.audit_entries import audit_entry
from atom_llm.services.ledger.budgets.set_budget import BudgetSetter

ALERT_AT: Final = (50, 80, 100)  # per cent of the month's budget, as of any other


class PreferenceSetter:
    """The use cases of preferences.

    `monthly_budget_usd` is the tenant's hard budget of a month. Preferences may change or clear the one that they have
    set; one that was set otherwise is not theirs, for its limit may be the decision of somebody with more rights.
    """

    def __init__(self, store: PreferenceStore, budgets: BudgetSetter, clock: Clock) -> None:
        """Take the store of preferences, and the setter of budgets."""
        self._store = store
        self._budgets = budgets
        self._clock = clock

    def of(self, tenant: TenantId) -> tuple[Preferences, bool]:
        """Return the preferences in force for a tenant, and whether it has set any."""
        found = self._store.of(tenant)
        return (DEFAULTS, False) if found is None else (found, True)

    def create(self, tenant: TenantId, preferences: Preferences, by: Actor) -> None:
        """Set preferences for the first time; raises `Conflict` where there are others, or the budget is not theirs.

        The same ones once more are a request that comes again because its answer was lost.
        """
        there = self._store.of(tenant)
        if there == preferences:
            return
        if there is not None:
            raise Conflict("the tenant has preferences already; PUT replaces them")
        self._budget(tenant, None, preferences.monthly_budget_usd, by)
        self._store.create(tenant, preferences, self._entry("preferences.set", tenant, by))

    def replace(self, tenant: TenantId, preferences: Preferences, by: Actor) -> None:
        """Set preferences, over any that are there; raises `Conflict` where the budget is not theirs."""
        before = self._store.of(tenant) or DEFAULTS
        self._budget(tenant, before.monthly_budget_usd, preferences.monthly_budget_usd, by)
        self._store.replace(tenant, preferences, self._entry("preferences.set", tenant, by))

    def reset(self, tenant: TenantId, by: Actor) -> bool:
        """Delete the preferences; False when there were none."""
        before = self._store.of(tenant) or DEFAULTS
        self._budget(tenant, before.monthly_budget_usd, None, by)
        return self._store.delete(tenant, self._entry("preferences.reset", tenant, by))

    def erase(self, tenant: TenantId) -> Mapping[str, int]:
        """Delete a deleted tenant's preferences; its budgets go with all others."""
        return {"preferences_deleted": int(self._store.erase(tenant))}

    def _entry(self, action: Action, tenant: TenantId, by: Actor) -> AuditEntry:
        return audit_entry(by, action, "tiers", tenant, self._clock())

    def _budget(self, tenant: TenantId, before: Decimal | None, wanted: Decimal | None, by: Actor) -> None:
        """Bring the month's budget to the limit that is wanted.

        The budget first, with an entry of its own: a death before the preferences are written is finished by asking
        again, for a budget that has the limit already is left as it is.
        """
        if before is None and wanted is None:
            return
        set_now = next(
            (
                each.budget.limit
                for each in self._budgets.all(tenant)
                if (each.budget.scope, each.budget.kept_as) == (TENANT_SCOPE, WindowKind.MONTH)
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
            self._budgets.clear(tenant, TENANT_SCOPE, WindowKind.MONTH, by)
        else:
            self._budgets.put(tenant, TENANT_SCOPE, WindowKind.MONTH, wanted, "hard", ALERT_AT, by)
