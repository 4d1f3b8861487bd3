"""Correct what a call is said to have cost: a signed entry beside its row, which stays as it is."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from atom_llm.domain.core.money import ZERO
from atom_llm.domain.ledger.rows import Attempt, LedgerRow, Settlement, Status, ledger_amount
from atom_llm.ports.ledger import BudgetWindows, Ledger

FINISHED_BY_SWEEP_AFTER: Final = timedelta(seconds=60)  # a correction is three writes; what is open then has crashed


def correct(
    ledger: Ledger,
    windows: BudgetWindows,
    corrected: Attempt,
    label: str,
    amount: Decimal,
    reason: str,
    now: datetime,
) -> LedgerRow:
    """Enter a signed amount in USD under a label of its own; with the same label it is entered once.

    It counts in the windows that the attempt counted in, whatever their limits say, for the money is spent.
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
    ledger.open(entry)
    return finish(ledger, windows, entry, now)


def finish(ledger: Ledger, windows: BudgetWindows, entry: Attempt, now: datetime) -> LedgerRow:
    """Write an open correction's row and enter it in the windows; the entry itself says all that is needed."""
    row = ledger.settle(LedgerRow(entry, Settlement(Status.CORRECTION, now, entry.estimate, reason=entry.note)))
    for ref in entry.windows:
        windows.correct(entry.tenant, ref, entry.hold_id, row.settlement.cost)
    return row
