"""Tenants: they pay, their days begin in their own time zones, and one of them operates the deployment."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from atom_llm.domain.core.ids import ServiceKeyId, TenantId
from atom_llm.domain.ledger.windows import BudgetCalendar, WindowSpan

TENANT_PATTERN: Final = r"^[a-z0-9][a-z0-9-]{1,38}[a-z0-9]$"
MAX_TENANT: Final = 40  # characters
MAX_NAME: Final = 80  # characters

_ZONE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}")


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant. The admins of the operator's (`is_operator`), the deployment's first one, manage every tenant.

    `time_zone` is a name of the IANA database, `ran` the windows of budgets that ran when it was last changed. With
    `hashes_end_users` its books have hashes in place of the names of its end users and their sessions. `created_by` is
    the service key that asked for it, None where that is not known.
    """

    id: TenantId
    name: str
    time_zone: str
    created_at: datetime
    is_operator: bool = False
    deleted_at: datetime | None = None
    created_by: ServiceKeyId | None = None
    hashes_end_users: bool = False
    ran: tuple[WindowSpan, ...] = ()

    @property
    def calendar(self) -> BudgetCalendar:
        """The windows of its budgets."""
        return BudgetCalendar(ZoneInfo(self.time_zone), self.ran)


def is_repetition(asked: Tenant, stored: Tenant) -> bool:
    """Return whether a stored tenant is what this very request made when it came before, its answer having been lost:
    the same caller asked for the same, and nobody has changed or deleted it since."""
    return replace(asked, created_at=stored.created_at) == stored


def is_time_zone(name: str) -> bool:
    """Return whether the time zone database knows a name; a continent is none."""
    if not _ZONE.fullmatch(name):
        return False
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        return False
    return True
