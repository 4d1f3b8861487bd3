"""Instants as answers spell them."""

from datetime import UTC, datetime


def timestamp(now: datetime) -> str:
    """Spell an instant as RFC 3339 in UTC, to the millisecond: `2026-11-23T08:00:00.000Z`."""
    return now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
