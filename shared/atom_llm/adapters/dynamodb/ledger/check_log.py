"""The progress of the daily check in DynamoDB: one item, written over the very revision that was read."""

from datetime import date

from atom_llm.adapters.dynamodb import keys
from atom_llm.adapters.dynamodb.table import ConditionFailed, Item, Table
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger.checks import CheckProgress


class DynamoCheckLog:
    """Implements `CheckLog` on the usage table."""

    def __init__(self, table: Table) -> None:
        """Take the usage table."""
        self._table = table

    def progress(self) -> CheckProgress | None:
        """Return how far it came. Consistent."""
        item = self._table.get(keys.CHECK_PROGRESS, consistent=True)
        return None if item is None else _progress(item)

    def put_progress(self, progress: CheckProgress) -> CheckProgress | None:
        """Write it, unless another process has written one meanwhile."""
        try:
            item = self._table.update(
                keys.CHECK_PROGRESS,
                "SET #day = :day, #after = :after, is_finished = :is_finished, revision = :next",
                {
                    ":day": progress.day.isoformat(),
                    ":after": progress.after,
                    ":is_finished": progress.is_finished,
                    ":next": progress.revision + 1,
                    ":was": progress.revision,
                },
                condition="revision = :was" if progress.revision else "attribute_not_exists(pk) OR revision = :was",
                names={"#day": "day", "#after": "after"},
            )
        except ConditionFailed:
            return None
        return _progress(item)


def _progress(item: Item) -> CheckProgress:
    after = item["after"]
    return CheckProgress(
        day=date.fromisoformat(item["day"]),
        after=None if after is None else TenantId(after),
        is_finished=item["is_finished"],
        revision=int(item["revision"]),
    )
