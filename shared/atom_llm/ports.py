"""What the services need from the world, each as the few calls they make."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, Protocol

from atom_llm.domain.audit import AuditEntry
from atom_llm.domain.budgets import Budget, Window, WindowRef, WindowState
from atom_llm.domain.ids import CallId, ProviderKeyId, ServiceKeyId, TenantId
from atom_llm.domain.ledger import Attempt, LedgerRow
from atom_llm.domain.provider_keys import KeyStatus, ProbeResult, ProviderKey
from atom_llm.domain.refresh import Activation, RefreshState, Validators
from atom_llm.domain.service_keys import ServiceKey
from atom_llm.domain.sums import Sums
from atom_llm.domain.tenants import Tenant
from atom_llm.domain.vault import VaultPointer


class Clock(Protocol):
    """The time, as an argument."""

    def __call__(self) -> datetime:
        """The present instant, timezone-aware UTC."""
        ...


@dataclass(frozen=True, slots=True)
class Fetched:
    """A source's whole answer: the decompressed body and what to ask conditionally with the next time."""

    body: bytes
    validators: Validators
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class NotModified:
    """The source confirmed that what we hold is still its newest (304)."""

    fetched_at: datetime


class PriceSource(Protocol):
    """A place that publishes prices."""

    @property
    def name(self) -> str:
        """`litellm` or `openrouter`: the label that its prices carry."""
        ...

    async def fetch(self, validators: Validators) -> Fetched | NotModified:
        """Ask for the newest content; raises `SourceUnavailable` when no usable answer came within the limits."""
        ...


class PriceBook(Protocol):
    """The catalogue's immutable snapshots and the numbered list of their activations."""

    def head(self) -> Activation | None:
        """The activation in force; None before the first. Strongly consistent."""
        ...

    def believed_at(self, instant: datetime) -> Activation | None:
        """The activation that was in force at an instant; None before the first."""
        ...

    def activations(self, *, since: datetime | None, before: int | None) -> Iterator[Activation]:
        """Activations at or after `since`, newest first, only those numbered below `before`."""
        ...

    def snapshot(self, activation: Activation) -> bytes:
        """The stored snapshot, byte for byte; raises `SnapshotMissing`."""
        ...

    def events(self, activation: Activation) -> bytes:
        """The stored event batch of an activation, byte for byte; empty when it had none."""
        ...

    def activate(self, activation: Activation, snapshot: bytes | None, events: bytes) -> None:
        """Store the parts, then put the entry in force with one conditional write.

        `snapshot` is None when the version is stored already. Raises `ActivationConflict` when the sequence number
        is taken; then the earlier entry stays in force and the parts are unreferenced.
        """
        ...


class RefreshJournal(Protocol):
    """The state that refreshes share, with the lease that lets one of them run at a time."""

    def state(self) -> RefreshState:
        """The last written state; the empty one before the first refresh."""
        ...

    def begin(self, holder: str, now: datetime, lease_s: float) -> RefreshState | None:
        """Take the lease and read the state in one write; None while another holder's lease is valid."""
        ...

    def finish(self, holder: str, state: RefreshState) -> None:
        """Write the state and give the lease back in one write; raises `LeaseLost` if it is no longer ours."""
        ...

    def quarantine(self) -> bytes:
        """What waits for confirmation, as stored; empty when nothing does."""
        ...

    def put_quarantine(self, content: bytes) -> None:
        """Replace what waits for confirmation."""
        ...


class PricedSeed(Protocol):
    """The packaged catalogue."""

    @property
    def snapshot(self) -> bytes:
        """An encoded snapshot."""
        ...

    @property
    def as_of(self) -> datetime:
        """The day its source was published."""
        ...


class ServiceKeyStore(Protocol):
    """Service keys by their public id, and by tenant."""

    def find(self, key_id: ServiceKeyId) -> ServiceKey | None:
        """The stored key, or None."""
        ...

    def add(self, key: ServiceKey) -> None:
        """Store a new key; raises `Conflict` when the id is taken."""
        ...

    def of(
        self, tenant: TenantId, *, after: ServiceKeyId | None = None, limit: int | None = None
    ) -> Iterator[ServiceKey]:
        """A tenant's keys in the order of their ids, revoked ones included."""
        ...

    def revoke(self, tenant: TenantId, key_id: ServiceKeyId, at: datetime) -> ServiceKey | None:
        """Revoke a tenant's key, once; None when the tenant has no such key."""
        ...

    def used(self, key_id: ServiceKeyId, at: datetime) -> None:
        """Note when a key was used last; raises `StoreUnavailable` whatever the reason why that could not be done."""
        ...


class TenantStore(Protocol):
    """The tenants of a deployment, those that were deleted included."""

    def find(self, tenant: TenantId) -> Tenant | None:
        """A tenant, or None."""
        ...

    def all(self, *, after: TenantId | None = None, limit: int | None = None) -> Iterator[Tenant]:
        """Every tenant in the order of ids, those behind `after`."""
        ...

    def add(self, tenant: Tenant) -> None:
        """Store a new one; raises `Conflict` when the id is, or was, another's."""
        ...

    def change(self, tenant: TenantId, *, name: str | None, time_zone: str | None) -> Tenant | None:
        """Change what is given, at least one of the two; None when there is no such tenant, or no longer."""
        ...

    def mark_deleted(self, tenant: TenantId, at: datetime) -> None:
        """Mark a tenant as deleted, once."""
        ...


class TenantErasure(Protocol):
    """Something that holds what belongs to tenants, and can forget it."""

    def erase(self, tenant: TenantId) -> Mapping[str, int]:
        """Erase what is a tenant's; says how many of what there were. Repeating it erases what came since."""
        ...


class PepperVault(Protocol):
    """The secret that service keys are hashed with, by version."""

    def current(self) -> tuple[str, bytes]:
        """The version for new keys, and its pepper."""
        ...

    def pepper(self, version: str) -> bytes | None:
        """The pepper of a version; None when it was retired."""
        ...


class AuditLog(Protocol):
    """Who changed what."""

    def record(self, entry: AuditEntry) -> None:
        """Store an entry."""
        ...

    def entries(self, tenant: TenantId, *, before: str | None, limit: int) -> Iterator[AuditEntry]:
        """A tenant's entries newest first, only those with ids below `before`."""
        ...


class Ledger(Protocol):
    """Attempts that are open, and the rows that they end as. Every write can be repeated with the same outcome."""

    def open(self, attempt: Attempt) -> None:
        """Store an attempt before anything is held or called for it."""
        ...

    def settle(self, row: LedgerRow) -> LedgerRow:
        """Store the row that an attempt ends as, once; the answer is the row that counts, ours or an earlier one."""
        ...

    def open_attempts(self, shard: int, *, after: Attempt | None, limit: int) -> list[Attempt]:
        """Attempts of a shard that the sums do not hold yet, from the one behind `after` on. Consistent."""
        ...

    def open_attempts_of(self, tenant: TenantId) -> list[Attempt]:
        """The same of one tenant, over all shards, newest first."""
        ...

    def rows_of(self, attempts: Sequence[Attempt]) -> list[LedgerRow]:
        """The rows that those of the attempts ended as that have ended. Consistent."""
        ...

    def close(self, attempts: Sequence[Attempt]) -> None:
        """Take attempts whose rows are in the sums off the open ones."""
        ...

    def call(self, tenant: TenantId, call_id: CallId) -> tuple[list[LedgerRow], list[Attempt]]:
        """A call's rows, and those of its attempts that have not ended."""
        ...

    def rows_of_day(self, tenant: TenantId, day: date, *, behind: str | None, page_size: int) -> Iterator[LedgerRow]:
        """A tenant's rows of a day (UTC), newest first, only those behind the place of `behind`."""
        ...

    def erase_day(self, tenant: TenantId, day: date, *, at_most: int) -> int:
        """Delete so many of a tenant's rows of a day that are in the sums; says how many it deleted."""
        ...

    @property
    def shards(self) -> int:
        """How many shards open attempts are spread over."""
        ...

    def woken_by(self, records: Iterable[Mapping[str, Any]]) -> list[int]:
        """The shards that have something to bring into the sums, by the records of the table's stream."""
        ...


@dataclass(frozen=True, slots=True)
class Cell:
    """What the finest sums group by, beside the day."""

    provider: str
    model: str
    service_key: ServiceKeyId
    provider_key: ProviderKeyId | None
    tags: tuple[tuple[str, str], ...]


class UsageSums(Protocol):
    """The sums of the ledger's rows, each row counted exactly once."""

    def post(self, rows: Sequence[LedgerRow]) -> int | None:
        """Add rows to every sum and mark them, all in one transaction; says how many from the front it took, for a
        transaction is bounded. None when one of them is marked already, or gone."""
        ...

    def by_model(self, tenant: TenantId, first: date, last: date) -> Iterator[tuple[date, str, str, Sums]]:
        """Day, provider, model and sums; the same group may come in several parts."""
        ...

    def by_cell(self, tenant: TenantId, first: date, last: date) -> Iterator[tuple[date, Cell, Sums]]:
        """Day, cell and sums; the same group may come in several parts."""
        ...

    def posted(self, tenant: TenantId, ref: WindowRef) -> Decimal:
        """What the rows that were posted say was spent in a budget's window."""
        ...


@dataclass(frozen=True, slots=True)
class Reservation:
    """What came of a reserve. `crowded`: too many open holds; `outdated`: the window knows an older limit than ours;
    `missing`: the window was not opened yet."""

    outcome: Literal["held", "full", "crowded", "outdated", "missing"]
    state: WindowState | None = None


class BudgetSettings(Protocol):
    """Budgets as they were set."""

    def of(self, tenant: TenantId) -> list[Budget]:
        """A tenant's budgets and those of its service keys. Consistent."""
        ...

    def put(self, budget: Budget) -> None:
        """Set a budget, unless a later revision is there; raises `Conflict` then."""
        ...

    def delete(self, tenant: TenantId, scope: str, window: Window) -> bool:
        """Clear a budget; says whether there was one."""
        ...


class BudgetWindows(Protocol):
    """Windows of budgets with their holds. Each write is one conditional update of one item."""

    def reserve(self, budget: Budget, ref: WindowRef, hold_id: str, amount: Decimal) -> Reservation:
        """Hold an amount if it fits; a hold that is there already is held."""
        ...

    def open(self, budget: Budget, ref: WindowRef, opening: Decimal, expires_at: datetime | None) -> None:
        """Make a window if it is not there; `opening` was spent in it before."""
        ...

    def apply(self, budget: Budget, ref: WindowRef) -> WindowState | None:
        """Bring a window to a budget's limit and mode, unless it knows a later revision; None if it is not there."""
        ...

    def settle(
        self, tenant: TenantId, ref: WindowRef, hold_id: str, held: Decimal, cost: Decimal
    ) -> WindowState | None:
        """Turn a hold into spending, once; None when the hold is not there (any more). A cost of 0 gives it back."""
        ...

    def correct(self, tenant: TenantId, ref: WindowRef, correction_id: str, amount: Decimal) -> WindowState | None:
        """Add a signed amount to what was spent, once by its id; None when that was done, or there is no window."""
        ...

    def recount(self, tenant: TenantId, ref: WindowRef, revision: str, missed: Decimal) -> None:
        """Add to what had been spent before the budget was set, once a revision."""
        ...

    def refused(self, tenant: TenantId, ref: WindowRef, at: datetime) -> None:
        """Note that a call did not fit; the first one counts."""
        ...

    def states(self, wanted: Sequence[tuple[TenantId, WindowRef]]) -> Mapping[tuple[TenantId, WindowRef], WindowState]:
        """Windows as they stand, those that exist. Consistent."""
        ...

    def claim_alert(self, tenant: TenantId, ref: WindowRef, threshold: int, now: datetime) -> bool:
        """Whether it is ours to send a threshold's alert: nobody did, nor began to within the last minute."""
        ...

    def alert_sent(self, tenant: TenantId, ref: WindowRef, threshold: int) -> None:
        """Note that it was sent, so that it is not sent again in this window."""
        ...


class BudgetAlerts(Protocol):
    """Where a reached threshold is made known."""

    def publish(self, alert: Mapping[str, object]) -> None:
        """Send an alert; raises `Unavailable` when it was not taken."""
        ...


class SecretStore(Protocol):
    """Secrets by name, each a map from key ids to plaintexts. No error says what a secret holds."""

    def get(self, name: str, version: str) -> Mapping[str, str]:
        """What a version holds; raises `SecretMissing`."""
        ...

    def create(self, name: str, content: Mapping[str, str]) -> str:
        """Make a secret; says its version."""
        ...

    def restore(self, name: str, in_force: str) -> None:
        """Make the version in force the newest again, where a writer that died has put another one before it."""
        ...

    def put(self, name: str, content: Mapping[str, str]) -> str:
        """Store a new version; says which. The one that was the newest stays readable beside it."""
        ...

    def delete(self, name: str) -> bool:
        """Delete a secret beyond recovery; says whether there was one."""
        ...


class ProviderKeyBook(Protocol):
    """What is known of provider keys, and where their secret is."""

    def of(self, tenant: TenantId) -> tuple[list[ProviderKey], VaultPointer]:
        """A tenant's keys, tombstones included, and the pointer to their secret."""
        ...

    def find(self, tenant: TenantId, key_id: ProviderKeyId) -> ProviderKey | None:
        """One key, also a tombstone."""
        ...

    def lease(self, tenant: TenantId, holder: str, draft: str, now: datetime, until: datetime) -> VaultPointer | None:
        """Become the one writer of a tenant's secret, noting the name of a secret that may be made; None while
        another is."""
        ...

    def release(
        self, tenant: TenantId, holder: str, *, retired: Sequence[str] = (), drafts: Sequence[str] = ()
    ) -> None:
        """Give a lease back that nothing came of, saying what is still to be deleted."""
        ...

    def flip(
        self,
        tenant: TenantId,
        holder: str,
        pointer: VaultPointer,
        key_id: ProviderKeyId,
        fields: Mapping[str, object],
    ) -> bool:
        """Bring a version and a key's metadata into force together, and give the lease back; False when the lease was
        lost."""
        ...

    def forget_retired(self, tenant: TenantId, pointer: VaultPointer) -> None:
        """Note that the retired secrets of a revision are deleted."""
        ...

    def change(
        self,
        tenant: TenantId,
        key_id: ProviderKeyId,
        fields: Mapping[str, object],
        *,
        material: int | None = None,
        only_from: Collection[KeyStatus] = (),
    ) -> ProviderKey | None:
        """Change metadata of a key; with `material` only while that is its material, with `only_from` only while it has
        one of those statuses. None where it is not so, or the key is gone."""
        ...

    def erase(self, tenant: TenantId) -> int:
        """Remove the keys and the pointer; says how many keys there were."""
        ...


class KeyProber(Protocol):
    """One cheap authenticated call to a provider."""

    def probe(self, provider: str, plaintext: str) -> tuple[ProbeResult, str]:
        """What a key is good for, and why in a few words of ours."""
        ...
