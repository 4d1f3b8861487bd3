"""Ledger, sums and budgets in memory, with the same conditions on every write as the tables have."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import date, datetime
from decimal import Decimal
from threading import RLock
from typing import Any, Final

from atom_llm.adapters.dynamodb import keys
from atom_llm.adapters.dynamodb.ledger.budget_windows import ALERT_CLAIM
from atom_llm.domain.core.audit import AuditEntry
from atom_llm.domain.core.errors import Conflict, Unavailable
from atom_llm.domain.core.ids import CallId, TenantId
from atom_llm.domain.core.money import EXACT, ZERO
from atom_llm.domain.ledger.budgets import Budget, WindowRef, WindowState, is_of_run
from atom_llm.domain.ledger.end_users import MAX_A_DAY, OTHERS, EndUser, EndUserKind
from atom_llm.domain.ledger.lanes import MOST_LANE_HOLDS, MOST_LANES
from atom_llm.domain.ledger.rolling import OPENING, RollingPart, rolling_part
from atom_llm.domain.ledger.rows import Attempt, LedgerRow
from atom_llm.domain.ledger.scopes import Team
from atom_llm.domain.ledger.sums import Sums
from atom_llm.domain.ledger.told_tags import VALUES_A_DAY, told_apart
from atom_llm.ports.ledger import EndUserCell, Reservation, SumCell, WindowBefore
from testing.fakes.audit_log import AuditLogInMemory

Reached = Callable[[str], None]
"""Called before and after every write takes effect, with its name: where a test lets a process die or an answer be
lost."""


def _nothing(_: str) -> None:
    return


_OF_A_WINDOW: Final = tuple(each.name for each in fields(WindowState))


class LedgerInMemory:
    """Implements `Ledger`."""

    def __init__(self, reached: Reached = _nothing, audit: AuditLogInMemory | None = None) -> None:
        self.reached = reached
        self.audit = audit or AuditLogInMemory()
        self.waiting: dict[tuple[str, str, str], Attempt] = {}
        self.rows: dict[tuple[str, str, str], LedgerRow] = {}
        self.leases: dict[str, datetime] = {}
        self.corrections: dict[tuple[str, str, str], int] = {}
        self.lock = RLock()

    @property
    def shards(self) -> int:
        """The number of shards that the tables have."""
        return keys.OPEN_SHARDS

    def woken_by(self, records: Iterable[Mapping[str, Any]]) -> list[int]:
        """Return all shards, whatever the records are."""
        return list(range(self.shards))

    def open(self, attempt: Attempt) -> None:
        """Store the attempt if absent; raises `Conflict` for another one of its id."""
        self.reached("open")
        with self.lock:
            there = self.waiting.setdefault(_place(attempt), attempt)
        self.reached("opened")
        if there != attempt:
            raise Conflict("an attempt of this id is open already")

    def open_correction(self, correction: Attempt, corrected: Attempt, earlier: int, entry: AuditEntry) -> None:
        """Store the correction if it is absent and its attempt has as many others, with its entry."""
        self.reached("open_correction")
        with self.lock:
            known = self.corrections.setdefault(_place(corrected), earlier)
            if known != earlier or _place(correction) in self.waiting:
                raise Conflict("the attempt is being corrected by somebody else at this moment")
            self.corrections[_place(corrected)] = earlier + 1
            self.waiting[_place(correction)] = correction
            self.audit.record(entry)
        self.reached("opened_correction")

    def settle(self, row: LedgerRow) -> LedgerRow:
        """Store the row if absent; returns the row that counts."""
        self.reached("settle")
        with self.lock:
            there = self.rows.setdefault(_place(row.attempt), row)
        self.reached("settled")
        return there

    def open_attempts(self, shard: int, *, after: Attempt | None, limit: int) -> list[Attempt]:
        """Return attempts in the order of tenants, calls and labels."""
        with self.lock:
            places = sorted(place for place in self.waiting if keys.shard(place[1], keys.OPEN_SHARDS) == shard)
            behind = [place for place in places if after is None or place > _place(after)]
            return [self.waiting[place] for place in behind[:limit]]

    def open_attempts_of(self, tenant: TenantId) -> list[Attempt]:
        with self.lock:
            return [self.waiting[place] for place in sorted(self.waiting, reverse=True) if place[0] == tenant]

    def rows_of(self, attempts: Sequence[Attempt]) -> list[LedgerRow]:
        with self.lock:
            return [self.rows[_place(attempt)] for attempt in attempts if _place(attempt) in self.rows]

    def still_open(self, attempts: Sequence[Attempt]) -> list[Attempt]:
        with self.lock:
            return [self.waiting[_place(attempt)] for attempt in attempts if _place(attempt) in self.waiting]

    def close(self, attempts: Sequence[Attempt]) -> None:
        self.reached("close")
        with self.lock:
            for attempt in attempts:
                self.waiting.pop(_place(attempt), None)
        self.reached("closed")

    def renew(self, maker: str, until: datetime) -> None:
        self.reached("renew")
        self.leases[maker] = until
        self.reached("renewed")

    def known_to_live(self, makers: Collection[str]) -> Mapping[str, datetime]:
        return {maker: self.leases[maker] for maker in makers if maker in self.leases}

    def call(self, tenant: TenantId, call_id: CallId) -> tuple[list[LedgerRow], list[Attempt]]:
        with self.lock:
            rows = [self.rows[place] for place in sorted(self.rows) if place[:2] == (tenant, call_id)]
            waiting = [self.waiting[place] for place in sorted(self.waiting) if place[:2] == (tenant, call_id)]
            return rows, [attempt for attempt in waiting if _place(attempt) not in self.rows]

    def rows_of_day(self, tenant: TenantId, day: date, *, behind: str | None, page_size: int) -> Iterator[LedgerRow]:
        with self.lock:
            places = sorted((place for place in self.rows if place[0] == tenant), reverse=True)
            found = [self.rows[place] for place in places]
        for row in found:
            if row.attempt.day == day and (behind is None or row.attempt.place < behind):
                yield row

    def erase_day(self, tenant: TenantId, day: date, *, at_most: int) -> int:
        self.reached("erase")
        with self.lock:
            own = ((place, row) for place, row in self.rows.items() if place[0] == tenant)
            of_day = [place for place, row in own if row.attempt.day == day and place not in self.waiting]
            gone = of_day[:at_most]
            for place in gone:
                del self.rows[place]
        self.reached("erased")
        return len(gone)


class SumsInMemory:
    """Implements `UsageSums` over a ledger in memory."""

    def __init__(self, ledger: LedgerInMemory, at_most: int = 40, tag_values_a_day: int = VALUES_A_DAY) -> None:
        self.ledger = ledger
        self.tag_values_a_day = tag_values_a_day
        self.at_most = at_most
        self.models: dict[tuple[TenantId, date, str, str], Sums] = {}
        self.cells: dict[tuple[TenantId, date, SumCell], Sums] = {}
        self.end_users: dict[tuple[TenantId, date, EndUserKind, EndUserCell], Sums] = {}
        self.first: dict[tuple[TenantId, date, str], tuple[int, set[str]]] = {}
        self.windows: dict[tuple[TenantId, WindowRef], Decimal] = {}

    def post(self, rows: Sequence[LedgerRow]) -> int | None:
        """Post all rows or none, each once."""
        self.ledger.reached("post")
        with self.ledger.lock:
            taken = rows[: self.at_most]
            if not all(self._may_post(row) for row in taken):
                return None
            for row in taken:
                self._add(row)
                del self.ledger.waiting[_place(row.attempt)]
                if row.takes_mark:
                    self.ledger.rows[_place(row.attempt)] = replace(row, is_marked=True)
        self.ledger.reached("posted")
        return len(taken)

    def _may_post(self, row: LedgerRow) -> bool:
        place = _place(row.attempt)
        there = self.ledger.rows.get(place)
        return place in self.ledger.waiting and (not row.takes_mark or (there is not None and not there.is_marked))

    def by_model(self, tenant: TenantId, first: date, last: date) -> Iterator[tuple[date, str, str, Sums]]:
        for (owner, day, provider, model), sums in sorted(self.models.items(), key=lambda each: each[0]):
            if owner == tenant and first <= day <= last:
                yield day, provider, model, sums

    def by_cell(self, tenant: TenantId, first: date, last: date) -> Iterator[tuple[date, SumCell, Sums]]:
        for (owner, day, cell), sums in sorted(self.cells.items(), key=lambda each: each[0][1]):
            if owner == tenant and first <= day <= last:
                yield day, cell, sums

    def by_end_user(
        self, tenant: TenantId, first: date, last: date, kind: EndUserKind
    ) -> Iterator[tuple[date, EndUserCell, Sums]]:
        for (owner, day, of, cell), sums in self.end_users.items():
            if owner == tenant and of == kind and first <= day <= last:
                yield day, cell, sums

    def erase_end_users(self, tenant: TenantId, month: date) -> int:
        found = [each for each in self.end_users if each[0] == tenant and each[1].replace(day=1) == month]
        for each in found:
            del self.end_users[each]
        return len(found)

    def posted(self, tenant: TenantId, ref: WindowRef) -> Decimal:
        return self.windows.get((tenant, ref), ZERO)

    def _add(self, row: LedgerRow) -> None:
        attempt = row.attempt
        model = (attempt.tenant, attempt.day, attempt.provider, attempt.model)
        self.models.setdefault(model, Sums()).add_row(row)
        told = told_apart(attempt.tags, self.tag_values_a_day, lambda *word: self._beyond(attempt, *word))
        tags = tuple(sorted(told.items()))
        cell = SumCell(attempt.provider, attempt.model, attempt.service_key, attempt.provider_key, tags)
        self.cells.setdefault((attempt.tenant, attempt.day, cell), Sums()).add_row(row)
        self._add_end_user(row)
        for ref in (each for each in attempt.windows if not is_of_run(each)):
            owned = (attempt.tenant, ref)
            self.windows[owned] = EXACT.add(self.windows.get(owned, ZERO), row.spent(ref.unit))

    def _add_end_user(self, row: LedgerRow) -> None:
        attempt = row.attempt
        user = self._group(attempt, "user", attempt.end_user.user)
        session = self._group(attempt, "session", attempt.end_user.session)
        cells: dict[EndUserKind, EndUser] = {} if user is None else {"user": EndUser(user)}
        cells |= {} if session is None else {"session": EndUser(user, session)}
        for kind, end_user in cells.items():
            cell = EndUserCell(attempt.provider, attempt.model, attempt.service_key, end_user)
            self.end_users.setdefault((attempt.tenant, attempt.day, kind, cell), Sums()).add_row(row)

    def _group(self, attempt: Attempt, kind: EndUserKind, name: str | None) -> str | None:
        if name is None:
            return None
        return name if self._beyond(attempt, kind, name, MAX_A_DAY) is None else OTHERS

    def _beyond(self, attempt: Attempt, kind: str, word: str, most: int) -> int | None:
        begun_with, known = self.first.setdefault((attempt.tenant, attempt.day, kind), (most, set()))
        if word not in known and len(known) >= begun_with:
            return begun_with
        known.add(word)
        return None


class BudgetSettingsInMemory:
    """Implements `BudgetSettings`."""

    def __init__(self, audit: AuditLogInMemory | None = None) -> None:
        self.audit = audit or AuditLogInMemory()
        self.set: dict[tuple[TenantId, str, str], Budget] = {}

    def of(self, tenant: TenantId) -> list[Budget]:
        return [self.set[place] for place in sorted(self.set) if place[0] == tenant]

    def put(self, budget: Budget, entry: AuditEntry) -> None:
        place = (budget.tenant, budget.scope, budget.kept_as)
        if place in self.set and self.set[place].revision > budget.revision:
            raise Conflict("the budget was set by somebody else at the same time")
        self.set[place] = budget
        self.audit.record(entry)

    def delete(self, tenant: TenantId, scope: str, kept_as: str, entry: AuditEntry) -> bool:
        was_there = self.set.pop((tenant, scope, kept_as), None) is not None
        if was_there:
            self.audit.record(entry)
        return was_there

    def erase(self, tenant: TenantId) -> int:
        own = [place for place in self.set if place[0] == tenant]
        for place in own:
            del self.set[place]
        return len(own)


class TeamsInMemory:
    """Implements `TeamStore`."""

    def __init__(self, audit: AuditLogInMemory | None = None) -> None:
        self.audit = audit or AuditLogInMemory()
        self.set: dict[tuple[TenantId, str], Team] = {}

    def of(self, tenant: TenantId) -> list[Team]:
        return [self.set[place] for place in sorted(self.set) if place[0] == tenant]

    def put(self, tenant: TenantId, team: Team, entry: AuditEntry) -> None:
        self.set[tenant, team.id] = team
        self.audit.record(entry)

    def delete(self, tenant: TenantId, team_id: str, entry: AuditEntry) -> bool:
        was_there = self.set.pop((tenant, team_id), None) is not None
        if was_there:
            self.audit.record(entry)
        return was_there

    def erase(self, tenant: TenantId) -> int:
        own = [place for place in self.set if place[0] == tenant]
        for place in own:
            del self.set[place]
        return len(own)


class BudgetWindowsInMemory:
    """Implements `BudgetWindows`."""

    def __init__(
        self,
        reached: Reached = _nothing,
        most_holds: int = MOST_LANES * MOST_LANE_HOLDS,
        said_by_rows: dict[tuple[TenantId, WindowRef], Decimal] | None = None,
    ) -> None:
        self.reached = reached
        self.most_holds = most_holds
        self.said_by_rows = {} if said_by_rows is None else said_by_rows
        self.all: dict[tuple[TenantId, WindowRef], WindowState] = {}
        self.corrections: set[tuple[TenantId, WindowRef, str]] = set()
        self.alerts: dict[tuple[TenantId, WindowRef, int], datetime | None] = {}
        self.told_in: dict[tuple[TenantId, WindowRef, int], RollingPart | None] = {}
        self.lock = RLock()

    def reserve(self, budget: Budget, ref: WindowRef, hold_id: str, amount: Decimal) -> Reservation:
        """Hold the amount if it fits and is not held yet."""
        self.reached("reserve")
        with self.lock:
            self._let_go(budget.tenant, ref)
            answer = self._reserve(budget, ref.whole, hold_id, amount)
        self.reached("reserved")
        if answer.state is None or (part := rolling_part(ref.window)) is None:
            return answer
        return replace(answer, state=answer.state.at_part(part))

    def _reserve(self, budget: Budget, ref: WindowRef, hold_id: str, amount: Decimal) -> Reservation:
        state = self.all.get((budget.tenant, ref))
        if state is None:
            return Reservation("missing")
        if hold_id in state.holds:
            return Reservation("held", state)
        if state.revision < budget.revision:
            return Reservation("outdated", state)
        if len(state.holds) >= self.most_holds:
            return Reservation("crowded", state)
        if state.is_hard and state.available < amount:
            return Reservation("full", state)
        left = EXACT.subtract(state.available, amount)
        held = self._changed((budget.tenant, ref), available=left, holds={**state.holds, hold_id: amount})
        return Reservation("held", held)

    def open(self, budget: Budget, ref: WindowRef, opening: Decimal, expires_at: datetime | None) -> None:
        self.reached("open window")
        with self.lock:
            left = EXACT.subtract(budget.limit, opening)
            fresh = WindowState(budget.limit, opening, left, budget.is_hard, budget.revision, opening=opening)
            if (part := rolling_part(ref.window)) is not None:
                fresh = replace(fresh, parts={f"{part.number}{OPENING}": opening})
            self.all.setdefault((budget.tenant, ref.whole), fresh)
        self.reached("opened window")

    def open_carrying(
        self, budget: Budget, ref: WindowRef, opening: Decimal, expires_at: datetime | None, before: WindowBefore
    ) -> None:
        self.reached("open window carrying")
        with self.lock:
            if (budget.tenant, ref) not in self.all:
                if before.is_untouched:
                    self.open(budget, before.ref, ZERO, before.expires_at)
                last = self.all.get((budget.tenant, before.ref))
                carried = ZERO if last is None else max(ZERO, min(budget.carry_over or ZERO, last.available))
                if last is not None:
                    self._changed((budget.tenant, before.ref), available=EXACT.subtract(last.available, carried))
                self.open(replace(budget, limit=budget.limit_with(carried)), ref, opening, expires_at)
                self._changed((budget.tenant, ref), carried=carried)
        self.reached("opened window carrying")

    def apply(self, budget: Budget, ref: WindowRef) -> WindowState | None:
        self.reached("apply")
        with self.lock:
            state = self.all.get((budget.tenant, ref.whole))
            if state is not None and state.revision < budget.revision:
                limit = budget.limit_with(state.carried)
                more = EXACT.subtract(limit, state.limit)
                state = self._changed(
                    (budget.tenant, ref.whole),
                    limit=limit,
                    available=EXACT.add(state.available, more),
                    is_hard=budget.is_hard,
                    revision=budget.revision,
                )
        self.reached("applied")
        return None if state is None else state.at_part(rolling_part(ref.window))

    def settle(
        self, tenant: TenantId, ref: WindowRef, hold_id: str, held: Decimal, cost: Decimal
    ) -> WindowState | None:
        self.reached("give back")
        with self.lock:
            state = self.all.get((tenant, ref.whole))
            found = state is not None and hold_id in state.holds
            if state is not None and found:
                state = self._changed(
                    (tenant, ref.whole),
                    parts=_counted(state, ref, cost),
                    available=EXACT.add(state.available, EXACT.subtract(held, cost)),
                    spent=EXACT.add(state.spent, cost),
                    holds={name: amount for name, amount in state.holds.items() if name != hold_id},
                )
        self.reached("given back")
        return state.at_part(rolling_part(ref.window)) if state is not None and found else None

    def correct(self, tenant: TenantId, ref: WindowRef, correction_id: str, amount: Decimal) -> WindowState | None:
        self.reached("correct")
        with self.lock:
            state = self.all.get((tenant, ref.whole))
            fresh = state is not None and (tenant, ref, correction_id) not in self.corrections
            if state is not None and fresh:
                self.corrections.add((tenant, ref, correction_id))
                state = self._changed(
                    (tenant, ref.whole),
                    parts=_counted(state, ref, amount),
                    available=EXACT.subtract(state.available, amount),
                    spent=EXACT.add(state.spent, amount),
                )
        self.reached("corrected")
        return state.at_part(rolling_part(ref.window)) if state is not None and fresh else None

    def recount(self, tenant: TenantId, ref: WindowRef, revision: str, missed: Decimal) -> None:
        with self.lock:
            state = self.all.get((tenant, ref.whole))
            if state is not None and (tenant, ref, revision) not in self.corrections:
                self.corrections.add((tenant, ref, revision))
                self._changed(
                    (tenant, ref.whole),
                    parts=_counted(state, ref, missed, OPENING),
                    available=EXACT.subtract(state.available, missed),
                    spent=EXACT.add(state.spent, missed),
                    opening=EXACT.add(state.opening, missed),
                )

    def refused(self, tenant: TenantId, ref: WindowRef, at: datetime) -> bool:
        self.reached("refuse")
        with self.lock:
            state = self.all.get((tenant, ref.whole))
            is_first = state is not None and state.at_part(rolling_part(ref.window)).refused_at is None
            if is_first:
                self._changed((tenant, ref.whole), refused_at=at)
        self.reached("refused")
        return is_first

    def states(self, wanted: Sequence[tuple[TenantId, WindowRef]]) -> Mapping[tuple[TenantId, WindowRef], WindowState]:
        with self.lock:
            return {(tenant, ref): self._told(tenant, ref) for tenant, ref in wanted if (tenant, ref.whole) in self.all}

    def erase(self, tenant: TenantId, *, at_most: int) -> int:
        """Delete what is of the first scopes of a tenant, in windows and in what rows say of them."""
        with self.lock:
            scopes = {ref.scope for owner, ref in self.all.keys() | self.said_by_rows.keys() if owner == tenant}
            going = sorted(scopes)[:at_most]
            everything: tuple[dict[Any, Any], ...] = (self.all, self.said_by_rows, self.alerts, self.told_in)
            for each in everything:
                for place in [place for place in each if place[0] == tenant and place[1].scope in going]:
                    del each[place]
        return len(going)

    def claim_alert(self, tenant: TenantId, ref: WindowRef, threshold: int, now: datetime) -> bool:
        with self.lock:
            place = (tenant, ref.whole, threshold)
            claimed = self.alerts.get(place)
            if (tenant, ref.whole) not in self.all or threshold in self._told(tenant, ref).fired:
                return False
            if claimed is not None and now - claimed < ALERT_CLAIM:
                return False
            self.alerts[place] = now
            return True

    def alert_sent(self, tenant: TenantId, ref: WindowRef, threshold: int) -> None:
        with self.lock:
            self.alerts[tenant, ref.whole, threshold] = None
            self.told_in[tenant, ref.whole, threshold] = rolling_part(ref.window)
            state = self.all[tenant, ref.whole]
            self._changed((tenant, ref.whole), fired=state.fired | {threshold})

    def _told(self, tenant: TenantId, ref: WindowRef) -> WindowState:
        """Return a window as of a part, without the alerts that were sent before all that it counts."""
        part = rolling_part(ref.window)
        state = self.all[tenant, ref.whole].at_part(part)
        if part is None:
            return state
        sent = {each: self.told_in.get((tenant, ref.whole, each)) for each in state.fired}
        fired = frozenset(each for each, when in sent.items() if when is not None and when.number >= part.oldest)
        return replace(state, fired=fired)

    def _let_go(self, tenant: TenantId, ref: WindowRef) -> None:
        """Forget the parts that have left a rolling window."""
        if (part := rolling_part(ref.window)) is not None and (tenant, ref.whole) in self.all:
            state = self.all[tenant, ref.whole]
            self.all[tenant, ref.whole] = replace(state.at_part(part), refused_at=state.refused_at)

    def _changed(self, place: tuple[TenantId, WindowRef], **changes: Any) -> WindowState:
        before = self.all[place]  # the benchmark counts what this takes, which is a third of `replace`
        state = WindowState(
            **{each: changes[each] if each in changes else getattr(before, each) for each in _OF_A_WINDOW}
        )
        self.all[place] = state
        return state


class AlertsInMemory:
    """Implements `AlertChannel`."""

    def __init__(self) -> None:
        self.sent: list[Mapping[str, object]] = []
        self.is_down = False

    def publish(self, alert: Mapping[str, object]) -> None:
        if self.is_down:
            raise Unavailable("EventBridge did not take the alert")
        self.sent.append(alert)


def _counted(state: WindowState, ref: WindowRef, amount: Decimal, kind: str = "") -> Mapping[str, Decimal]:
    """Return a window's parts with an amount more in the one that a reference names."""
    if (part := rolling_part(ref.window)) is None:
        return state.parts
    name = f"{part.number}{kind}"
    return {**state.parts, name: EXACT.add(state.parts.get(name, ZERO), amount)}


def _place(attempt: Attempt) -> tuple[str, str, str]:
    return attempt.tenant, attempt.call_id, attempt.label
