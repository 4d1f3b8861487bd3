"""Narrowed holds as calls use them: remembered for seconds, looked up behind a call, and ended by a person."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from secrets import token_hex
from typing import Final

from atom_llm.domain.core.audit import Actor
from atom_llm.domain.core.errors import Conflict, StoreUnavailable
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.core.money import plain
from atom_llm.domain.ledger.narrowing import ExcessBill, Narrowing, excess_bill
from atom_llm.domain.ledger.rows import Attempt
from atom_llm.observability import emit, logger
from atom_llm.ports.core import Clock
from atom_llm.ports.ledger import NarrowingStore
from atom_llm.process_cache import BoundedMap, ReadThrough
from atom_llm.services.core.audit_entries import audit_entry

KNOWN_FOR: Final = timedelta(seconds=30)  # how late a process hears of a model that was narrowed, or acknowledged
WRITE_ATTEMPTS: Final = 4  # by processes that narrow the same model at the same moment; then it waits for the next look
MOST_UNWRITTEN: Final = 1_000  # bills that a process remembers while the table does not take them


class NarrowedHolds(ReadThrough[None, Mapping[str, Narrowing]]):
    """The models whose holds are narrowed, all of them under the one key None.

    The last known ones hold while the table is unavailable; before it ever answered, reading raises
    `StoreUnavailable`: without it nobody knows what a hold has to cover.
    """

    def __init__(self, store: NarrowingStore, clock: Clock, behind: Executor | None = None) -> None:
        """Take the store; with `behind` only a process that has not asked for a while waits for it."""
        super().__init__(lambda _: self._told(), clock, KNOWN_FOR, 1, despite="narrowed holds", behind=behind)
        self._store = store
        self._now = clock
        self._unwritten: BoundedMap[tuple[str, TenantId], ExcessBill] = BoundedMap(MOST_UNWRITTEN)

    def report(self, attempt: Attempt, cost: Decimal) -> None:
        """Tell of a bill in USD above its hold, and narrow the model's next holds: here at once, elsewhere in seconds.

        No call fails for what cannot be written now; it is tried again with the next look.
        """
        logger().error(
            "billed above its hold",
            call_id=attempt.call_id,
            label=attempt.label,
            model=attempt.model,
            hold=plain(attempt.hold),
            cost=plain(cost),
        )
        emit({"SpendAboveHold": ("Count", 1)}, {"group": "byok"})
        bill, known = excess_bill(attempt, cost, self._now()), self.last(None) or {}
        there = known.get(attempt.model)
        if bill is None or (there is not None and there.with_bill(bill) is there):
            return
        self._unwritten.put((attempt.model, attempt.tenant), bill)
        self.put(None, self._with_unwritten(known))
        try:
            self.anew(None)
        except StoreUnavailable as error:
            logger().warning("a narrowed hold waits to be written", model=attempt.model, exc_info=error)

    def listed(self) -> Sequence[Narrowing]:
        """Return the narrowed models as they are stored now, the one with the highest bill first."""
        return sorted(self._store.all(), key=lambda each: (-each.bills[0].times, each.model))

    def acknowledge(self, model: str, revision: str | None, by: Actor) -> Narrowing | None:
        """End a model's narrowing for all tenants, with its audit entry; returns it, or None where there is none.

        Raises `Conflict` where it is not the one of `revision` any more: somebody has to look again.
        """
        seen = self._store.of(model)
        if seen is None:
            return None
        entry = audit_entry(by, "narrowing.acknowledged", model, by.tenant, self._now())
        if (revision is not None and seen.revision != revision) or not self._store.acknowledge(seen, entry):
            raise Conflict("the model was billed above its hold again, or acknowledged, since it was looked at")
        self.forget(None)
        return seen

    def _told(self) -> Mapping[str, Narrowing]:
        for (model, tenant), bill in self._unwritten.items():
            if self._is_written(model, bill):
                self._unwritten.pop((model, tenant))
        return self._with_unwritten({each.model: each for each in self._store.all()})

    def _with_unwritten(self, known: Mapping[str, Narrowing]) -> Mapping[str, Narrowing]:
        found = dict(known)
        for (model, _), bill in self._unwritten.items():
            found[model] = (found.get(model) or Narrowing(model, bill.at, ())).with_bill(bill)
        return found

    def _is_written(self, model: str, bill: ExcessBill) -> bool:
        for _ in range(WRITE_ATTEMPTS):
            there = self._store.of(model)
            changed = (there or Narrowing(model, bill.at, ())).with_bill(bill)
            if changed is there:
                return True
            before = "" if there is None else there.revision
            if self._store.save(replace(changed, revision=token_hex(8)), before=before):
                return True
        return False
