"""Random days in the life of a tenant: calls, deaths, faults and roll-ups; afterwards nothing is lost or doubled."""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

from atom_llm.domain.core.errors import AtomError, BudgetExceeded, TooManyOpenCalls
from atom_llm.domain.core.ids import CallId, TenantId
from atom_llm.domain.core.money import exact_sum
from atom_llm.domain.ledger.budgets import WindowRef
from atom_llm.domain.ledger.rows import Attempt
from atom_llm.domain.ledger.scopes import Team
from atom_llm.domain.ledger.sweep import BEAT_S, LEASE
from atom_llm.domain.ledger.windows import WindowKind
from testing.audit import an_entry
from testing.money_world import CALL_TIME, KEY, MoneyWorld, key_scope, usd
from tests.drills.faults import KINDS, Died, FaultPlan, Kind
from tests.drills.nested import MODEL, PERSON

LIMIT = usd("0.05")
HOLD = usd("0.01")
COST = usd("0.004")
ESTIMATE = usd("0.003")
TWO_LEVELS = ("tenant", key_scope(KEY))


@dataclass
class Findings:
    """The findings of a schedule. All but the first two must stay empty."""

    calls: int = 0
    admitted: int = 0
    overshoot: Decimal = Decimal(0)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def add(self, other: "Findings") -> None:
        """Add another schedule's."""
        self.calls += other.calls
        self.admitted += other.admitted
        self.overshoot = max(self.overshoot, other.overshoot)
        self.lost += other.lost
        self.doubled += other.doubled
        self.wrong += other.wrong

    @property
    def is_clean(self) -> bool:
        """Return whether nothing was found."""
        return not (self.overshoot or self.lost or self.doubled or self.wrong)


@dataclass
class Day:
    """One tenant's day in a world whose stores fail by plan."""

    world: MoneyWorld
    plan: FaultPlan
    tenant: TenantId
    limit: Decimal = LIMIT
    scopes: tuple[str, ...] = TWO_LEVELS
    found: Findings = field(default_factory=Findings)
    expected: dict[CallId, set[Decimal]] = field(default_factory=dict)
    open_calls: list[Attempt] = field(default_factory=list)

    def begin(self) -> None:
        """Its budgets, set and opened."""
        self.world.key_owner = self.tenant
        self.world.teams.put(self.tenant, Team("platform", "Platform", frozenset({KEY})), an_entry())
        for scope in self.scopes:
            self.world.budget(str(self.limit), scope=scope, tenant=self.tenant)
            self.world.clock.pass_s(0.001)

    def call(self, kind: Kind | None = None, countdown: int = 0) -> None:
        """Hold and settle, with a fault on the way."""
        attempt = self.world.attempt(
            HOLD, tenant=self.tenant, estimate=ESTIMATE, maker=self.world.maker, end_user=PERSON, model=MODEL
        )
        self.found.calls += 1
        # Until its hold is known to stand the call may have died with or without having reached its provider.
        self.expected[attempt.call_id] = {Decimal(0), ESTIMATE}
        held = self._under(kind, countdown, lambda: self.world.spending.hold(attempt))
        if isinstance(held, Attempt):
            self.found.admitted += 1
            self.expected[attempt.call_id] = {ESTIMATE}
            self.open_calls.append(held)
        elif isinstance(held, BudgetExceeded | TooManyOpenCalls):
            self.expected[attempt.call_id] = {Decimal(0)}
        self.look()

    def answer(self, held: Attempt, kind: Kind | None = None, countdown: int = 0) -> None:
        """Settle a call that was held."""
        self.open_calls.remove(held)
        settlement = self.world.settlement(COST)
        self.expected[held.call_id] = {COST, ESTIMATE}  # the estimate, where the row could not be written
        ended = self._under(kind, countdown, lambda: self.world.spending.settle(held, settlement))
        if not isinstance(ended, BaseException | None):
            self.expected[held.call_id] = {COST}
        self.look()

    def roll_up(self, kind: Kind | None = None, countdown: int = 0) -> None:
        """Bring into the sums what is there."""
        self._under(kind, countdown, self.world.roll_up.run)
        self.look()

    def wait(self, seconds: float) -> None:
        """Let time pass, through which the process says that it lives while calls of its are open."""
        while seconds > 0:
            step = min(seconds, BEAT_S)
            self.world.clock.pass_s(step)
            seconds -= step
            if self.open_calls:
                self.world.ledger.renew(self.world.maker, self.world.clock() + LEASE)

    def look(self) -> None:
        """Spent and held stay within the limit at every moment."""
        for scope in self.scopes:
            state = self.world.state(scope, tenant=self.tenant)
            if state is not None:
                self.found.overshoot = max(self.found.overshoot, state.spent + state.held - self.limit)

    def end(self) -> Findings:
        """Let the sweep finish what died, its holds within a lease, and compare everything with everything."""
        self.plan.disarm()
        self.world.start_over()
        self.world.clock.pass_s(LEASE.total_seconds())
        self.world.roll_up.run()
        held = [state.held for scope in self.scopes if (state := self.world.state(scope, tenant=self.tenant))]
        if any(held):
            self.found.wrong.append(f"{self.tenant}: {held} USD were held a lease after their process had died")
        self.world.clock.pass_s(CALL_TIME.total_seconds() + 1)
        for _ in range(2):
            self.world.roll_up.run()
            self.world.clock.pass_s(61)
        self.look()
        self._compare()
        return self.found

    def _under(self, kind: Kind | None, countdown: int, step: "object") -> object:
        """Take a step while a fault is planned and return its outcome; a death begins a new process."""
        if kind is not None:
            self.plan.arm(kind, countdown)
        try:
            return step()  # type: ignore[operator]
        except AtomError as error:
            return error
        except Died:
            self.world.start_over()
            self.open_calls.clear()  # nobody is left who would end them
            return None
        finally:
            self.plan.disarm()

    def _compare(self) -> None:
        rows = self.world.rows(self.tenant)
        counted = Counter(row.attempt.call_id for row in rows)
        costs = {row.attempt.call_id: row.settlement.cost for row in rows}
        self.found.doubled += [call for call, count in counted.items() if count > 1]
        for call_id, allowed in self.expected.items():
            if call_id not in costs:
                if Decimal(0) not in allowed:
                    self.found.lost.append(call_id)
            elif costs[call_id] not in allowed:
                self.found.wrong.append(f"{call_id} cost {costs[call_id]}, not one of {allowed}")
        total = exact_sum(costs.values())
        if self.world.summed(self.tenant) != total:
            self.found.wrong.append(f"{self.tenant}: sums {self.world.summed(self.tenant)}, rows {total}")
        for scope in self.scopes:
            ref = WindowRef(scope, self.world.calendar.window(WindowKind.DAY, self.world.clock()).name)
            state = self.world.windows.states([(self.tenant, ref)])[self.tenant, ref]
            if state.holds:
                self.found.wrong.append(f"{self.tenant} {scope}: holds {dict(state.holds)} stayed")
            if state.spent != total or state.available != self.limit - total:
                self.found.wrong.append(f"{self.tenant} {scope}: spent {state.spent}, rows {total}")
        if self.world.ledger.open_attempts_of(self.tenant):
            self.found.wrong.append(f"{self.tenant}: attempts stayed open")
        self.found.wrong += [f"drift {name}" for name in self.world.check(self.tenant).drift]


def random_day(
    world: MoneyWorld, plan: FaultPlan, tenant: TenantId, chance: Random, scopes: tuple[str, ...] = TWO_LEVELS
) -> Findings:
    """A day of a dozen steps, every third of them with a fault somewhere in it."""
    day = Day(world, plan, tenant, scopes=scopes)
    day.begin()
    for _ in range(chance.randint(6, 14)):
        kind = chance.choice(KINDS) if chance.random() < 0.35 else None
        countdown = chance.randint(0, 9)
        match chance.choice(("call", "call", "answer", "answer", "roll up", "wait")):
            case "call":
                day.call(kind, countdown)
            case "answer" if day.open_calls:
                day.answer(chance.choice(day.open_calls), kind, countdown)
            case "roll up":
                day.roll_up(kind, countdown)
            case _:
                day.wait(chance.choice((0.01, 5, 12, 40)))
    return day.end()
