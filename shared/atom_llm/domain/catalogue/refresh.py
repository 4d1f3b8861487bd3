"""The records of a catalogue refresh: its state between runs, and its activations in the price book."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, NewType

SnapshotVersion = NewType("SnapshotVersion", str)
"""Hex content hash of a snapshot; the price version that stands on every ledger row."""

SourceCondition = Literal["never", "fresh", "unchanged", "unavailable", "rejected"]
"""never asked; answered with new content; answered 304; gave no answer; answered with something unusable."""


@dataclass(frozen=True, slots=True)
class Validators:
    """The HTTP validators of a source's last answer, for the next conditional request."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class SourceState:
    """The outcome of the last request to a source.

    `content` is the hash of the last accepted body, `rejected` the hash of the last refused one, `failing_since` the
    first of an unbroken row of failures.
    """

    condition: SourceCondition = "never"
    checked_at: datetime | None = None
    fetched_at: datetime | None = None
    failing_since: datetime | None = None
    validators: Validators = Validators()
    content: str | None = None
    rejected: str | None = None
    models: int = 0
    detail: str | None = None

    def confirmed(self, now: datetime) -> "SourceState":
        """Return the state after the source's word that its last answer is still its newest."""
        return replace(self, condition="unchanged", checked_at=now, failing_since=None, detail=None)


@dataclass(frozen=True, slots=True)
class RefreshState:
    """The memory of one refresh for the next one.

    `whole_refreshes` counts refreshes in which the primary source answered; a model's disappearance is measured in it.
    """

    whole_refreshes: int = 0
    attempted_at: datetime | None = None
    succeeded_at: datetime | None = None
    sources: Mapping[str, SourceState] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Activation:
    """One entry of the price book: from `activated_at` on, `version` is in force.

    Entries are numbered from 1 without gaps; the last one is in force. An entry may repeat its predecessor's version
    when a refresh had something to tell (a quarantine) and nothing to change.
    """

    sequence: int
    version: SnapshotVersion
    activated_at: datetime
    models: int
    snapshot_bytes: int
    events: int
    source_times: Mapping[str, datetime] = field(default_factory=dict)
