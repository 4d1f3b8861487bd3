"""Published rates as routes show them."""

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from atom_llm.domain.core.money import MAX_RATE_EXPONENT, plain

WEEKDAYS: Final = "weekdays"  # of off-peak hours: numbers of days, no rates
# As JSON spells numbers: the price file's are kept as text, beside texts that are none ("0930").
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,99})(?:\.[0-9]{1,99})?(?:[eE][+-]?[0-9]{1,9})?")


def plain_rates(published: Mapping[str, object]) -> dict[str, Any]:
    """Return published rates with every number as a plain decimal string; days and texts stay as they are."""
    return {key: value if key == WEEKDAYS else _plain(value) for key, value in published.items()}


def _plain(value: object) -> object:
    if isinstance(value, str):
        return _plain_text(value)
    if isinstance(value, Mapping):
        return plain_rates(value)
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, int) and not isinstance(value, bool) and _NUMBER.fullmatch(str(value)):
        return _plain_text(str(value))
    return value


@lru_cache(maxsize=16_384)  # a price file spells thirty thousand rates with three thousand different texts
def _plain_text(text: str) -> str:
    if not _NUMBER.fullmatch(text):
        return text
    number = Decimal(text)
    return plain(number) if not number or abs(number.adjusted()) <= MAX_RATE_EXPONENT else text
