"""Exact US dollars: reading, multiplying and writing decimals without a rounding anywhere."""

from decimal import Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow

from atom_llm.domain.errors import InvalidRate

EXACT = Context(prec=100, traps=[Inexact, InvalidOperation, Overflow, DivisionByZero])
"""Arithmetic that raises rather than rounds; 100 digits hold any count times any published rate."""

ZERO = Decimal(0)
ONE = Decimal(1)
TOKENS_PER_MILLION = Decimal(1_000_000)

MAX_RATE_EXPONENT = 40  # digits either side of the point; "1e999999" is a finite Decimal and a gigabyte as plain text


def rate(value: object, key: str) -> Decimal:
    """A published rate in USD per unit, from a JSON number or a decimal string.

    Raises `InvalidRate` naming the key when it is not a finite, non-negative decimal of a sane size.
    A float is read by its shortest decimal form, which is how the price file spells it.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise InvalidRate(key, "is not a number")
    try:
        number = Decimal(repr(value) if isinstance(value, float) else value)
    except InvalidOperation:
        raise InvalidRate(key, "is not a decimal number") from None
    if not number.is_finite():
        raise InvalidRate(key, "is not finite")
    if number < 0:
        raise InvalidRate(key, "is negative")
    if number and abs(number.adjusted()) > MAX_RATE_EXPONENT:
        raise InvalidRate(key, "is out of any price's range")
    return number


def plain(amount: Decimal) -> str:
    """A decimal string with no exponent and no trailing zeros: `0.0000025`, never `2.5E-6`."""
    if not amount:
        return "0"
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def per_million(amount: Decimal) -> Decimal:
    """USD per token as USD per million tokens."""
    return EXACT.multiply(amount, TOKENS_PER_MILLION)
