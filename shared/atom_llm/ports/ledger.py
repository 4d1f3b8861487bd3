"""The storage of attempts, their sums and the windows of budgets, and the channels of alerts."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, Protocol

from atom_llm.domain.core.audit import AuditEntry
from atom_llm.domain.core.ids import CallId, ProviderKeyId, ServiceKeyId, TenantId
from atom_llm.domain.ledger.budgets import Budget, WindowRef, WindowState
from atom_llm.domain.ledger.checks import CheckProgress
from atom_llm.domain.ledger.end_users import EndUser, EndUserKind
from atom_llm.domain.ledger.narrowing import Narrowing
from atom_llm.domain.ledger.price_alerts import AlertProgress, PriceAlertSettings
from atom_llm.domain.ledger.rows import Attempt, LedgerRow
from atom_llm.domain.ledger.scopes import Team
from atom_llm.domain.ledger.sums import Sums
from atom_llm.domain.ledger.young_budgets import YoungBudget


class Ledger(Protocol):
    """Attempts that are open, and the rows that they end as. Every write can be repeated with the same outcome."""

    def open(self, attempt: Attempt) -> None:
        """Store an attempt before anything is held or called for it."""
        ...

    def open_correction(self, correction: Attempt, corrected: Attempt, earlier: int, entry: AuditEntry) -> None:
        """Store a correction that is to be entered, and the entry that tells of it, in one write.

        From then on it is entered, by the sweep if not by its own process. Raises `Conflict` where one of its label is
        open already, and where the corrected attempt, which has ended, has other than `earlier` corrections by now.
        """
        ...

    def settle(self, row: LedgerRow) -> LedgerRow:
        """Store the row that an attempt ends as, once; returns the row that counts, ours or an earlier one."""
        ...

    def open_attempts(self, shard: int, *, after: Attempt | None, limit: int) -> list[Attempt]:
        """Return attempts of a shard that the sums do not hold yet, from the one behind `after` on. Consistent."""
        ...

    def open_attempts_of(self, tenant: TenantId) -> list[Attempt]:
        """Return a tenant's attempts that the sums do not hold yet, over all shards, newest first."""
        ...

    def rows_of(self, attempts: Sequence[Attempt]) -> list[LedgerRow]:
        """Return the rows of those attempts that have ended. Consistent."""
        ...

    def still_open(self, attempts: Sequence[Attempt]) -> list[Attempt]:
        """Return those of the attempts that the sums do not hold yet. Consistent."""
        ...

    def close(self, attempts: Sequence[Attempt]) -> None:
        """Take attempts off the open ones: their rows are marked, or they hold nothing and are to have none."""
        ...

    def call(self, tenant: TenantId, call_id: CallId) -> tuple[list[LedgerRow], list[Attempt]]:
        """Return a call's rows, and those of its attempts that have not ended."""
        ...

    def rows_of_day(self, tenant: TenantId, day: date, *, behind: str | None, page_size: int) -> Iterator[LedgerRow]:
        """Iterate over a tenant's rows of a day (UTC), newest first, only those behind the place `behind`."""
        ...

    def erase_day(self, tenant: TenantId, day: date, *, at_most: int) -> int:
        """Delete at most `at_most` of a tenant's rows of a day that are in the sums; returns the number deleted."""
        ...

    def renew(self, maker: str, until: datetime) -> None:
        """Note that a process is known to live until an instant."""
        ...

    def known_to_live(self, makers: Collection[str]) -> Mapping[str, datetime]:
        """Return the instants until which processes said that they live, of those that ever said so. Consistent."""
        ...

    @property
    def shards(self) -> int:
        """The number of shards that open attempts are spread over."""
        ...

    def woken_by(self, records: Iterable[Mapping[str, Any]]) -> list[int]:
        """Return the shards that have something to bring into the sums, by the records of the table's stream."""
        ...


@dataclass(frozen=True, slots=True)
class SumCell:
    """The group of the finest sums, beside the day."""

    provider: str
    model: str
    service_key: ServiceKeyId
    provider_key: ProviderKeyId | None
    tags: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class EndUserCell:
    """The group of an end user's or a session's sums, beside the day; `OTHERS` in place of those beyond the bound."""

    provider: str
    model: str
    service_key: ServiceKeyId
    end_user: EndUser


class UsageSums(Protocol):
    """The sums of the ledger's rows, each row counted exactly once."""

    def post(self, rows: Sequence[LedgerRow]) -> int | None:
        """Add rows to every sum and close their attempts, all in one transaction; rows that take a mark are marked.

        Returns how many from the front it took, for a transaction is bounded; None when an attempt is not open any
        more, or a row that takes a mark has it already, or is gone.
        """
        ...

    def by_model(
        self, tenant: TenantId, first: date, last: date, *, consistent: bool = False
    ) -> Iterator[tuple[date, str, str, Sums]]:
        """Iterate over day, provider, model and sums; the same group may come in several parts."""
        ...

    def by_cell(
        self, tenant: TenantId, first: date, last: date, *, consistent: bool = False
    ) -> Iterator[tuple[date, SumCell, Sums]]:
        """Iterate over day, cell and sums, day by day; the same group may come in several parts."""
        ...

    def by_end_user(
        self, tenant: TenantId, first: date, last: date, kind: EndUserKind, *, consistent: bool = False
    ) -> Iterator[tuple[date, EndUserCell, Sums]]:
        """Iterate over day, cell and sums of the rows that name an end user of that kind, session or user."""
        ...

    def erase_end_users(self, tenant: TenantId, month: date) -> int:
        """Delete what the sums of a month have by end user; returns the number of items."""
        ...

    def posted(self, tenant: TenantId, ref: WindowRef) -> Decimal:
        """Return what was spent in a budget's window, in its unit, by the rows that were posted."""
        ...


@dataclass(frozen=True, slots=True)
class Reservation:
    """The result of a reserve.

    `crowded`: too many open holds; `outdated`: the window knows an older limit than ours; `missing`: the window was not
    opened yet.
    """

    outcome: Literal["held", "full", "crowded", "outdated", "missing"]
    state: WindowState | None = None


class BudgetSettings(Protocol):
    """The budgets as they were set; a change and its `entry` are one write."""

    def of(self, tenant: TenantId) -> list[Budget]:
        """Return a tenant's budgets and those of its service keys. Consistent."""
        ...

    def put(self, budget: Budget, entry: AuditEntry) -> None:
        """Set a budget, unless a later revision is there; raises `Conflict` then."""
        ...

    def delete(self, tenant: TenantId, scope: str, kept_as: str, entry: AuditEntry) -> bool:
        """Clear the budget of a scope that is kept as that (`Budget.kept_as`); False when there was none, and then no
        entry is written."""
        ...

    def erase(self, tenant: TenantId) -> int:
        """Delete all of a tenant's as a part of its erasure; returns how many there were."""
        ...


class TeamStore(Protocol):
    """Tenants' teams; a change and its `entry` are one write."""

    def of(self, tenant: TenantId) -> list[Team]:
        """Return a tenant's teams, in the order of their ids. Consistent."""
        ...

    def put(self, tenant: TenantId, team: Team, entry: AuditEntry) -> None:
        """Write a team over any that is there."""
        ...

    def delete(self, tenant: TenantId, team_id: str, entry: AuditEntry) -> bool:
        """Delete a team; False when there was none, and then no entry is written."""
        ...

    def erase(self, tenant: TenantId) -> int:
        """Delete all of a tenant's as a part of its erasure; returns how many there were."""
        ...


@dataclass(frozen=True, slots=True)
class WindowBefore:
    """The window before one that is to be opened, which gives what it has left. One that was never opened has all of
    its limit left where `is_untouched`, else nothing."""

    ref: WindowRef
    is_untouched: bool
    expires_at: datetime | None


class BudgetWindows(Protocol):
    """Windows of budgets with their holds. Each write is one conditional update of one item, but where room is moved
    from lane to lane, or carried from window to window."""

    def reserve(self, budget: Budget, ref: WindowRef, hold_id: str, amount: Decimal) -> Reservation:
        """Hold an amount if it fits; a hold that is there already is held."""
        ...

    def open(self, budget: Budget, ref: WindowRef, opening: Decimal, expires_at: datetime | None) -> None:
        """Make a window if it is not there; `opening` was spent in it before."""
        ...

    def open_carrying(
        self, budget: Budget, ref: WindowRef, opening: Decimal, expires_at: datetime | None, before: WindowBefore
    ) -> None:
        """Make a window if it is not there, with what the one before has left, as much as the budget carries over.

        It is taken from there in the same moment, so that nothing is spent twice; what its open calls hold is not
        left.
        """
        ...

    def apply(self, budget: Budget, ref: WindowRef) -> WindowState | None:
        """Bring a window to a budget's limit and mode, unless it knows a later revision; None if it is not there."""
        ...

    def settle(
        self, tenant: TenantId, ref: WindowRef, hold_id: str, held: Decimal, cost: Decimal
    ) -> WindowState | None:
        """Turn a hold into spending, once; None when the hold is gone. A cost of 0 gives it back."""
        ...

    def correct(self, tenant: TenantId, ref: WindowRef, correction_id: str, amount: Decimal) -> WindowState | None:
        """Add a signed amount to what was spent, once by its id; None when that was done, or there is no window."""
        ...

    def recount(self, tenant: TenantId, ref: WindowRef, missed: Decimal, openings: Decimal) -> bool:
        """Add what was spent beside the window, and its opening missed, to both; False where there is no window, or its
        openings are not those any more: somebody else has counted meanwhile."""
        ...

    def refused(self, tenant: TenantId, ref: WindowRef, at: datetime) -> bool:
        """Note that a call did not fit; returns whether it was the window's first one, which alone counts."""
        ...

    def states(self, wanted: Sequence[tuple[TenantId, WindowRef]]) -> Mapping[tuple[TenantId, WindowRef], WindowState]:
        """Return the state of each window that exists. Consistent."""
        ...

    def erase(self, tenant: TenantId, *, at_most: int) -> int:
        """Delete a tenant's windows of at most so many scopes, with what rows say of them, as a part of its erasure.

        Returns the number of scopes, 0 where no window is left. No call of the tenant may be open, nor come any more.
        """
        ...

    def claim_alert(self, tenant: TenantId, ref: WindowRef, threshold: int, now: datetime) -> bool:
        """Claim the sending of a threshold's alert; False when it was sent, or claimed within the last minute."""
        ...

    def alert_sent(self, tenant: TenantId, ref: WindowRef, threshold: int) -> None:
        """Note that an alert was sent, so that it is not sent again in this window."""
        ...


class YoungBudgetStore(Protocol):
    """The budgets that are looked at again, of all tenants."""

    def all(self) -> list[YoungBudget]:
        """Return them; one that was noted within a second may be missing."""
        ...

    def put(self, young: YoungBudget) -> None:
        """Note one, over an older setting of it."""
        ...

    def replace(self, seen: YoungBudget, by: YoungBudget | None) -> None:
        """Note it with the looks that were taken, or, with None, no more; nothing where it was set anew meanwhile."""
        ...

    def erase(self, tenant: TenantId) -> Mapping[str, int]:
        """Delete a tenant's as a part of its erasure; returns the number by kind."""
        ...


class NarrowingStore(Protocol):
    """The models whose holds are narrowed, for every process. Every method raises `StoreUnavailable`."""

    def all(self) -> list[Narrowing]:
        """Return the models that nobody has acknowledged. Consistent."""
        ...

    def of(self, model: str) -> Narrowing | None:
        """Return a model's narrowing; None where its holds are not narrowed. Consistent."""
        ...

    def save(self, changed: Narrowing, *, before: str) -> bool:
        """Write a narrowing if the stored revision is still `before`, or, where that is empty, if none is stored.

        A write whose answer was lost may be repeated: `changed` has a revision that no other write uses.
        """
        ...

    def acknowledge(self, seen: Narrowing, entry: AuditEntry) -> bool:
        """Remove the narrowing that was seen, with the entry that tells of it; False, and no entry, where it is another
        by now, or gone.
        """
        ...


class AlertChannel(Protocol):
    """The channel on which tenants' alerts of one kind are made known."""

    def publish(self, alert: Mapping[str, object]) -> None:
        """Send an alert; raises `Unavailable` when it was not taken."""
        ...


class PriceAlertSettingsStore(Protocol):
    """Tenants' wishes to be told of changed prices; a change and its `entry` are one write."""

    def of(self, tenant: TenantId) -> PriceAlertSettings | None:
        """Return what a tenant has set; None where it has not. Consistent."""
        ...

    def put(self, tenant: TenantId, settings: PriceAlertSettings, entry: AuditEntry) -> None:
        """Set it, over anything that is there."""
        ...

    def delete(self, tenant: TenantId, entry: AuditEntry) -> bool:
        """Go back to the default; False where nothing was set, and then no entry is written."""
        ...

    def erase(self, tenant: TenantId) -> bool:
        """Delete it as a part of the tenant's erasure; returns whether there was anything."""
        ...


class CheckLog(Protocol):
    """The progress of the daily check."""

    def progress(self) -> CheckProgress | None:
        """Return how far it came; None before the first time. Consistent."""
        ...

    def put_progress(self, progress: CheckProgress) -> CheckProgress | None:
        """Write it, and return it with the next revision; None where another process has written one meanwhile."""
        ...


class PriceAlertLog(Protocol):
    """The progress of telling of changed prices, and the alerts that were sent."""

    def progress(self) -> AlertProgress | None:
        """Return how far it came; None before the first time. Consistent."""
        ...

    def put_progress(self, progress: AlertProgress) -> AlertProgress | None:
        """Write it, and return it with the next revision; None where another process has written one meanwhile."""
        ...

    def claim(self, tenant: TenantId, sequence: int, now: datetime) -> Literal["claimed", "busy", "sent"]:
        """Claim the sending of an activation's alert to a tenant; `busy` where one did within the last minute."""
        ...

    def sent(self, tenant: TenantId, sequence: int, alert: Mapping[str, Any]) -> None:
        """Note that an alert was sent, and keep it."""
        ...

    def newest(self, tenant: TenantId, limit: int) -> list[Mapping[str, Any]]:
        """Return a tenant's alerts that were sent, newest first."""
        ...

    def erase(self, tenant: TenantId) -> int:
        """Delete all of a tenant's; returns how many there were."""
        ...
