"""The sources of prices, and the storage of the catalogue in force and its history."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from atom_llm.domain.catalogue.own_prices import OwnPrice
from atom_llm.domain.catalogue.refresh import Activation, RefreshState, Validators
from atom_llm.domain.core.audit import AuditEntry
from atom_llm.domain.core.ids import TenantId


@dataclass(frozen=True, slots=True)
class FetchedSource:
    """A source's whole answer: the decompressed body, and the validators for the next conditional request."""

    body: bytes
    validators: Validators
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class NotModified:
    """The source's confirmation (304) that the content we hold is still its newest."""

    fetched_at: datetime


class PriceSource(Protocol):
    """A publisher of prices."""

    @property
    def name(self) -> str:
        """The label that its prices carry: `litellm`, `openrouter`, or an independent list's."""
        ...

    async def fetch(self, validators: Validators) -> FetchedSource | NotModified:
        """Ask for the newest content; raises `SourceUnavailable` when no usable answer came within the limits."""
        ...


class PriceBook(Protocol):
    """The catalogue's immutable snapshots and the numbered list of their activations.

    What is put in force and the `entry` that tells of it, if there is one, are one write.
    """

    def head(self) -> Activation | None:
        """Return the activation in force; None before the first. Strongly consistent."""
        ...

    def in_force_at(self, instant: datetime) -> Activation | None:
        """Return the activation that was in force at an instant; None before the first."""
        ...

    def activations(self, *, since: datetime | None, before: int | None) -> Iterator[Activation]:
        """Iterate over activations at or after `since`, newest first, only those numbered below `before`."""
        ...

    def snapshot(self, activation: Activation) -> bytes:
        """Return the stored snapshot, byte for byte; raises `SnapshotMissing`."""
        ...

    def events(self, activation: Activation) -> bytes:
        """Return the stored event batch of an activation, byte for byte; empty when it had none."""
        ...

    def with_events(
        self, *, since: datetime | None, before: int | None, at_once: int | None = None
    ) -> Iterator[tuple[Activation, bytes]]:
        """Iterate like `activations`, each with its event batch: few requests, however many there are.

        `at_once` are the batches that a request asks for; None is as many as an answer holds. Raises `SnapshotMissing`.
        """
        ...

    def activate(
        self, activation: Activation, snapshot: bytes | None, events: bytes, *, entry: AuditEntry | None = None
    ) -> None:
        """Store the parts, then put the entry in force with one conditional write.

        `snapshot` is None when the version is stored already. Raises `ActivationConflict` when the sequence number
        is taken; then the earlier entry stays in force and the parts are unreferenced.
        """
        ...


class RefreshJournal(Protocol):
    """The state that refreshes share, with the lease that lets one of them run at a time.

    A change and the `entry` that tells of it, if there is one, are one write.
    """

    def state(self) -> RefreshState:
        """Return the last written state; the empty one before the first refresh."""
        ...

    def begin(self, holder: str, now: datetime, lease_s: float) -> RefreshState | None:
        """Take the lease and read the state in one write; None while another holder's lease is valid."""
        ...

    def finish(self, holder: str, state: RefreshState, *, entry: AuditEntry | None = None) -> None:
        """Write the state and give the lease back in one write; raises `LeaseLost` if it is no longer ours."""
        ...

    def quarantine(self) -> bytes:
        """Return the proposals that wait for confirmation, as `encode_quarantine` made them; empty when none does."""
        ...

    def put_quarantine(self, content: bytes, *, entry: AuditEntry | None = None) -> None:
        """Replace the proposals that wait for confirmation."""
        ...

    def lists(self) -> bytes:
        """Return what independent price lists were last heard to say, as `encode_lists` made it; empty before that."""
        ...

    def put_lists(self, content: bytes, *, entry: AuditEntry | None = None) -> None:
        """Replace what independent price lists say."""
        ...


class PricedSeed(Protocol):
    """The packaged catalogue, in force before the first refresh."""

    @property
    def snapshot(self) -> bytes:
        """The encoded snapshot."""
        ...

    @property
    def as_of(self) -> datetime:
        """The instant from which its prices are in force: the day its source was published."""
        ...


class OwnPriceStore(Protocol):
    """Tenants' own prices; a change and its `entry` are one write. Every method raises `StoreUnavailable`."""

    def of(self, tenant: TenantId) -> Sequence[OwnPrice]:
        """Return a tenant's prices that nobody has ended. Consistent."""
        ...

    def ended(self, tenant: TenantId) -> Sequence[OwnPrice]:
        """Return a tenant's prices that somebody has ended."""
        ...

    def get(self, tenant: TenantId, price_id: str) -> OwnPrice | None:
        """Return a price by its id, ended ones included; None where there is none. Consistent."""
        ...

    def add(self, price: OwnPrice, entry: AuditEntry) -> None:
        """Write a new price."""
        ...

    def end(self, price: OwnPrice, entry: AuditEntry) -> bool:
        """Put a price, with its end, among those that have ended; False, and no entry, where it is there already."""
        ...

    def erase(self, tenant: TenantId) -> int:
        """Delete all of a tenant's as a part of its erasure; returns how many there were."""
        ...
