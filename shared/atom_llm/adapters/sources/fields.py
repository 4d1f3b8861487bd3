"""Reading a source's JSON strictly, and its fields one by one: what is not of the expected kind is absent."""

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

from atom_llm.domain.catalogue.errors import UnreadableSource
from atom_llm.domain.catalogue.suspicion import MAX_USD_PER_TOKEN
from atom_llm.domain.core.errors import InvalidRate
from atom_llm.domain.core.money import plain, rate

MAX_DEPTH: Final = 10  # of tables within a row's prices; the deepest real one has 4
MOST_TOKENS: Final = 10**12  # and beyond it no limit of any model
MAX_NAME_LENGTH: Final = 256  # characters; the longest real key has 96


def strict_json(source: str, body: bytes) -> object:
    """Read a whole answer, decimals as their text; raises `UnreadableSource` for duplicate keys, NaN and infinity."""
    try:
        return json.loads(body, parse_float=str, parse_constant=refuse_constant, object_pairs_hook=unique)
    except (ValueError, RecursionError) as error:
        raise UnreadableSource(source, f"invalid JSON: {str(error)[:200]}") from None


def unit_rate(value: object, key: str, units: int = 1_000_000, *, most: Decimal | None = MAX_USD_PER_TOKEN) -> str:
    """Return USD per unit as a plain decimal, from a price of so many units, a power of ten.

    Raises `InvalidRate` when it is no price, or is `most` a unit and more.
    """
    found = _a_unit(rate(value, key), units)
    if most is not None and found.usd >= most:
        raise InvalidRate(key, f"is {found.text} a unit, beyond any price")
    return found.text


class _UnitRate(NamedTuple):
    usd: Decimal
    text: str


@lru_cache(maxsize=4096)  # a list of thousands of models has a few hundred prices
def _a_unit(price: Decimal, units: int) -> _UnitRate:
    found = price.scaleb(1 - len(str(units)))
    return _UnitRate(found, plain(found))


def tokens(value: object) -> int | None:
    """Return a non-negative whole number, also where it is spelt `2e5` or `128000.0`; None for anything else."""
    if value is None or isinstance(value, bool) or not isinstance(value, int | str):
        return None
    if isinstance(value, int):
        return value if 0 <= value < MOST_TOKENS else None
    try:
        number = Decimal(value)
    except ArithmeticError:
        return None
    return int(number) if number.is_finite() and 0 <= number < MOST_TOKENS and number == int(number) else None


def words(value: object) -> tuple[str, ...]:
    """Return the strings of a list."""
    return tuple(word for word in value if isinstance(word, str)) if isinstance(value, list) else ()


def day(value: object) -> date | None:
    """Return an ISO date, or the date of an ISO instant; None for anything else."""
    try:
        return date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None


def is_name(text: str) -> bool:
    """Return whether a text can name a row or a provider: short, printable, and so without a tab or a line break."""
    return 0 < len(text) <= MAX_NAME_LENGTH and text.isprintable()


def published(value: object, key: str, depth: int = MAX_DEPTH) -> object:
    """Return a price as published; raises `InvalidRate` for tables nested too deep to be compared."""
    if not isinstance(value, dict | list):
        return value
    if not depth:
        raise InvalidRate(key, "is nested too deep")
    for each in value.values() if isinstance(value, dict) else value:
        published(each, key, depth - 1)
    return value


def unique(pairs: list[tuple[str, object]]) -> Mapping[str, object]:
    """Refuse equal keys, for `json.loads(object_pairs_hook=…)`: readers differ in which of the two they believe."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def refuse_constant(name: str) -> object:
    """Refuse NaN and the infinities, which are not JSON, for `json.loads(parse_constant=…)`."""
    raise ValueError(f"{name} is not JSON")
