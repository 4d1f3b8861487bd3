"""Exact US dollars: reading, multiplying and writing decimals without a rounding anywhere."""

import re
from collections.abc import Iterable
from decimal import Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow
from functools import lru_cache

from atom_llm.domain.core.errors import InvalidRate, InvalidRequest

EXACT = Context(prec=1000, traps=[Inexact, InvalidOperation, Overflow, DivisionByZero])
"""Arithmetic that raises rather than rounds; 1000 digits hold any quantity times a rate times every multiplier."""

ZERO = Decimal(0)
ONE = Decimal(1)
TOKENS_PER_MILLION = Decimal(1_000_000)

MAX_RATE_EXPONENT = 40  # digits either side of the point; "1e999999" is a finite Decimal and a gigabyte as plain text
_FOREIGN = re.compile(r"[^0-9A-Za-z.+-]", re.ASCII)
MAX_RATE_TEXT = 100  # characters; longer than any spelling of a rate within the limits below
MAX_DIGITS = 40  # significant ones of a rate or a quantity; real rates have up to 20
MAX_GIVEN_DIGITS = 30  # of a decimal that a caller gives, zeros included; a trillion dollars to 10⁻¹⁸ has 31
MAX_PLAIN_DIGITS = EXACT.prec  # either side of the point of what is written out; no exact sum has more
_GIVEN = re.compile(r"-?[0-9]+(?:\.[0-9]+)?", re.ASCII)


def rate(value: object, key: str) -> Decimal:
    """Return a published rate in USD per unit, from a JSON number or a decimal string.

    Raises `InvalidRate` naming the key when it is not a finite, non-negative decimal of a sane size. A float is read by
    its shortest decimal form, which is how the price file spells it.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise InvalidRate(key, "is not a number")
    text = repr(value) if isinstance(value, float) else str(value)
    found = _read(text) if len(text) <= MAX_RATE_TEXT else "is out of any price's range"
    if isinstance(found, str):
        raise InvalidRate(key, found)
    return found


@lru_cache(maxsize=16_384)  # a price file spells thirty thousand rates with three thousand different texts
def _read(text: str) -> Decimal | str:
    """Return the rate that a text spells, or else the fault of the text, as the end of a sentence."""
    try:
        number = decimal(text)
    except InvalidOperation:
        return "is not a decimal number"
    if not number.is_finite():
        return "is not finite"
    if number < 0:
        return "is negative"
    if (number and abs(number.adjusted()) > MAX_RATE_EXPONENT) or len(number.as_tuple().digits) > MAX_DIGITS:
        return "is out of any price's range"
    return number


def decimal(value: str | float | Decimal) -> Decimal:
    """Return the decimal that a number or a text spells; raises `InvalidOperation` where it spells none.

    `Decimal` itself also takes "1_0", " 1 " and digits of other scripts, none of which any price list writes.
    """
    if isinstance(value, str) and _FOREIGN.search(value):
        raise InvalidOperation
    return Decimal(repr(value) if isinstance(value, float) else value)


def given_decimal(field: str, value: object, digits: int = MAX_GIVEN_DIGITS) -> Decimal:
    """Return the decimal that a caller gives in a header, a query, a body or a cursor: a text or a JSON number.

    Raises `InvalidRequest` naming the field for everything but plain notation of at most `digits` digits: a few
    characters of an exponent would cost gigabytes as soon as anything adds to the number or writes it out.
    """
    text = ""
    if isinstance(value, float):  # JSON's own notation is gone after parsing; a double has 309 digits at most
        text = f"{Decimal(repr(value)):f}"
    elif isinstance(value, str | Decimal) or (type(value) is int and abs(value) < 10**digits):
        text = str(value)
    if len(text) > digits + len("-.") or not _GIVEN.fullmatch(text) or sum(map(str.isdigit, text)) > digits:
        raise InvalidRequest(field, f"must be a decimal in plain notation, of at most {digits} digits")
    return Decimal(text)


def exact_sum(amounts: Iterable[Decimal]) -> Decimal:
    """Return the sum of amounts, without a rounding."""
    total = ZERO
    for amount in amounts:
        total = EXACT.add(total, amount)
    return total


def plain(amount: Decimal) -> str:
    """Return a decimal string with no exponent and no trailing zeros: `0.0000025`, never `2.5E-6`.

    Raises `Overflow` above `MAX_PLAIN_DIGITS` digits before the point or behind it.
    """
    if not amount:
        return "0"
    exponent = amount.as_tuple().exponent
    if not isinstance(exponent, int) or max(amount.adjusted(), -exponent) > MAX_PLAIN_DIGITS:
        raise Overflow(f"more than {MAX_PLAIN_DIGITS} digits would be written")
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def per_million(amount: Decimal) -> Decimal:
    """Convert USD per token to USD per million tokens."""
    return EXACT.multiply(amount, TOKENS_PER_MILLION)
