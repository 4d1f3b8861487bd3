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


HELD = "0.0003"  # USD


def proof(**changed: Any) -> dict[str, Any]:
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
    whole = {
        "total_usd": "0.00015",
        "charged_at": "lines",
        "hold_factor": "1",
        "price": {"published": {"input_cost_per_token": "0.00000015"}},
        "own_price": None,
    }
    in_line, of_all = ({k: v for k, v in changed.items() if k in part} for part in (line, whole))
    return whole | of_all | {"lines": [line | in_line]}


def faults(run: Run, **changed: Any) -> list[str]:
    found: list[str] = run(f"p.checkProof(given, '{HELD}')", proof(**changed))["faults"]
    return found


def own(**price: Any) -> dict[str, Any]:
    return {"own_price": {"price": {"model": None, "factor": None, "rates": None} | price}}


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"total_usd": HELD, "charged_at": "hold"},
        {"total_usd": "0.0001", "charged_at": "hold", "hold_factor": "3"},
        {"total_usd": "0.0001", "charged_at": "most"},
        own(factor="0.5") | {"rate_usd": "0.000000075", "amount_usd": "0.000075", "total_usd": "0.000075"},
        own(rates={"input_cost_per_token": "0.0000001"})
        | {"rate_usd": "0.0000001", "amount_usd": "0.0001", "total_usd": "0.0001"},
        {"rate_key": "claude-opus-5: input_cost_per_token", "price": {"published": {}}},
        {"rate_key": "search_context_cost_per_query (platform.claude.com pricing)", "price": {"published": {}}},
        {"price": {"published": None}},
    ],
)
def test_a_proof_holds_that_is_exact(run: Run, changed: dict[str, Any]) -> None:
    assert faults(run, **changed) == []


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"amount_usd": "0.000150000000000001"}, "input: 0.00015 is not 0.000150000000000001"),
        ({"total_usd": "0.00016"}, "the lines come to 0.00015, not 0.00016"),
        ({"rate_usd": "0.00000016", "amount_usd": "0.00016"}, "input: no published rate is 0.00000016"),
        (own(factor="0.5"), "input: no published rate is 0.00000015"),
        (
            {"total_usd": "0.0002", "charged_at": "hold"},
            "0.0002 is not the worst case: 0.0003 were held, 1 times that",
        ),
        ({"charged_at": "most"}, "the lines come to 0.00015, no more than 0.00015"),
    ],
)
def test_a_proof_that_differs_by_one_digit_is_none_and_says_where(
    run: Run, changed: dict[str, Any], fault: str
) -> None:
    assert fault in faults(run, **changed)
