"""The progress of the daily check through days and tenants."""

from dataclasses import dataclass
from datetime import date, timedelta

from atom_llm.domain.core.ids import TenantId


@dataclass(frozen=True, slots=True)
class CheckProgress:
    """How far the check came: `day` is checked for every tenant up to `after`, for all of them where it is finished.

    `revision` counts the writes, so that of two processes one goes on.
    """

    day: date
    after: TenantId | None = None
    is_finished: bool = False
    revision: int = 0

    def following(self, last: date) -> "CheckProgress | None":
        """Return where the check goes on; None where every day up to the last one is finished."""
        if not self.is_finished:
            return self
        if self.day >= last:
            return None
        return CheckProgress(self.day + timedelta(days=1), revision=self.revision)
