"""Exact dollars: what is a rate, and that nothing is ever rounded."""

from decimal import Decimal, Overflow
from fractions import Fraction
from time import thread_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atom_llm.domain.core.errors import InvalidRate, InvalidRequest
from atom_llm.domain.core.money import (
    EXACT,
    MAX_DIGITS,
    MAX_GIVEN_DIGITS,
    MAX_PLAIN_DIGITS,
    MAX_RATE_EXPONENT,
    given_decimal,
    per_million,
    plain,
    rate,
)

RATES = st.decimals(min_value=0, max_value=10**6, allow_nan=False, allow_infinity=False, places=18)


def test_a_float_is_read_as_it_is_spelt_and_not_as_its_binary_value() -> None:
    assert rate(2.5e-06, "k") == Decimal("0.0000025")
    assert rate(0.1, "k") == Decimal("0.1")


@pytest.mark.parametrize("value", ["0", "0.0", 0, 0.0, "1e-07", "0.0000001", 3, Decimal("0.25"), ".5", "5.", "+1"])
def test_what_spells_a_non_negative_number_is_a_rate(value: object) -> None:
    assert rate(value, "k") >= 0


@pytest.mark.parametrize("value", ["NaN", "nan", float("nan"), "sNaN", "Infinity", float("inf"), "-inf"])
def test_nan_and_infinity_are_no_rates(value: object) -> None:
    with pytest.raises(InvalidRate, match="is not finite"):
        rate(value, "k")


@pytest.mark.parametrize("value", ["-0.000001", -1, -1e-09, Decimal("-1E-30")])
def test_a_negative_rate_is_refused_however_small(value: object) -> None:
    with pytest.raises(InvalidRate, match="k is negative"):
        rate(value, "k")


@pytest.mark.parametrize("value", [None, True, False, [], {}, b"1"])
def test_what_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(InvalidRate, match="k is not a number"):
        rate(value, "k")


@pytest.mark.parametrize("value", ["", "one", "1,5", "1_000", " 1", "1\n", "٣", "１", "0x10", "1 e-6"])
def test_a_spelling_that_no_price_list_uses_is_refused(value: str) -> None:
    with pytest.raises(InvalidRate, match="k is not a decimal number"):
        rate(value, "k")


def test_the_refusal_names_the_key_and_not_the_value() -> None:
    with pytest.raises(InvalidRate) as refusal:
        rate("<script>", "input_cost_per_token")
    assert refusal.value.key == "input_cost_per_token"
    assert "<script>" not in str(refusal.value)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_rate_at_the_largest_exponent_is_read_and_one_digit_further_it_is_refused(sign: int) -> None:
    assert rate(f"1e{sign * MAX_RATE_EXPONENT}", "k") > 0
    with pytest.raises(InvalidRate, match="out of any price's range"):
        rate(f"1e{sign * (MAX_RATE_EXPONENT + 1)}", "k")


def test_a_rate_of_the_most_digits_is_read_and_one_digit_more_is_refused() -> None:
    assert rate(f"0.{'3' * MAX_DIGITS}", "k") > 0
    with pytest.raises(InvalidRate, match="out of any price's range"):
        rate(f"0.{'3' * (MAX_DIGITS + 1)}", "k")


@given(RATES, st.integers(0, 10**15))
def test_a_product_is_the_fraction_s_product(one: Decimal, quantity: int) -> None:
    assert Fraction(EXACT.multiply(one, quantity)) == Fraction(one) * quantity


def test_the_largest_amounts_add_to_the_smallest_without_rounding() -> None:
    huge, tiny = Decimal(f"1e{MAX_RATE_EXPONENT}"), Decimal(f"1e-{MAX_RATE_EXPONENT}")
    total = EXACT.add(EXACT.multiply(huge, 10**15), EXACT.multiply(tiny, Decimal("1e-12")))
    assert Fraction(total) == Fraction(huge) * 10**15 + Fraction(tiny) / 10**12


@pytest.mark.parametrize(
    ("amount", "text"),
    [("2.5E-6", "0.0000025"), ("0E+5", "0"), ("-0.0", "0"), ("1E+3", "1000"), ("1.500", "1.5"), ("100", "100")],
)
def test_an_amount_is_written_plainly(amount: str, text: str) -> None:
    assert plain(Decimal(amount)) == text


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9))
@settings(deadline=None)
def test_a_plain_amount_reads_back_as_the_same_and_has_no_exponent(amount: Decimal) -> None:
    text = plain(amount)
    assert Decimal(text) == amount
    assert "E" not in text
    assert not ("." in text and text.endswith(("0", ".")))


def test_a_price_a_million_is_a_million_times_the_price_a_token() -> None:
    assert per_million(Decimal("0.0000025")) == Decimal("2.5")


@pytest.mark.parametrize(
    "value", ["0", "0.02", "-1.50", "9" * 30, f"0.{'0' * 28}1", 5, 10**29, 0.5, 1e-07, Decimal("0.1")]
)
def test_a_given_decimal_is_exactly_what_was_written(value: str | float | Decimal) -> None:
    assert given_decimal("f", value) == Decimal(str(value))


@pytest.mark.parametrize(
    "value",
    [
        *(
            "1e999999999",
            "1e-999999999",
            "1E5",
            "1e-5",
            "NaN",
            "sNaN",
            "Infinity",
            "-inf",
            "",
            ".5",
            "5.",
            "+1",
            "1_0",
            " 1",
        ),
        *(
            "9" * (MAX_GIVEN_DIGITS + 1),
            "0" * (MAX_GIVEN_DIGITS + 1),
            f"0.{'0' * MAX_GIVEN_DIGITS}",
            "1" * 1_000_000,
            "١",
        ),
        *(10**30, -(10**30), 10**5000, 1e30, 1e300, 5e-324, float("inf"), float("nan"), Decimal("1e999999999")),
        *(True, None, [], {}),
    ],
    ids=lambda value: str(type(value).__name__),
)
def test_a_given_decimal_beyond_the_bounds_is_refused_by_its_fields_name_at_once(value: object) -> None:
    started = thread_time()
    with pytest.raises(InvalidRequest, match=r"^f must be a decimal in plain notation, of at most 30 digits$"):
        given_decimal("f", value)
    assert thread_time() - started < 1.0  # of the processor: what reads the exponent takes ten


def test_no_number_is_written_out_with_more_digits_than_an_exact_sum_has() -> None:
    assert len(plain(Decimal((0, (1,), MAX_PLAIN_DIGITS)))) == MAX_PLAIN_DIGITS + 1
    for beyond in ("1e999999999", "1e-999999999", f"1e{MAX_PLAIN_DIGITS + 1}"):
        with pytest.raises(Overflow):
            plain(Decimal(beyond))
