"""The audit entries on changes of what all tenants share; they stand in the log of the operator's tenant."""

from collections.abc import Callable

from atom_llm.domain.core.audit import SCHEDULE, Action, Actor, AuditEntry
from atom_llm.domain.core.ids import TenantId
from atom_llm.ports.core import Clock
from atom_llm.services.core.audit_entries import audit_entry


class SharedChanges:
    """Makes out the entries on changes by the operator, and on those that the deployment makes by its schedule."""

    def __init__(
        self, operator: Callable[[], TenantId | None], record: Callable[[AuditEntry], None], clock: Clock
    ) -> None:
        """Take what finds the operator's tenant, and what writes an entry whose act has changed nothing."""
        self._operator = operator
        self._record = record
        self._clock = clock

    def entry(self, by: Actor | None, action: Action, subject: str) -> AuditEntry | None:
        """Return the entry of a change that is about to be made, by its schedule where nobody asked for it.

        None where the schedule runs in a deployment that has no operator yet, and so nobody's log.
        """
        if by is None:
            operator = self._operator()
            if operator is None:
                return None
            by = Actor(operator, SCHEDULE)
        return audit_entry(by, action, subject, by.tenant, self._clock())

    def record(self, entry: AuditEntry) -> None:
        """Write the entry of an act that was asked for and has changed nothing."""
        self._record(entry)


class PendingEntry:
    """The entry of an act of several writes: it goes with the first of them, and with no other."""

    def __init__(self, entry: AuditEntry | None, *, is_asked_for: bool) -> None:
        """`is_asked_for`: the act is told of whatever it writes; else only where it puts something new in force."""
        self._entry = entry
        self._is_asked_for = is_asked_for

    def with_news(self) -> AuditEntry | None:
        """Return the entry, once, for a write that puts something new in force."""
        entry, self._entry = self._entry, None
        return entry

    def with_any_write(self) -> AuditEntry | None:
        """Return the entry, once, for a write that keeps books only; None where nobody asked for the act."""
        return self.with_news() if self._is_asked_for else None
