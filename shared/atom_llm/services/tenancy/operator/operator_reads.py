"""The entries on what the operator reads of a tenant, in the audit log of that tenant."""

from atom_llm.domain.core.audit import Actor
from atom_llm.ports.core import Clock
from atom_llm.ports.tenancy import AuditLog
from atom_llm.services.core.audit_entries import audit_entry

MAX_SUBJECT = 200  # characters of a path; ids are checked behind it


class OperatorReads:
    """The record of reads on behalf of a tenant; changes are told of by their own entries."""

    def __init__(self, log: AuditLog, clock: Clock) -> None:
        self._log = log
        self._clock = clock

    def record(self, by: Actor, path: str) -> None:
        """Write down that the operator reads a path of the tenant that it acts for; nothing is read before."""
        self._log.record(audit_entry(by, "operator.read", path[:MAX_SUBJECT], by.acts_for, self._clock()))
