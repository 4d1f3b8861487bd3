"""Reconciliations as their route answers them."""

from collections.abc import Mapping
from decimal import Decimal

from atom_llm.domain.ledger.exports.line import CountedClass
from atom_llm.domain.ledger.reconciliation.drafts import DraftCorrection
from atom_llm.domain.ledger.reconciliation.explain import Explanation
from atom_llm.domain.ledger.reconciliation.groups import BilledTotals, BookedTotals
from atom_llm.services.ledger.reconciliation.reconcile_usage import ExplainedGroup, Reconciliation
from functions.byok.bills import schemas_reconcile as schemas


def reconciliation(provider: str, found: Reconciliation) -> schemas.ReconciliationOut:
    """Return a reconciliation, as it is shown."""
    return schemas.ReconciliationOut(
        provider=provider,
        from_day=found.first,
        to_day=found.last,
        lines=found.lines,
        matched=found.matched,
        billed_usd=found.billed,
        booked_usd=found.booked,
        by_cause={str(cause): amount for cause, amount in sorted(found.by_cause.items())},
        differences=[_difference(each) for each in found.groups],
        unread_fields=sorted(found.unread),
        rows_complete=found.rows_complete,
    )


def _difference(group: ExplainedGroup) -> schemas.DifferenceOut:
    of, drafted = group.comparison, group.drafted
    return schemas.DifferenceOut(
        day=of.key.day,
        kind=str(of.key.kind),
        model=of.key.model,
        key=of.key.key,
        billed=None if of.billed is None else _billed(of.billed),
        booked=_booked(of.booked) if of.booked.is_something else None,
        difference_usd=of.difference,
        explanations=[_explanation(each) for each in group.explanations],
        corrections=None if drafted is None else [_draft(each) for each in drafted.corrections],
        undrafted_usd=None if drafted is None else drafted.left,
    )


def _billed(of: BilledTotals) -> schemas.BilledOut:
    return schemas.BilledOut(
        amount_usd=of.amount,
        counts=_counts(of.counts) if of.is_counted else None,
        requests=of.requests,
        lines=of.places,
        line_count=of.lines,
    )


def _booked(of: BookedTotals) -> schemas.BookedOut:
    return schemas.BookedOut(
        cost_usd=of.cost,
        counts=_counts(of.counts),
        calls=of.calls,
        failed_attempts=of.failed,
        swept=of.swept,
        corrections=of.corrections,
        models=sorted(of.units),
    )


def _explanation(of: Explanation) -> schemas.ExplanationOut:
    return schemas.ExplanationOut(cause=str(of.cause), amount_usd=of.amount, calls=of.calls, note=of.note)


def _draft(of: DraftCorrection) -> schemas.DraftCorrectionOut:
    return schemas.DraftCorrectionOut(
        call_id=of.call_id,
        attempt=of.attempt,
        amount_usd=of.amount,
        reason=of.reason,
        correction_id=of.correction_id,
    )


def _counts(of: Mapping[CountedClass, Decimal]) -> dict[str, Decimal]:
    return {str(counted): number for counted, number in sorted(of.items())}
