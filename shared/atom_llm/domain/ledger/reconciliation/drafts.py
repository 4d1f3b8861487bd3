"""Drafts of corrections: signed amounts beside the attempts that a difference is about, for an operator to enter."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Context, Decimal
from hashlib import sha256
from typing import Final, NamedTuple

from atom_llm.domain.core.ids import CallId
from atom_llm.domain.core.money import EXACT, ZERO, exact_sum, plain
from atom_llm.domain.ledger.reconciliation.explain import Cause, Explanation
from atom_llm.domain.ledger.reconciliation.groups import GroupKey

CORRECTION_STEP: Final = Decimal("1e-12")  # USD; a correction takes no finer amount
MAX_DRAFTS: Final = 50  # of one group
_DOWN: Final = Context(prec=60, rounding=ROUND_DOWN)


class CorrectableAttempt(NamedTuple):
    """An attempt that an amount may be entered beside, and its cost so far in USD, corrections included."""

    call_id: CallId
    label: str
    cost: Decimal


@dataclass(slots=True)
class Correctable:
    """A group's attempts that amounts may be entered beside: its dearest, those that failed, those at an estimate."""

    dearest: list[CorrectableAttempt] = field(default_factory=list)
    failed: list[CorrectableAttempt] = field(default_factory=list)
    swept: list[CorrectableAttempt] = field(default_factory=list)


class DraftCorrection(NamedTuple):
    """A correction as the operator may enter it: a signed amount in USD, and an id that enters it once."""

    call_id: CallId
    attempt: str
    amount: Decimal
    reason: str
    correction_id: str


class Drafted(NamedTuple):
    """Corrections, and the USD for which there is no attempt to enter them beside."""

    corrections: list[DraftCorrection]
    left: Decimal


def drafted(
    key: GroupKey,
    explanations: Sequence[Explanation],
    attempts: Correctable,
    most: Decimal,
    *,
    is_final: bool,
) -> Drafted:
    """Draft the corrections of a group's differences that are the ledger's to correct.

    No attempt is brought below 0 USD, or above `most`. Taxes, credits, roundings, calls of another day, and what never
    came through this service are nothing to correct; what the provider has not billed is, once a day `is_final`.
    """
    found: list[DraftCorrection] = []
    left = ZERO
    settled = exact_sum(each.amount for each in explanations if each.cause is Cause.CORRECTED)
    known = {each: each.cost for each in (*attempts.dearest, *attempts.failed, *attempts.swept)}
    for each in explanations:
        beside = _beside(each.cause, attempts, is_final=is_final)
        if beside is None:
            continue
        rest, settled = _less(each.amount, settled)
        rest = rest.quantize(CORRECTION_STEP, context=_DOWN)
        for attempt in beside:
            if not rest or len(found) == MAX_DRAFTS:
                break
            so_far = known[attempt]
            share = max(rest, -so_far) if rest < 0 else min(rest, most - so_far)
            share = share.quantize(CORRECTION_STEP, context=_DOWN)
            if not share:
                continue
            known[attempt] = EXACT.add(so_far, share)
            rest = EXACT.subtract(rest, share)
            found.append(_correction(key, each, attempt, share))
        left = EXACT.add(left, rest)
    return Drafted(found, left)


def _beside(cause: Cause, attempts: Correctable, *, is_final: bool) -> list[CorrectableAttempt] | None:
    """Return the attempts that a cause is entered beside; None where it is nothing to correct."""
    match cause:
        case Cause.MISSING_CALL:
            return attempts.failed
        case Cause.CHARGED_AT_ESTIMATE:
            return attempts.swept
        case Cause.PRICE | Cause.COUNTED_OTHERWISE:
            return attempts.dearest
        case Cause.NOT_BILLED:
            return attempts.dearest if is_final else None
        case _:
            return None


def _less(amount: Decimal, settled: Decimal) -> tuple[Decimal, Decimal]:
    """Return an amount without what corrections of the opposite sign have settled of it, and what is left of these."""
    if amount * settled >= 0:
        return amount, settled
    both = EXACT.add(amount, settled)
    return (both, ZERO) if both * amount > 0 else (ZERO, both)


def _correction(key: GroupKey, each: Explanation, attempt: CorrectableAttempt, share: Decimal) -> DraftCorrection:
    said = "|".join((key.day.isoformat(), key.model, each.cause, attempt.call_id, attempt.label, plain(share)))
    named = sha256(said.encode()).hexdigest()[:20]
    reason = f"reconciled with the bill of {key.day} for {key.model[:100]}: {each.cause}"
    return DraftCorrection(attempt.call_id, attempt.label, share, reason, f"reconciled-{named}")
