"""Corrections of a call's cost: a signed entry beside its row, which stays as it is."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from atom_llm.domain.core.audit import Actor
from atom_llm.domain.core.errors import Conflict, InvalidRequest, NotFound
from atom_llm.domain.core.ids import CallId, TenantId
from atom_llm.domain.core.money import EXACT, ZERO, exact_sum
from atom_llm.domain.ledger.budgets import USD
from atom_llm.domain.ledger.rows import Attempt, AttemptStatus, LedgerRow, Settlement, ledger_amount
from atom_llm.ports.core import Clock
from atom_llm.ports.ledger import BudgetWindows, Ledger
from atom_llm.services.core.audit_entries import audit_entry

MAX_CORRECTED_COST: Final = Decimal(1_000)  # USD of an attempt with its corrections; the dearest calls cost a tenth
FINISHED_BY_SWEEP_AFTER: Final = timedelta(seconds=60)  # a correction is three writes; what is open then has crashed
ENTER_ATTEMPTS: Final = 4  # of one who meets others that correct the same attempt at the same moment


class Signed(NamedTuple):
    """Who asks for a correction, and how many earlier ones of the attempt the bounds of its amount were taken from."""

    by: Actor
    earlier: int


class Corrections:
    """The entry of corrections of calls, each once."""

    def __init__(self, ledger: Ledger, windows: BudgetWindows, clock: Clock) -> None:
        self._ledger = ledger
        self._windows = windows
        self._clock = clock

    def enter(
        self,
        tenant: TenantId,
        call_id: CallId,
        attempt: str,
        correction_id: str,
        amount: Decimal,
        reason: str,
        by: Actor,
    ) -> LedgerRow:
        """Enter a signed amount in USD beside the row of an attempt; with the same id it is entered once.

        Raises `NotFound` for an attempt that has not ended or never was, `InvalidRequest` for an id whose correction
        is of another amount, and for an amount after which the attempt would have cost less than nothing or more than
        `MAX_CORRECTED_COST`, and `Conflict` while others keep correcting it.
        """
        for _ in range(ENTER_ATTEMPTS):
            try:
                row = self._entered(tenant, call_id, attempt, correction_id, amount, reason, by)
            except Conflict:
                continue  # somebody corrected the attempt since it was read: the bounds are others now
            if row.settlement.cost != amount:
                raise InvalidRequest("correction_id", "is taken by a correction of another amount")
            return row
        raise Conflict("the attempt is being corrected by several at this moment")

    def _entered(
        self,
        tenant: TenantId,
        call_id: CallId,
        attempt: str,
        correction_id: str,
        amount: Decimal,
        reason: str,
        by: Actor,
    ) -> LedgerRow:
        rows, waiting = self._ledger.call(tenant, call_id)
        corrected = next((row.attempt for row in rows if row.attempt.label == attempt), None)
        if corrected is None or corrected.is_correction:
            raise NotFound("there is no call of that id", call_id=call_id)
        prefix, now = f"{attempt}-c-", self._clock()
        label = f"{prefix}{correction_id}"
        told = {row.attempt.label: row.settlement.cost for row in rows}
        begun = {each.label: each.estimate for each in waiting if each.is_correction} | told
        earlier = {each: cost for each, cost in begun.items() if each.startswith(prefix)}
        if label not in begun:
            _check_bounds(exact_sum([begun[attempt], *earlier.values()]), amount)
        signed = Signed(by, len(earlier))
        return correct(self._ledger, self._windows, corrected, label, amount, reason, now, signed)


def _check_bounds(so_far: Decimal, amount: Decimal) -> None:
    """Raise `InvalidRequest` for an amount in USD that takes an attempt's cost so far out of its bounds."""
    corrected = EXACT.add(so_far, amount)
    if corrected < 0:
        raise InvalidRequest("amount_usd", "takes off more than the attempt cost with its corrections so far")
    if corrected > MAX_CORRECTED_COST:
        raise InvalidRequest("amount_usd", f"brings the attempt's cost above {MAX_CORRECTED_COST:,} USD")


def correct(
    ledger: Ledger,
    windows: BudgetWindows,
    corrected: Attempt,
    label: str,
    amount: Decimal,
    reason: str,
    now: datetime,
    signed: Signed | None = None,
) -> LedgerRow:
    """Enter a signed amount in USD under a label of its own; with the same label it is entered once.

    A correction that a caller asks for is written with its audit entry, and raises `Conflict` where it was signed over
    other corrections than there are; `signed` None is the service itself, whose sweep was too early. It counts in the
    windows that the attempt counted in, whatever their limits say, for the money is spent.
    """
    entry = replace(
        corrected,
        label=label,
        opened_at=now,
        deadline=now + FINISHED_BY_SWEEP_AFTER,
        hold=ZERO,
        estimate=ledger_amount(amount),
        is_correction=True,
        note=reason,
    )
    rows, waiting = ledger.call(entry.tenant, entry.call_id)
    for row in rows:
        if row.attempt.label == label:
            return row
    for begun in waiting:
        if begun.label == label:
            return finish(ledger, windows, begun, now)
    if signed is None:
        ledger.open(entry)
    else:
        told = audit_entry(signed.by, "usage.corrected", f"{entry.call_id} {label}", entry.tenant, now)
        ledger.open_correction(entry, corrected, signed.earlier, told)
    return finish(ledger, windows, entry, now)


def finish(ledger: Ledger, windows: BudgetWindows, entry: Attempt, now: datetime) -> LedgerRow:
    """Write an open correction's row and enter it in the windows; the entry itself has all that is needed."""
    row = ledger.settle(LedgerRow(entry, Settlement(AttemptStatus.CORRECTION, now, entry.estimate, reason=entry.note)))
    for ref in entry.windows:
        if ref.unit == USD:
            windows.correct(entry.tenant, ref, entry.hold_id, row.settlement.cost)
    return row
