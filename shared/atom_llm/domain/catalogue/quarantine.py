"""The quarantine: a source's doubtful proposals, kept from their first sighting until confirmed or withdrawn."""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from atom_llm.domain.catalogue.catalogue import ModelEntry, decode, encode
from atom_llm.domain.catalogue.errors import SnapshotCorrupt

CONFIRMATION_DELAY: Final = timedelta(hours=23, minutes=30)  # "a day", less the jitter of a 24-hour schedule
EVERYTHING: Final = "*"


@dataclass(frozen=True, slots=True)
class HeldProposal:
    """One proposal under suspicion.

    `subject` is a model id, or `fetch:<source>` for a whole fetch. `proposal` is a hash of what was proposed, so that
    only the identical proposal confirms it; `entry` is the proposed row, None for a disappearance or a fetch.
    """

    subject: str
    source: str
    proposal: str
    reason: str
    first_seen: datetime
    entry: ModelEntry | None = None

    def may_pass(self, proposal: str, now: datetime, approval: "Approval", *, by_time: bool = True) -> bool:
        """Return whether the proposal, seen again now, is the very one that was held, and approved or a day old.

        Without `by_time` a day confirms nothing: another source contradicts it.
        """
        if self.proposal != proposal:
            return False
        return (by_time and now - self.first_seen >= CONFIRMATION_DELAY) or approval.covers(self.subject)


@dataclass(frozen=True, slots=True)
class Quarantine:
    """All held proposals, by subject."""

    held: Mapping[str, HeldProposal] = field(default_factory=dict)

    def entries_of(self, source: str) -> Mapping[str, HeldProposal]:
        """Return the proposals that are held from one source, by subject."""
        return {subject: held for subject, held in self.held.items() if held.source == source}


@dataclass(frozen=True, slots=True)
class Approval:
    """An admin's approval of proposals in quarantine: the subjects that may pass; `*` among them stands for all.

    It covers what the admin could see: a proposal that is new, or another than the one held, waits all the same.
    """

    subjects: frozenset[str] = frozenset()

    def covers(self, subject: str) -> bool:
        """Return whether a subject is among the approved."""
        return EVERYTHING in self.subjects or subject in self.subjects


NO_APPROVAL: Final = Approval()


def proposal_of(entry: ModelEntry) -> str:
    """Return a hash of all fields of a proposed row (32 hex digits)."""
    return encode([entry])[0]


def proposal_of_body(body: bytes) -> str:
    """Return a hash of the body of a whole fetch (32 hex digits)."""
    return sha256(body).hexdigest()[:32]


def encode_quarantine(quarantine: Quarantine) -> bytes:
    """Compress the held proposals for the store; empty bytes when nothing is held."""
    if not quarantine.held:
        return b""
    rows = [
        [held.subject, held.source, held.proposal, held.reason, held.first_seen.isoformat()]
        for _, held in sorted(quarantine.held.items())
    ]
    entries = encode(held.entry for held in quarantine.held.values() if held.entry is not None)[1]
    head = json.dumps({"format": 1, "held": rows}, separators=(",", ":")).encode()
    return zlib.compress(len(head).to_bytes(4, "big") + head + entries, 6)


def decode_quarantine(content: bytes) -> Quarantine:
    """Read a stored quarantine; raises `SnapshotCorrupt` when it is damaged."""
    if not content:
        return Quarantine()
    try:
        unpacked = zlib.decompress(content)
        size = int.from_bytes(unpacked[:4], "big")
        rows = json.loads(unpacked[4 : 4 + size])["held"]
    except (zlib.error, ValueError, KeyError):
        raise SnapshotCorrupt("the quarantine cannot be read") from None
    entries = decode(unpacked[4 + size :])
    proposed = {entry.id: entry for entry in (*entries, *entries.aliases)}
    return Quarantine(
        {
            subject: HeldProposal(
                subject, source, proposal, reason, datetime.fromisoformat(seen), proposed.get(subject)
            )
            for subject, source, proposal, reason, seen in rows
        }
    )
