"""Usage and spending of a period from its ledger rows: by hour and by tier, which no sums tell apart."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.core.ids import instant_of
from atom_llm.domain.ledger.rows import Attempt, LedgerRow
from atom_llm.domain.ledger.sums import Sums
from atom_llm.services.ledger.reports.report_usage import (
    EVERYBODY,
    NO_TAG,
    NOBODY_NAMED,
    Dimension,
    EndUserFilter,
    Group,
    UsageReport,
)

OF_ROWS: Final = frozenset({"hour", "tier"})
NO_TIER: Final = ""  # of calls that named their model


def rows_report(
    rows: Iterable[LedgerRow],
    group_by: Sequence[Dimension],
    of: EndUserFilter = EVERYBODY,
    at_most: int | None = None,
) -> UsageReport:
    """Sum rows up by any dimensions together; an hour (UTC) is `2026-11-29T15`, that in which the call began.

    Raises `InvalidRequest` where they tell more than `at_most` groups apart.
    """
    total, groups = Sums(), dict[Group, Sums]()
    for row in rows:
        if not of.lets_pass(row.attempt.end_user.user, row.attempt.end_user.session):
            continue
        total.add_row(row)
        for group in _groups(row.attempt, group_by):
            groups.setdefault(group, Sums()).add_row(row)
        if at_most is not None and len(groups) > at_most:
            raise InvalidRequest("group_by", f"tells more than {at_most:,} groups of a day apart; name fewer")
    return UsageReport(total, dict(sorted(groups.items())))


def _groups(attempt: Attempt, group_by: Sequence[Dimension]) -> Iterator[Group]:
    """Yield the groups that an attempt counts in: several where it has several tags."""
    words: dict[Dimension, str] = {
        "day": attempt.day.isoformat(),
        "hour": f"{instant_of(attempt.call_id):%Y-%m-%dT%H}",
        "model": attempt.model,
        "provider": attempt.provider,
        "key": str(attempt.service_key),
        "provider_key": str(attempt.provider_key or ""),
        "tier": attempt.tier or NO_TIER,
        "user": attempt.end_user.user or NOBODY_NAMED,
        "session": attempt.end_user.session or NOBODY_NAMED,
    }
    tags = [f"{name}={value}" for name, value in attempt.tags.items()] if "tag" in group_by else []
    for tag in tags or [NO_TAG]:
        yield tuple(tag if dimension == "tag" else words[dimension] for dimension in group_by)
