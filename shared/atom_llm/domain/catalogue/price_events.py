"""The events of a refresh, which the history of prices is made of."""

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, Literal

from atom_llm.domain.catalogue.catalogue import ModelEntry
from atom_llm.domain.catalogue.errors import SnapshotCorrupt

EventKind = Literal["added", "removed", "price", "deprecation", "quarantined"]

MAX_EVENTS_BYTES: Final = 64 * 1024 * 1024  # decompressed


@dataclass(frozen=True, slots=True)
class PriceEvent:
    """An event of one row, or of a whole fetch (then `model` is empty).

    `before` and `after` hold published rates: all of them for added and removed rows, the changed ones otherwise.
    """

    kind: EventKind
    source: str
    model: str = ""
    provider: str = ""
    before: Mapping[str, object] = field(default_factory=dict)
    after: Mapping[str, object] = field(default_factory=dict)
    reason: str | None = None


def added(entry: ModelEntry) -> PriceEvent:
    """Return the event of a row that its source lists for the first time, or again."""
    return PriceEvent("added", entry.source, entry.id, entry.provider, after=entry.published or {})


def removed(entry: ModelEntry, reason: str) -> PriceEvent:
    """Return the event of a row that leaves its source's list, for a reason in words."""
    return PriceEvent("removed", entry.source, entry.id, entry.provider, before=entry.published or {}, reason=reason)


def changes(before: ModelEntry, after: ModelEntry) -> Iterator[PriceEvent]:
    """Yield the events between two states of one row: one for its rates, one for its deprecation."""
    was, now = before.published or {}, after.published or {}
    keys = [key for key in sorted(was.keys() | now.keys()) if not same_rate(was.get(key), now.get(key))]
    if keys:
        yield PriceEvent(
            "price",
            after.source,
            after.id,
            after.provider,
            before={key: was[key] for key in keys if key in was},
            after={key: now[key] for key in keys if key in now},
        )
    if before.deprecation_date != after.deprecation_date:
        yield PriceEvent(
            "deprecation",
            after.source,
            after.id,
            after.provider,
            before={"deprecation_date": _iso(before)},
            after={"deprecation_date": _iso(after)},
        )


def same_rate(one: object, other: object) -> bool:
    """Return whether two published values charge the same: `1e-06` and `0.000001` do."""
    if one == other:
        return True
    if isinstance(one, int | str) and isinstance(other, int | str):
        try:
            return Decimal(one) == Decimal(other)
        except ArithmeticError:
            return False
    return False


def encode_events(events: Iterable[PriceEvent]) -> bytes:
    """Compress a batch of events; empty bytes for no event."""
    rows = [_encoded(event) for event in events]
    return zlib.compress(json.dumps(rows, separators=(",", ":")).encode(), 6) if rows else b""


def decode_events(batch: bytes, *, naming: str | None = None) -> tuple[PriceEvent, ...]:
    """Read a stored batch; raises `SnapshotCorrupt` when it is damaged.

    With `naming` it is only read where it names that model; else there are none.
    """
    if not batch:
        return ()
    try:
        inflater = zlib.decompressobj()
        content = inflater.decompress(batch, MAX_EVENTS_BYTES)
        if not inflater.eof:
            raise ValueError("truncated")
        if naming is not None and json.dumps(naming).encode() not in content:
            return ()
        return tuple(PriceEvent(**row) for row in json.loads(content))
    except (zlib.error, ValueError, TypeError):
        raise SnapshotCorrupt("an event batch cannot be read") from None


def _encoded(event: PriceEvent) -> dict[str, object]:
    fields = {name: getattr(event, name) for name in PriceEvent.__slots__}
    return {name: value for name, value in fields.items() if value not in ("", None, {})}


def _iso(entry: ModelEntry) -> str | None:
    return entry.deprecation_date.isoformat() if entry.deprecation_date else None
