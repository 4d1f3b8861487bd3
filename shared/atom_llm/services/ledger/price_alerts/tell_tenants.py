"""Alerts for changed prices: each tenant is told once a change what its own last thirty days would have cost by it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from atom_llm.domain.catalogue.errors import SnapshotCorrupt, SnapshotMissing
from atom_llm.domain.catalogue.own_prices import OwnPrices, own_rates
from atom_llm.domain.catalogue.refresh import Activation
from atom_llm.domain.core.errors import Unavailable
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.core.money import exact_sum, plain
from atom_llm.domain.ledger.price_alerts import (
    DEFAULT_SETTINGS,
    MOST_TOLD,
    AlertProgress,
    Impact,
    ModelChange,
    PriceAlertSettings,
    TenantInWork,
    Told,
    days_of,
    worth_telling,
)
from atom_llm.domain.pricing.rates import Rates
from atom_llm.observability import emit, logger
from atom_llm.ports.catalogue import OwnPriceStore, PriceBook
from atom_llm.ports.core import Clock
from atom_llm.ports.ledger import AlertChannel, Ledger, PriceAlertLog, PriceAlertSettingsStore, UsageSums
from atom_llm.services.ledger.price_alerts.changed_prices import ChangedPrices, changed_prices

PAGE: Final = 500  # rows a request

TenantsBehind = Callable[[TenantId | None], Iterator[TenantId]]
"""All ids of tenants behind one, in their order."""


@dataclass(slots=True)
class PriceAlertRun:
    """The result of a slice: activations that every tenant knows of now, tenants that were looked at, alerts sent.

    `is_finished`: there was nothing left to tell of.
    """

    activations: int = 0
    tenants: int = 0
    sent: int = 0
    is_finished: bool = False


class PriceAlerter:
    """The teller of changes, in slices that resume: at the next tenant, or at the next day of a tenant's calls."""

    def __init__(
        self,
        book: PriceBook,
        own_prices: OwnPriceStore,
        ledger: Ledger,
        sums: UsageSums,
        settings: PriceAlertSettingsStore,
        log: PriceAlertLog,
        channel: AlertChannel,
        tenants: TenantsBehind,
        clock: Clock,
    ) -> None:
        """Take the stores, and `channel`, on which tenants are told."""
        self._book = book
        self._own_prices = own_prices
        self._ledger = ledger
        self._sums = sums
        self._settings = settings
        self._log = log
        self._channel = channel
        self._tenants = tenants
        self._clock = clock

    def run(self, until: datetime) -> PriceAlertRun:
        """Tell of what changed, until an instant; the next run goes on where this one stopped.

        A deployment that has told of nothing yet begins with the next change. Raises `Unavailable` when an alert was
        not taken: its tenant is the next run's first.
        """
        done = PriceAlertRun()
        head, progress = self._book.head(), self._log.progress()
        if head is not None and progress is None:
            self._log.put_progress(AlertProgress(head.sequence))
        if head is not None and progress is not None:
            for activation in reversed(list(self._since(progress.sequence))):
                behind = self._tell_all(activation, progress, until, done)
                if behind is None:
                    return done
                progress = behind
                done.activations += 1
        done.is_finished = True
        return done

    def _since(self, sequence: int) -> Iterator[Activation]:
        """Iterate over the activations behind one, newest first."""
        for activation in self._book.activations(since=None, before=None):
            if activation.sequence <= sequence:
                return
            yield activation

    def _tell_all(
        self, activation: Activation, progress: AlertProgress, until: datetime, done: PriceAlertRun
    ) -> AlertProgress | None:
        """Tell every tenant of an activation; returns the progress behind it, None where the slice ends here.

        It ends when time is out, and when another process has gone on meanwhile.
        """
        changed = self._changed(activation)
        if changed is not None and changed.by_row:
            for tenant in self._tenants(progress.after):
                known = progress.in_work
                try:
                    halted = self._tell(
                        tenant, changed, known if known and known.tenant == tenant else None, until, done
                    )
                except Unavailable:
                    self._log.put_progress(progress)
                    raise
                progress = replace(progress, after=progress.after if halted else tenant, in_work=halted)
                if halted or self._clock() >= until:
                    self._log.put_progress(progress)
                    return None
        return self._log.put_progress(AlertProgress(activation.sequence, revision=progress.revision))

    def _changed(self, activation: Activation) -> ChangedPrices | None:
        """Read what changed; where it cannot be read nobody is told of it, and a log line and a metric say so."""
        try:
            return changed_prices(self._book, activation)
        except (SnapshotMissing, SnapshotCorrupt) as error:
            logger().error("changed prices cannot be read", sequence=activation.sequence, exc_info=error)
            emit({"PriceAlertsFailed": ("Count", 1)}, {"group": "byok"})
            return None

    def _tell(
        self,
        tenant: TenantId,
        changed: ChangedPrices,
        in_work: TenantInWork | None,
        until: datetime,
        done: PriceAlertRun,
    ) -> TenantInWork | None:
        """Tell a tenant, where it is worth it; returns its work where time ran out in the midst of it."""
        done.tenants += in_work is None
        days = self._days(tenant, changed)
        settings = (self._settings.of(tenant) or DEFAULT_SETTINGS) if days else DEFAULT_SETTINGS
        if not days or not settings.enabled:
            return None
        impacts = {name: replace(impact) for name, impact in in_work.impacts.items()} if in_work is not None else {}
        own = OwnPrices(self._own_prices.of(tenant))
        for day in days:
            if in_work is None or day > in_work.day:
                self._add_day(tenant, day, changed, own, impacts)
                if day != days[-1] and self._clock() >= until:
                    return TenantInWork(tenant, day, impacts)
        changes = [change for of_row in changed.by_row.values() for change in of_row if change.name in impacts]
        worth = worth_telling([Told(change, impacts[change.name]) for change in changes], settings)
        if worth:
            done.sent += self._send(tenant, changed.activation, worth, settings)
        return None

    def _days(self, tenant: TenantId, changed: ChangedPrices) -> list[date]:
        """Return the days on which a tenant called a model that has changed, by its sums: few rows are read."""
        used = self._sums.by_model(tenant, *days_of(changed.activation.activated_at))
        return sorted({day for day, _, model, part in used if part.calls and changed.row_of(model) is not None})

    def _add_day(
        self, tenant: TenantId, day: date, changed: ChangedPrices, own: OwnPrices, impacts: dict[str, Impact]
    ) -> None:
        """Cost a day's calls of changed models, one by one: a sum does not know their lengths and terms."""
        rates: dict[str, tuple[Rates, Rates | None]] = {}
        for row in self._ledger.rows_of_day(tenant, day, behind=None, page_size=PAGE):
            model = changed.row_of(row.attempt.model)
            if model is None or not row.settlement.usage:
                continue
            for change in changed.by_row[model]:
                if change.name not in rates:
                    rates[change.name] = self._paid(change, own)
                impacts.setdefault(change.name, Impact()).add(row.settlement, *rates[change.name])

    def _paid(self, change: ModelChange, own: OwnPrices) -> tuple[Rates, Rates | None]:
        """Return the rates before and after as the tenant pays them: under its own price, where it has one."""
        price = own.price_of(change.model, self._clock())
        if price is None:
            return change.before, change.after
        return own_rates(price, change.before), None if change.after is None else own_rates(price, change.after)

    def _send(self, tenant: TenantId, activation: Activation, worth: list[Told], settings: PriceAlertSettings) -> bool:
        """Send an alert, unless it was; raises `Unavailable` when it is not taken, or another process is at it."""
        now = self._clock()
        match self._log.claim(tenant, activation.sequence, now):
            case "sent":
                return False
            case "busy":
                raise Unavailable("another process is telling this tenant")
        alert = _alert(tenant, activation, worth, settings, now)
        try:
            self._channel.publish(alert)
        except Unavailable as error:
            logger().error("a price alert was not sent", tenant=tenant, sequence=activation.sequence, exc_info=error)
            emit({"PriceAlertsFailed": ("Count", 1)}, {"group": "byok"})
            raise
        self._log.sent(tenant, activation.sequence, alert)
        return True


def _alert(
    tenant: TenantId, activation: Activation, worth: list[Told], settings: PriceAlertSettings, now: datetime
) -> Mapping[str, Any]:
    first, last = days_of(activation.activated_at)
    priced = [each.impact.difference for each in worth if each.change.kind == "price"]
    return {
        "alert_id": f"{tenant}/prices/{activation.sequence}",
        "tenant": str(tenant),
        "price_version": str(activation.version),
        "in_force_since": activation.activated_at.isoformat(),
        "from_day": first.isoformat(),
        "to_day": last.isoformat(),
        "threshold_usd": plain(settings.threshold),
        "difference_usd": plain(exact_sum(priced)),
        "changes": [_told(each) for each in worth[:MOST_TOLD]],
        "more_changes": max(0, len(worth) - MOST_TOLD),
        "at": now.isoformat(),
    }


def _told(told: Told) -> Mapping[str, Any]:
    change, impact = told
    lasts = change.after is not None
    return {
        "model": change.model,
        "kind": change.kind,
        "calls": impact.calls,
        "calls_not_priced": impact.calls_not_priced,
        "cost_usd": plain(impact.cost),
        "would_cost_usd": plain(impact.would_cost) if lasts else None,
        "difference_usd": plain(impact.difference) if lasts else None,
        "deprecation_date": change.deprecation_date.isoformat() if change.deprecation_date else None,
        "reason": change.reason,
    }
