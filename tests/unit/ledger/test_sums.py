"""Sums of rows: exact money, disjoint counts, percentiles to within twelve per cent."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest

from atom_llm.domain.ledger.rows import AttemptStatus, LedgerRow, ledger_amount
from atom_llm.domain.ledger.sums import Sums, percentile
from testing.money_world import in_memory, usd


def row(cost: str = "0.01", status: AttemptStatus = AttemptStatus.SUCCEEDED, latency_ms: int | None = 100) -> LedgerRow:
    world = in_memory()
    settlement = replace(world.settlement(usd(cost), status), latency_ms=latency_ms)
    return LedgerRow(world.attempt(), settlement)


def sums_of(rows: Iterable[LedgerRow]) -> Sums:
    sums = Sums()
    for each in rows:
        sums.add_row(each)
    return sums


def test_each_status_is_counted_as_what_it_is() -> None:
    sums = sums_of(row(status=status) for status in AttemptStatus if status is not AttemptStatus.PENDING)
    assert (sums.calls, sums.failed, sums.refused, sums.swept, sums.corrections) == (3, 1, 1, 1, 1)


def test_a_million_tiny_costs_come_to_exactly_what_they_are() -> None:
    sums = Sums()
    for _ in range(1000):
        sums.add_row(row("0.0000000000000000000000000001"))
    sums.add(sums_of([row("1000000")]))
    assert sums.cost == usd("1000000.0000000000000000000000001")


@pytest.mark.parametrize("share", [0.5, 0.95, 0.99])
def test_a_percentile_is_off_by_at_most_twelve_per_cent(share: float) -> None:
    chance = Random(7)
    latencies = sorted(round(chance.lognormvariate(6.5, 0.8)) for _ in range(5000))
    found = percentile(sums_of(row(latency_ms=each) for each in latencies).latency, share)
    truth = latencies[int(share * len(latencies)) - 1]
    assert found is not None
    assert abs(found / truth - 1) < 0.125


def test_without_a_measured_call_there_is_no_percentile() -> None:
    assert percentile({}, 0.5) is None
    assert sums_of([row(status=AttemptStatus.FAILED)]).latency == {}


def test_an_amount_is_kept_exactly_down_to_its_28th_decimal_and_rounded_up_behind_it() -> None:
    exact = Decimal("0.1234567890123456789012345678")
    assert ledger_amount(exact) == exact
    finer, rounded = Decimal("0.123456789012345678901234567801"), Decimal("0.1234567890123456789012345679")
    assert ledger_amount(finer) == rounded
    assert ledger_amount(Decimal("2.9999900000000002e-06") * 7) == Decimal("0.0000209999300000000014")


def test_an_amount_beyond_any_call_is_refused() -> None:
    with pytest.raises(ValueError, match="beyond"):
        ledger_amount(Decimal("1e9") + 1)
