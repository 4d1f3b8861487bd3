"""The daily check of all tenants, in slices that resume at the next one: none is left out, however many there are."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.core.money import plain
from atom_llm.domain.ledger.checks import CheckProgress
from atom_llm.observability import emit, logger
from atom_llm.ports.core import Clock
from atom_llm.ports.ledger import CheckLog
from atom_llm.services.ledger.check_sums import SumCheck, SumChecker

NOTED_EVERY: Final = 50  # tenants; a process that dies loses no more of its work
DIMENSIONS: Final = {"group": "byok"}


@dataclass(slots=True)
class CheckRun:
    """The result of a slice: days that are checked for every tenant now, and what was found.

    `is_finished`: there was nothing left to check.
    """

    days: int = 0
    found: SumCheck = field(default_factory=SumCheck)
    is_finished: bool = False


class DailyCheck:
    """The check of yesterday, which no call can join any more, for one tenant after the other."""

    def __init__(
        self,
        checker: SumChecker,
        log: CheckLog,
        tenants: Callable[[TenantId | None], Iterator[TenantId]],
        clock: Clock,
    ) -> None:
        """Take the checker of one tenant; `tenants` returns all ids of tenants behind one, in their order."""
        self._checker = checker
        self._log = log
        self._tenants = tenants
        self._clock = clock

    def run(self, until: datetime) -> CheckRun:
        """Check up to yesterday, until an instant; the next run goes on where this one stopped.

        What differs is told, in a log line and a metric, before the progress is noted: it may be told twice.
        """
        run = CheckRun()
        yesterday = self._clock().date() - timedelta(days=1)
        noted = self._log.progress()
        progress = noted.following(yesterday) if noted is not None else CheckProgress(yesterday)
        while progress is not None:
            behind = self._check_day(progress, until, run)
            if behind is None:
                return run
            run.days += 1
            progress = behind.following(yesterday)
        run.is_finished = True
        return run

    def _check_day(self, progress: CheckProgress, until: datetime, run: CheckRun) -> CheckProgress | None:
        """Check a day of the tenants that are left; None where time is out, or another process has gone on."""
        found = SumCheck()
        for tenant in self._tenants(progress.after):
            self._checker.check(tenant, progress.day, found)
            progress = replace(progress, after=tenant)
            is_late = self._clock() >= until
            if is_late or found.tenants == NOTED_EVERY:
                noted = self._note(progress, found, run)
                if noted is None or is_late:
                    return None
                progress, found = noted, SumCheck()
        return self._note(replace(progress, is_finished=True), found, run)

    def _note(self, progress: CheckProgress, found: SumCheck, run: CheckRun) -> CheckProgress | None:
        emit({"LedgerDrift": ("Count", len(found.drift)), "OrphanedHolds": ("Count", found.orphans)}, DIMENSIONS)
        if found.drift:
            drift = {name: plain(amount) for name, amount in found.drift.items()}
            logger().error("the ledger and its sums differ", drift=drift)
        run.found.add(found)
        return self._log.put_progress(progress)
