"""Differences between a bill and the ledger: each cause from its evidence, and amounts that come to the difference."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atom_llm.domain.core.ids import CallId
from atom_llm.domain.core.money import exact_sum
from atom_llm.domain.ledger.exports.line import CountedClass, LineKind
from atom_llm.domain.ledger.reconciliation.drafts import Correctable, CorrectableAttempt, drafted
from atom_llm.domain.ledger.reconciliation.explain import Cause, Comparison, Explanation, RowEvidence, explained
from atom_llm.domain.ledger.reconciliation.groups import BilledTotals, BookedTotals, Elsewhere, GroupKey
from atom_llm.domain.ledger.reconciliation.prices import GroupPrices, OtherPrices
from atom_llm.domain.pricing.units import Unit

DAY = date(2026, 11, 27)
KEY = GroupKey(DAY, LineKind.USAGE, "gpt-5")
RATES = {CountedClass.INPUT: Decimal("0.001"), CountedClass.OUTPUT: Decimal("0.01")}


def booked(inputs: int = 1000, outputs: int = 100, calls: int = 10, cost: str = "2", **more: Any) -> BookedTotals:
    units = {"openai/gpt-5": {Unit.INPUT: Decimal(inputs), Unit.OUTPUT: Decimal(outputs)}}
    return BookedTotals(Decimal(cost), units, calls, **more)


def billed(
    amount: str | None, inputs: int | None = 1000, outputs: int = 100, requests: int | None = 10, lines: int = 2
) -> BilledTotals:
    counts = {} if inputs is None else {CountedClass.INPUT: Decimal(inputs), CountedClass.OUTPUT: Decimal(outputs)}
    whole = None if amount is None else Decimal(amount)
    return BilledTotals(whole, counts, inputs is not None, requests, lines, wording="gpt-5")


def compared(bill: BilledTotals | None, ours: BookedTotals, tolerance: str = "0.00001", **more: Any) -> Comparison:
    total = exact_sum(
        RATES[CountedClass.INPUT if unit is Unit.INPUT else CountedClass.OUTPUT] * number
        for units in ours.units.values()
        for unit, number in units.items()
    )
    prices = GroupPrices(total, RATES, (OtherPrices("list of yesterday", 2 * total),))
    return Comparison(more.pop("key", KEY), bill, ours, Decimal(tolerance), more.pop("prices", prices), **more)


def causes(found: Comparison) -> dict[Cause, Decimal]:
    return {each.cause: each.amount for each in explained(found)}


LATE_OUT = RowEvidence(late_out=Decimal("0.2"), late_out_calls=1)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (compared(billed("2.2", 1100, 110, 11), booked()), {Cause.MISSING_CALL: "0.2"}),
        (compared(billed("1.8", 900, 90, 9), booked()), {Cause.NOT_BILLED: "-0.2"}),
        (compared(billed("1.8", 900, 90, 9), booked(), rows=LATE_OUT), {Cause.LATE_SETTLEMENT: "-0.2"}),
        (compared(billed("2.1", 1100, 100, 10), booked()), {Cause.COUNTED_OTHERWISE: "0.1"}),
        (compared(billed("4"), booked()), {Cause.PRICE: "2"}),
        (compared(billed("2.000004"), booked()), {Cause.ROUNDING: "0.000004"}),
        (compared(billed("4.4", 1100, 110, 11), booked()), {Cause.MISSING_CALL: "0.2", Cause.PRICE: "2.2"}),
        (compared(billed(None, 1100, 110, 11), booked()), {Cause.MISSING_CALL: "0.2"}),
        (compared(billed("4", None), booked()), {Cause.PRICE: "2"}),
        (compared(billed("2.1", None), booked()), {Cause.UNEXPLAINED: "0.1"}),
        (compared(billed("2.1", None), booked(failed=1)), {Cause.MISSING_CALL: "0.1"}),
        (compared(None, booked()), {Cause.NOT_BILLED: "-2"}),
        (compared(None, booked(cost="0.2"), rows=LATE_OUT), {Cause.LATE_SETTLEMENT: "-0.2"}),
        (compared(billed("3"), BookedTotals(), is_model_known=False), {Cause.NOT_THROUGH_US: "3"}),
        (compared(billed("2"), BookedTotals()), {Cause.MISSING_CALL: "2"}),
        (compared(billed("3"), booked(), key=KEY._replace(kind=LineKind.TAX)), {Cause.TAX: "1"}),
        (compared(billed("-3"), BookedTotals(), key=KEY._replace(kind=LineKind.CREDIT)), {Cause.CREDIT: "-3"}),
        (
            compared(billed("3"), BookedTotals(), key=KEY._replace(elsewhere=Elsewhere.BATCH)),
            {Cause.NOT_THROUGH_US: "3"},
        ),
        (
            compared(billed("3"), BookedTotals(), key=KEY._replace(elsewhere=Elsewhere.OTHER_KEY)),
            {Cause.NOT_THROUGH_US: "3"},
        ),
        (
            compared(
                billed("2.2", 1100, 110, 11),
                booked(cost="2.5", calls=11, swept=1),
                rows=RowEvidence(swept=Decimal("0.5")),
            ),
            {Cause.CHARGED_AT_ESTIMATE: "-0.3"},
        ),
        (
            compared(billed("5"), booked(cost="4", corrections=1), rows=RowEvidence(corrected=Decimal(2))),
            {Cause.PRICE: "3", Cause.CORRECTED: "-2"},
        ),
    ],
)
def test_a_difference_has_its_cause(found: Comparison, expected: dict[Cause, str]) -> None:
    assert causes(found) == {cause: Decimal(amount) for cause, amount in expected.items()}


def test_a_price_that_is_known_is_named() -> None:
    (found,) = explained(compared(billed("4"), booked()))
    assert found.note.endswith("that of the list of yesterday")


def test_equal_groups_are_not_explained() -> None:
    assert compared(billed("2"), booked()).is_equal
    assert compared(billed("2", None), booked()).is_equal
    assert compared(None, BookedTotals(failed=3)).is_equal
    assert not compared(billed("2", 1001), booked()).is_equal
    assert not compared(billed(None, 1000, 99), booked()).is_equal


def test_what_costs_nothing_need_not_be_on_a_bill_with_amounts() -> None:
    free = booked(cost="0")
    assert compared(None, free, has_costs=True).is_equal
    assert not compared(None, booked(), has_costs=True).is_equal
    assert not compared(None, free).is_equal  # a bill of counts alone lacks these


AMOUNTS = st.decimals(0, 1000, places=6)
COUNTS = st.integers(0, 10**6)


@given(
    AMOUNTS,
    st.none() | COUNTS,
    COUNTS,
    st.none() | st.integers(0, 50),
    st.builds(
        booked, COUNTS, COUNTS, st.integers(0, 50), AMOUNTS.map(str), failed=st.integers(0, 2), swept=st.integers(0, 2)
    ),
    st.builds(RowEvidence, AMOUNTS, st.just(1), AMOUNTS, st.just(1), AMOUNTS, AMOUNTS),
    st.booleans(),
)
def test_explanations_come_to_the_difference_exactly(
    amount: Decimal,
    inputs: int | None,
    outputs: int,
    requests: int | None,
    ours: BookedTotals,
    rows: RowEvidence,
    is_known: bool,
) -> None:
    found = compared(billed(str(amount), inputs, outputs, requests), ours, rows=rows, is_model_known=is_known)
    assert exact_sum(each.amount for each in explained(found)) == found.difference


CALLS = [CallId(f"01M844DZG0AD5WNQ0VF9ZREJA{number}") for number in range(4)]


def attempts(*costs: str) -> list[CorrectableAttempt]:
    return [CorrectableAttempt(call, "1", Decimal(cost)) for call, cost in zip(CALLS, costs, strict=False)]


def price(amount: str) -> list[Explanation]:
    return [Explanation(Cause.PRICE, Decimal(amount), "")]


def test_what_is_taken_off_leaves_no_attempt_below_nothing() -> None:
    made = drafted(KEY, price("-2.5"), Correctable(dearest=attempts("2", "1")), Decimal(1000), is_final=True)
    assert [(each.call_id, each.amount) for each in made.corrections] == [
        (CALLS[0], Decimal(-2)),
        (CALLS[1], Decimal("-0.5")),
    ]
    more = drafted(KEY, price("-5"), Correctable(dearest=attempts("2", "1")), Decimal(1000), is_final=True)
    assert (more.left, len(more.corrections)) == (Decimal(-2), 2)


def test_what_is_added_brings_no_attempt_above_the_most() -> None:
    made = drafted(KEY, price("9"), Correctable(dearest=attempts("2", "1")), Decimal(10), is_final=True)
    assert [each.amount for each in made.corrections] == [Decimal(8), Decimal(1)]


def test_a_missing_call_is_entered_beside_an_attempt_that_failed_or_not_at_all() -> None:
    missing = [Explanation(Cause.MISSING_CALL, Decimal(1), "")]
    beside = Correctable(dearest=attempts("5"), failed=attempts("0"))
    assert drafted(KEY, missing, beside, Decimal(1000), is_final=True).corrections[0].amount == 1
    alone = drafted(KEY, missing, Correctable(dearest=attempts("5")), Decimal(1000), is_final=True)
    assert (alone.corrections, alone.left) == ([], Decimal(1))


@pytest.mark.parametrize(
    "cause", [Cause.TAX, Cause.CREDIT, Cause.ROUNDING, Cause.LATE_SETTLEMENT, Cause.NOT_THROUGH_US]
)
def test_what_is_not_the_ledgers_is_not_corrected(cause: Cause) -> None:
    made = drafted(KEY, [Explanation(cause, Decimal(1), "")], Correctable(attempts("5")), Decimal(1000), is_final=True)
    assert (made.corrections, made.left) == ([], Decimal(0))


def test_what_is_not_billed_yet_is_corrected_once_the_day_is_final() -> None:
    unbilled = [Explanation(Cause.NOT_BILLED, Decimal(-1), "")]
    for is_final, count in ((False, 0), (True, 1)):
        made = drafted(KEY, unbilled, Correctable(attempts("5")), Decimal(1000), is_final=is_final)
        assert len(made.corrections) == count


def test_what_was_corrected_before_is_not_drafted_again() -> None:
    settled = [*price("3"), Explanation(Cause.CORRECTED, Decimal(-2), "")]
    made = drafted(KEY, settled, Correctable(attempts("5")), Decimal(1000), is_final=True)
    assert [each.amount for each in made.corrections] == [Decimal(1)]


def test_the_same_draft_has_the_same_id() -> None:
    once, again = (drafted(KEY, price("1"), Correctable(attempts("5")), Decimal(9), is_final=True) for _ in range(2))
    assert once == again
    assert len(once.corrections[0].correction_id) <= 32
