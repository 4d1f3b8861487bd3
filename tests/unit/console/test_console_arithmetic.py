"""The console's exact arithmetic beside Python's, and its proofs: what differs by one digit is not proved."""

import random
from collections.abc import Callable
from decimal import Context, Decimal, Inexact
from typing import Any

import pytest

from tests.unit.console.conftest import Run

EXACTLY = Context(prec=400, traps=[Inexact])


def texts(count: int) -> list[str]:
    """Decimals of many shapes, the same in each run."""
    drawn = random.Random(17)
    shapes: list[Callable[[], str]] = [
        lambda: str(drawn.randint(-(10**12), 10**12)),
        lambda: f"{drawn.randint(-9999, 9999)}.{drawn.randint(0, 10**18):018d}",
        lambda: f"{drawn.randint(1, 99999)}e-{drawn.randint(1, 20)}",
        lambda: "0",
    ]
    return [drawn.choice(shapes)() for _ in range(count)]


def test_sums_products_and_comparisons_are_those_of_python_s_decimals(run: Run) -> None:
    pairs = list(zip(texts(300), texts(300)[::-1], strict=True))
    found = run(
        "given.map(([a, b]) => { const [x, y] = [d.decimal(a), d.decimal(b)];"
        " return [d.plain(d.plus(x, y)), d.plain(d.minus(x, y)), d.plain(d.times(x, y)), d.compare(x, y)]; })",
        pairs,
    )
    for (left, right), (total, difference, product, order) in zip(pairs, found, strict=True):
        a, b = Decimal(left), Decimal(right)
        assert (Decimal(total), Decimal(difference), Decimal(product)) == (
            EXACTLY.add(a, b),
            EXACTLY.subtract(a, b),
            EXACTLY.multiply(a, b),
        )
        assert order == (a > b) - (a < b)
        assert "e" not in total.lower()


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("1." + "0" * 27 + "1", "1.0000000000000000000000000001"),
        ("1." + "0" * 28 + "1", "1.0000000000000000000000000001"),
    ],
)
def test_what_is_finer_than_the_ledger_keeps_is_rounded_up(run: Run, value: str, shown: str) -> None:
    assert run("d.plain(d.roundedUp(d.decimal(given), 28))", value) == shown


def test_more_places_leave_a_value_and_its_rank_as_they_were(run: Run) -> None:
    given = texts(200)
    found = run("given.map((text) => [d.decimal(text), d.withPlaces(d.decimal(text), 20)].map(d.plain))", given)
    assert all(before == after for before, after in found)
    order = "given.slice(1).map((text, at) => d.compare({}(given[at]), {}(text)))"
    padded = "((each) => d.withPlaces(d.decimal(each), 20))"
    assert run(order.format(padded, padded), given) == run(order.format("d.decimal", "d.decimal"), given)


def test_what_is_no_decimal_is_refused(run: Run) -> None:
    for text in ("", "1,5", "0x10", "NaN", "1e9999", " 1"):
        refused = run("(() => { try { d.decimal(given); return false; } catch { return true; } })()", text)
        assert refused, text


def test_numbers_of_json_stay_the_texts_that_they_were(run: Run) -> None:
    body = '{"a": 1e-7, "b": [0.30, -2], "c": "say \\"1.0\\"", "d": true, "1.50": null}'
    assert run("j.numbersAsTexts(given)", body) == {
        "a": "1e-7",
        "b": ["0.30", "-2"],
        "c": 'say "1.0"',
        "d": True,
        "1.50": None,
    }


def proof(**changed: str) -> dict[str, Any]:
    """A proof of one line: 1,000 tokens at 0.00000015 USD."""
    line = {
        "unit": "input",
        "side": "input",
        "quantity": "1000",
        "rate_usd": "0.00000015",
        "rate_key": "input_cost_per_token",
        "multiplier": "1",
        "amount_usd": "0.00015",
    }
    return {
        "lines": [line | changed],
        "total_usd": changed.get("total_usd", "0.00015"),
        "price": {"published": {"input_cost_per_token": "0.00000015"}},
    }


def test_a_proof_holds_that_is_exact(run: Run) -> None:
    assert run("p.checkProof(given)", proof())["faults"] == []


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"amount_usd": "0.000150000000000001"}, "input: 0.00015 is not 0.000150000000000001"),
        ({"total_usd": "0.00016"}, "the lines come to 0.00015, not 0.00016"),
        ({"rate_usd": "0.00000016", "amount_usd": "0.00016"}, "input: no published rate is 0.00000016"),
    ],
)
def test_a_proof_that_differs_by_one_digit_is_none_and_says_where(
    run: Run, changed: dict[str, str], fault: str
) -> None:
    assert fault in run("p.checkProof(given)", proof(**changed))["faults"]
