"""Usage and spending of a period, from the sums, grouped as asked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger.sums import Sums
from atom_llm.ports.ledger import UsageSums

Dimension = Literal["day", "model", "provider", "key", "provider_key", "tag"]

OF_MODEL_SUMS: Final = frozenset({"day", "model", "provider"})  # the rest needs the finer cells
NO_TAG: Final = ""

Group = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UsageReport:
    """The totals, and the same by group: one word for each dimension that was asked for, in that order.

    A call with several tags counts in each of their groups, so that groups by tag may come to more than the total.
    """

    total: Sums
    groups: dict[Group, Sums]


def usage_report(
    sums: UsageSums, tenant: TenantId, first: date, last: date, group_by: Sequence[Dimension]
) -> UsageReport:
    """Fold the parts of a period, both days included; one query a month."""
    total, groups = Sums(), dict[Group, Sums]()
    for words, part in _parts(sums, tenant, first, last, group_by):
        total.add(part)
        for group in words:
            groups.setdefault(group, Sums()).add(part)
    return UsageReport(total, dict(sorted(groups.items())) if group_by else {})


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
