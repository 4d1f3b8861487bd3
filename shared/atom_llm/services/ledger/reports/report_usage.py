"""Usage and spending of a period, from the sums, grouped and filtered as asked."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger.end_users import EndUserKind
from atom_llm.domain.ledger.sums import Sums
from atom_llm.ports.ledger import UsageSums

Dimension = Literal["day", "hour", "model", "provider", "key", "provider_key", "tag", "tier", "user", "session"]

OF_MODEL_SUMS: Final = frozenset({"day", "model", "provider"})  # the rest needs the finer cells
OF_END_USERS: Final = frozenset({"user", "session"})
BESIDE_END_USERS: Final = OF_MODEL_SUMS | OF_END_USERS | {"key"}
NO_TAG: Final = ""
NOBODY_NAMED: Final = ""

Group = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EndUserFilter:
    """The end users that a report is about: everything that the books may have their names as; None for all."""

    users: Collection[str] | None = None
    sessions: Collection[str] | None = None

    def lets_pass(self, user: str | None, session: str | None) -> bool:
        """Return whether an end user is one of those."""
        return (self.users is None or user in self.users) and (self.sessions is None or session in self.sessions)


EVERYBODY: Final = EndUserFilter()


@dataclass(frozen=True, slots=True)
class UsageReport:
    """The totals, and the same by group: one word for each dimension that was asked for, in that order.

    A call with several tags counts in each of their groups, so that groups by tag may come to more than the total.
    """

    total: Sums
    groups: dict[Group, Sums]


def usage_report(
    sums: UsageSums,
    tenant: TenantId,
    first: date,
    last: date,
    group_by: Sequence[Dimension],
    of: EndUserFilter = EVERYBODY,
) -> UsageReport:
    """Fold the parts of a period, both days included; one query a month, or two for those by end user.

    Raises `InvalidRequest` for end users by tag or provider key, which no sums have together.
    """
    total, groups = Sums(), dict[Group, Sums]()
    if of is not EVERYBODY or not OF_END_USERS.isdisjoint(group_by):
        parts = _by_end_user(sums, tenant, first, last, group_by, of)
    else:
        parts = ((words, part, 1) for words, part in _parts(sums, tenant, first, last, group_by))
    for words, part, sign in parts:
        total.add(part, sign)
        for group in words:
            groups.setdefault(group, Sums()).add(part, sign)
    filled = {group: part for group, part in groups.items() if not part.is_empty}
    return UsageReport(total, dict(sorted(filled.items())) if group_by else {})


def _by_end_user(
    sums: UsageSums, tenant: TenantId, first: date, last: date, group_by: Sequence[Dimension], of: EndUserFilter
) -> Iterator[tuple[list[Group], Sums, int]]:
    """Yield every part by end user; without a filter what names nobody too: all parts, less those that name somebody.

    Those are read first, so that what is posted in between leaves no group with less than nothing.
    """
    for dimension in group_by:
        if dimension not in BESIDE_END_USERS:
            raise InvalidRequest("group_by", f"has {dimension} beside user or session; ask for them one by one")
    kind: EndUserKind = "session" if "session" in group_by or of.sessions is not None else "user"
    others: list[Dimension] = [dimension for dimension in group_by if dimension not in OF_END_USERS]
    named = list(sums.by_end_user(tenant, first, last, kind))
    if of is EVERYBODY:
        for (group,), part in _parts(sums, tenant, first, last, others):
            words = dict(zip(others, group, strict=True))
            yield [tuple(words.get(dimension, NOBODY_NAMED) for dimension in group_by)], part, 1
    for day, cell, part in named:
        user, session = cell.end_user.user, cell.end_user.session
        words = {"day": day.isoformat(), "model": cell.model, "provider": cell.provider, "key": str(cell.service_key)}
        if of is EVERYBODY:
            yield [tuple(words[each] if each in others else NOBODY_NAMED for each in group_by)], part, -1
        if of.lets_pass(user, session):
            words |= {"user": user or NOBODY_NAMED, "session": session or NOBODY_NAMED}
            yield [tuple(words[dimension] for dimension in group_by)], part, 1


def _parts(
    sums: UsageSums, tenant: TenantId, first: date, last: date, group_by: Sequence[Dimension]
) -> Iterator[tuple[list[Group], Sums]]:
    """Yield every part with the groups that it counts in."""
    if OF_MODEL_SUMS.issuperset(group_by):
        for day, provider, model, part in sums.by_model(tenant, first, last):
            words = {"day": day.isoformat(), "model": model, "provider": provider}
            yield [tuple(words[dimension] for dimension in group_by)], part
        return
    for day, cell, part in sums.by_cell(tenant, first, last):
        words = {
            "day": day.isoformat(),
            "model": cell.model,
            "provider": cell.provider,
            "key": str(cell.service_key),
            "provider_key": str(cell.provider_key or ""),
        }
        tags = [f"{name}={value}" for name, value in cell.tags] if "tag" in group_by and cell.tags else [NO_TAG]
        yield [tuple((words | {"tag": tag})[dimension] for dimension in group_by) for tag in tags], part
