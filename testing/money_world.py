"""The money path of a call in one world, in memory or on real tables, for tests and for `make storm`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from secrets import token_hex
from zoneinfo import ZoneInfo

from atom_llm.adapters.dynamodb.audit import AuditedWrites
from atom_llm.adapters.dynamodb.ledger.budget_windows import DynamoBudgetWindows
from atom_llm.adapters.dynamodb.ledger.budgets import DynamoBudgetSettings
from atom_llm.adapters.dynamodb.ledger.ledger import DynamoLedger
from atom_llm.adapters.dynamodb.ledger.narrowings import DynamoNarrowings
from atom_llm.adapters.dynamodb.ledger.sums import DynamoUsageSums
from atom_llm.adapters.dynamodb.ledger.teams import DynamoTeams
from atom_llm.adapters.dynamodb.ledger.young_budgets import DynamoYoungBudgets
from atom_llm.adapters.dynamodb.table import Table
from atom_llm.domain.core.ids import CallId, ServiceKeyId, TenantId, ulid
from atom_llm.domain.core.money import exact_sum
from atom_llm.domain.ledger.budgets import TENANT_SCOPE, USD, BudgetUnit, Mode, WindowRef, WindowState
from atom_llm.domain.ledger.end_users import NOBODY, EndUser
from atom_llm.domain.ledger.rows import Attempt, AttemptStatus, LedgerRow, Settlement
from atom_llm.domain.ledger.scopes import BudgetScope, ScopeKind
from atom_llm.domain.ledger.told_tags import VALUES_A_DAY
from atom_llm.domain.ledger.windows import BudgetCalendar, WindowKind
from atom_llm.domain.pricing.cost import CostLine
from atom_llm.domain.pricing.units import Unit
from atom_llm.ports.ledger import (
    BudgetSettings,
    BudgetWindows,
    Ledger,
    NarrowingStore,
    TeamStore,
    UsageSums,
    YoungBudgetStore,
)
from atom_llm.services.ledger.budgets.budget_alerts import AlertSender
from atom_llm.services.ledger.budgets.budget_book import BudgetBook
from atom_llm.services.ledger.budgets.known_scopes import KnownScopes
from atom_llm.services.ledger.budgets.late_spending import LateSpending
from atom_llm.services.ledger.budgets.narrowed_holds import NarrowedHolds
from atom_llm.services.ledger.budgets.set_budget import BudgetSetter, BudgetStatus, WantedRaise
from atom_llm.services.ledger.budgets.spending import Spending
from atom_llm.services.ledger.check_sums import SumCheck, SumChecker
from atom_llm.services.ledger.roll_up import RollUp
from testing.audit import SOMEBODY
from testing.fakes.audit_log import AuditLogInMemory
from testing.fakes.ledger.alerts import AlertsInMemory
from testing.fakes.ledger.budget_windows import BudgetWindowsInMemory
from testing.fakes.ledger.budgets import BudgetSettingsInMemory, TeamsInMemory
from testing.fakes.ledger.narrowings import NarrowingsInMemory
from testing.fakes.ledger.rows import LedgerInMemory
from testing.fakes.ledger.sums import SumsInMemory
from testing.fakes.ledger.young_budgets import YoungBudgetsInMemory
from testing.fakes.reached import Reached
from testing.fakes.service_keys import SetClock

TENANT = TenantId("tenant-a")
KEY = ServiceKeyId("keyOfTenantA")
RETENTION = timedelta(days=395)
CALL_TIME = timedelta(minutes=5)

ONE_CENT = Decimal("0.01")


def key_scope(key: ServiceKeyId) -> str:
    """Return the budget scope of a service key."""
    return str(BudgetScope(ScopeKind.KEY, key))


def usd(text: str) -> Decimal:
    """Return a decimal, short to write."""
    return Decimal(text)


@dataclass
class MoneyWorld:
    """One process's services over stores that others may share."""

    ledger: Ledger
    windows: BudgetWindows
    sums: UsageSums
    settings: BudgetSettings
    alerts: AlertsInMemory
    narrowings: NarrowingStore
    clock: SetClock
    teams: TeamStore
    young: YoungBudgetStore
    calendar: BudgetCalendar = field(default_factory=lambda: BudgetCalendar(ZoneInfo("UTC")))
    chance: Random = field(default_factory=lambda: Random(1))
    maker: str = ""

    def __post_init__(self) -> None:
        self.start_over()

    def start_over(self) -> None:
        """Begin a new process: what was in memory is gone."""
        self.maker = token_hex(8)  # its name: several worlds may share their tables
        self.book = BudgetBook(self.settings, self.teams, lambda _: self.calendar, self.clock)
        self.narrowed = NarrowedHolds(self.narrowings, self.clock)
        self.spending = Spending(self.ledger, self.windows, self.book, self.narrowed, self.clock)
        self.key_owner = TENANT
        stores = (self.settings, self.windows, self.ledger, self.sums, self.teams)
        known = KnownScopes(self.teams, lambda _: self.key_owner, _as_given, _called)
        self.budgets = BudgetSetter(*stores, self.young, self.book, known, self.clock)
        self.alert_sender = AlertSender(self.settings, self.windows, self.alerts, lambda _: self.calendar, self.clock)
        self.roll_up = RollUp(self.ledger, self.windows, self.sums, self.alert_sender, self.clock)
        self.late = LateSpending(self.young, *stores, self.alert_sender, lambda _: self.calendar, self.clock)

    def attempt(
        self,
        hold: Decimal = ONE_CENT,
        *,
        tenant: TenantId = TENANT,
        key: ServiceKeyId = KEY,
        model: str = "openai/gpt-4o-mini",
        label: str = "1",
        tags: dict[str, str] | None = None,
        estimate: Decimal | None = None,
        call_id: CallId | None = None,
        maker: str | None = None,
        end_user: EndUser = NOBODY,
        hold_tokens: int = 0,
        estimate_tokens: int = 0,
    ) -> Attempt:
        """Return an attempt that nothing was done for."""
        now = self.clock()
        return Attempt(
            tenant=tenant,
            call_id=call_id or CallId(ulid(now, self.chance.randbytes(10))),
            label=label,
            service_key=key,
            provider=model.partition("/")[0],
            model=model,
            model_asked="auto",
            price_version="0" * 32,
            opened_at=now,
            deadline=now + CALL_TIME,
            hold=hold,
            estimate=hold / 2 if estimate is None else estimate,
            tags=tags or {},
            maker=maker,
            end_user=end_user,
            hold_tokens=hold_tokens,
            estimate_tokens=estimate_tokens,
        )

    def settlement(self, cost: Decimal = ONE_CENT / 4, status: AttemptStatus = AttemptStatus.SUCCEEDED) -> Settlement:
        """Return the settlement of a call of that cost, as large as real ones are."""
        line = CostLine(Unit.INPUT, "input", 1000, cost / 1000, "input_cost_per_token", Decimal(1), cost)
        return Settlement(
            status,
            self.clock(),
            cost,
            usage={Unit.INPUT: 1000},
            context_tokens=1000,
            raw_usage={"prompt_tokens": 1000, "completion_tokens": 0, "total_tokens": 1000},
            lines=(line,),
            latency_ms=812,
            first_token_ms=240,
        )

    def budget(
        self,
        limit: str,
        *,
        scope: str = TENANT_SCOPE,
        window: WindowKind = WindowKind.DAY,
        mode: Mode = "hard",
        alert_at: tuple[int, ...] = (),
        tenant: TenantId = TENANT,
        unit: BudgetUnit = USD,
        more: WantedRaise | None = None,
        carry_over: str | None = None,
        overflow: str | None = None,
    ) -> BudgetStatus:
        """Set a budget."""
        carried = None if carry_over is None else usd(carry_over)
        return self.budgets.put(
            tenant,
            scope,
            window,
            usd(limit),
            mode,
            alert_at,
            SOMEBODY,
            unit,
            more,
            carry_over=carried,
            overflow=overflow,
        )

    def spend(self, cost: Decimal, **about: object) -> LedgerRow:
        """Make a whole call."""
        held = self.spending.hold(self.attempt(max(cost, ONE_CENT), **about))  # type: ignore[arg-type]
        return self.spending.settle(held, self.settlement(cost))

    def sweep(self) -> int:
        """Roll up and look at young budgets, as each minute does; returns how many budgets counted more."""
        self.roll_up.run()
        return self.late.count(self.clock() + timedelta(minutes=1))

    def state(
        self, scope: str = TENANT_SCOPE, window: WindowKind = WindowKind.DAY, tenant: TenantId = TENANT
    ) -> WindowState | None:
        """Return a budget's present window."""
        ref = WindowRef(scope, self.calendar.window(window, self.clock()).name)
        return self.windows.states([(tenant, ref)]).get((tenant, ref))

    def check(self, tenant: TenantId = TENANT) -> SumCheck:
        """Compare everything of today."""
        found = SumCheck()
        checker = SumChecker(self.ledger, self.sums, self.settings, self.windows, lambda _: self.calendar, self.clock)
        checker.check(tenant, self.clock().date(), found)
        return found

    def rows(self, tenant: TenantId = TENANT) -> list[LedgerRow]:
        """Return today's rows, newest first."""
        return list(self.ledger.rows_of_day(tenant, self.clock().date(), behind=None, page_size=100))

    def summed(self, tenant: TenantId = TENANT) -> Decimal:
        """Return the USD spent today by the sums."""
        today = self.clock().date()
        return exact_sum(sums.cost for _, _, _, sums in self.sums.by_model(tenant, today, today))


def in_memory(
    reached: Reached = lambda _: None,
    zone: str = "UTC",
    clock: SetClock | None = None,
    audit: AuditLogInMemory | None = None,
    tag_values_a_day: int = VALUES_A_DAY,
) -> MoneyWorld:
    """Make a world without tables; `reached` hears of every write. Without a clock it is noon until it is moved."""
    ledger = LedgerInMemory(reached, audit)
    sums, settings = SumsInMemory(ledger, tag_values_a_day=tag_values_a_day), BudgetSettingsInMemory(audit)
    windows, alerts = BudgetWindowsInMemory(reached, said_by_rows=sums.windows), AlertsInMemory()
    narrowings, calendar = NarrowingsInMemory(audit), BudgetCalendar(ZoneInfo(zone))
    return MoneyWorld(
        ledger,
        windows,
        sums,
        settings,
        alerts,
        narrowings,
        clock or SetClock(),
        TeamsInMemory(audit),
        YoungBudgetsInMemory(reached),
        calendar,
    )


def on_tables(
    settings: Table, usage: Table, now: datetime | None = None, tag_values_a_day: int = VALUES_A_DAY
) -> MoneyWorld:
    """Make a world on real tables."""
    return MoneyWorld(
        DynamoLedger(usage, AuditedWrites(settings), RETENTION),
        DynamoBudgetWindows(usage),
        DynamoUsageSums(usage, RETENTION, tag_values_a_day),
        DynamoBudgetSettings(settings),
        AlertsInMemory(),
        DynamoNarrowings(usage, AuditedWrites(settings)),
        SetClock(now or datetime.now(UTC)),
        DynamoTeams(settings),
        DynamoYoungBudgets(usage),
    )


def _as_given(_: TenantId, end_user: EndUser) -> EndUser:
    return end_user


def _called(_: TenantId, name: str) -> list[str]:
    """Return the id of the model of a name, which every model has in small letters."""
    return [name.lower()]


NewWorld = Callable[[], MoneyWorld]
