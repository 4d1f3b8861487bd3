"""Alerts for budgets that reached a threshold, once a threshold and window."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from atom_llm.domain.core.errors import Unavailable
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.core.money import plain
from atom_llm.domain.ledger.budgets import USD, Budget, TenantBudgets, WindowRef, WindowState, forecast, reached
from atom_llm.observability import emit, logger
from atom_llm.ports.core import Clock
from atom_llm.ports.ledger import AlertChannel, BudgetSettings, BudgetWindows
from atom_llm.services.ledger.budgets.budget_book import CalendarOf


class AlertSender:
    """The sender of alerts, which looks at windows after something was spent in them."""

    def __init__(
        self,
        settings: BudgetSettings,
        windows: BudgetWindows,
        alerts: AlertChannel,
        calendar_of: CalendarOf,
        clock: Clock,
    ) -> None:
        """Take the stores; `calendar_of` returns the calendar of a tenant's windows."""
        self._settings = settings
        self._windows = windows
        self._alerts = alerts
        self._calendar_of = calendar_of
        self._clock = clock

    def send(self, touched: Collection[tuple[TenantId, WindowRef]]) -> int:
        """Send the alerts due for these windows; returns how many went out.

        One that is not taken is logged and counted, and is due again a minute later.
        """
        sent = 0
        states = self._windows.states(sorted(touched))
        for tenant in sorted({tenant for tenant, _ in states}):
            budgets = TenantBudgets(self._settings.of(tenant), self._calendar_of(tenant))
            for (owner, ref), state in states.items():
                budget = budgets.behind(ref) if owner == tenant else None
                if budget is not None:
                    sent += sum(self._tell(budget, ref, state, threshold) for threshold in reached(budget, state))
        return sent

    def _tell(self, budget: Budget, ref: WindowRef, state: WindowState, threshold: int) -> bool:
        now = self._clock()
        if not self._windows.claim_alert(budget.tenant, ref, threshold, now):
            return False
        try:
            self._alerts.publish(self._alert(budget, ref, state, threshold, now))
        except Unavailable as error:
            logger().error("a budget alert was not sent", tenant=budget.tenant, window=ref.window, exc_info=error)
            emit({"BudgetAlertsFailed": ("Count", 1)}, {"group": "byok"})
            return False
        self._windows.alert_sent(budget.tenant, ref, threshold)
        return True

    def _alert(
        self, budget: Budget, ref: WindowRef, state: WindowState, threshold: int, now: datetime
    ) -> dict[str, Any]:
        present = self._calendar_of(budget.tenant).window(budget.window, now)
        resets = present.ends
        out = forecast(budget, present, state, now)
        suffix = "_usd" if budget.unit == USD else ""
        return {
            "alert_id": f"{budget.tenant}/{ref.scope}/{ref.window}/{threshold}",
            "tenant": str(budget.tenant),
            "scope": ref.scope,
            "window": str(budget.window),
            "window_id": ref.window,
            "threshold_percent": threshold,
            "mode": budget.mode,
            "unit": budget.unit,
            f"limit{suffix}": plain(state.limit),
            f"spent{suffix}": plain(state.spent),
            f"held{suffix}": plain(state.held),
            "refused_since": state.refused_at.isoformat() if state.refused_at else None,
            "runs_out_at": out.isoformat() if out else None,
            "resets_at": resets.isoformat() if resets else None,
            "at": now.isoformat(),
        }
