"""List what a newer price file says that an older one did not, by the money that it would move.

`python -m local.price_keys FILE [BASE]`. An amount is USD over 1,000 calls of 2,000 tokens in and 500 out, of each row
that has the key: what the key's rate differs from the rate that stands in for it, what a multiplier adds, or one unit a
call. Without BASE every key is listed that is not read. A key that nobody has looked at yet fails the check.
"""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Final

from atom_llm.adapters.sources import litellm
from atom_llm.domain.catalogue.catalogue import ModelEntry, compiled
from atom_llm.domain.catalogue.errors import UnreadableSource
from atom_llm.domain.core.money import ZERO, plain
from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.domain.pricing.cost import Unpriced, cost
from atom_llm.domain.pricing.price_keys import is_acknowledged
from atom_llm.domain.pricing.rates import Rates
from atom_llm.domain.pricing.units import INPUT_TOKEN, OUTPUT_TOKEN, Unit
from atom_llm.domain.pricing.usage import Usage

USAGE: Final = "usage: make price-keys FILE=model_prices….json [BASE=older.json]"
CALLS, TOKENS_IN, TOKENS_OUT = 1_000, 2_000, 500
TYPICAL: Final = Usage({Unit.INPUT: TOKENS_IN, Unit.OUTPUT: TOKENS_OUT}, TOKENS_IN)


@dataclass(slots=True)
class KeyUse:
    """How a file uses a key: in how many rows, in how many that are called, and the amounts; None where unknowable."""

    key: str
    is_read: bool
    rows: int = 0
    called: int = 0
    amounts: list[Decimal | None] = field(default_factory=list)

    @property
    def is_new_to_us(self) -> bool:
        """Return whether the key may move money and nobody has looked at it."""
        return not self.is_read and not is_acknowledged(self.key)

    @property
    def moved(self) -> Decimal:
        """Return the sum of the amounts that are known."""
        return sum((each for each in self.amounts if each is not None), ZERO)

    def __str__(self) -> str:
        """One line for a person."""
        known = [each for each in self.amounts if each is not None]
        money = f"{_usd(self.moved)} USD, {_usd(median(known))} at the median" if known else "nobody knows how much"
        standing = "read" if self.is_read else "NOT LOOKED AT" if self.is_new_to_us else "unread, as is known"
        return f"{self.key}: {standing}; {self.rows} rows, {self.called} of them called; {money}"


def uses(entries: Mapping[str, ModelEntry]) -> dict[str, KeyUse]:
    """Return every key of a file that speaks of money, with its use."""
    found: dict[str, KeyUse] = {}
    for entry in entries.values():
        rates = compiled(entry)
        for key, value, is_read in _leaves(entry, rates):
            use = found.setdefault(key, KeyUse(key, is_read))
            use.is_read = use.is_read and is_read
            use.rows += 1
            use.called += entry.provider in PROVIDER_BY_ID
            use.amounts.append(_moved(key, value, rates))
    return found


def listed(newer: Mapping[str, KeyUse], older: Mapping[str, KeyUse] | None) -> list[KeyUse]:
    """Return the new keys of a newer file, without an older one the unread; what nobody has looked at comes first."""
    wanted = [use for key, use in newer.items() if (not use.is_read if older is None else key not in older)]
    return sorted(wanted, key=lambda use: (not use.is_new_to_us, -use.moved, use.key))


def _leaves(entry: ModelEntry, rates: Rates) -> Iterator[tuple[str, object, bool]]:
    """Yield each key with its value and whether it is read; of a table, the keys within."""
    unread = rates.unread or {}
    for key, value in (entry.published or {}).items():
        left = unread.get(key)
        if isinstance(value, Mapping):
            for name, each in value.items():
                yield f"{key}.{name}", each, key not in unread or (isinstance(left, Mapping) and name not in left)
        elif isinstance(value, list):
            for name in {name for each in value if isinstance(each, Mapping) for name in each}:
                yield f"{key}.{name}", None, key not in unread
        else:
            yield key, value, key not in unread


def _moved(key: str, value: object, rates: Rates) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except ArithmeticError:
        return None
    if not number.is_finite():
        return None
    if "multiplier" in key or key.startswith("provider_specific_entry."):
        return abs(number - 1) * _typical(rates) if "free" not in key else None
    if "cost" not in key:
        return None
    if "token" in key:
        name, tokens = (OUTPUT_TOKEN, TOKENS_OUT) if key.startswith("output") else (INPUT_TOKEN, TOKENS_IN)
        base = rates.step(name, TOKENS_IN, "")
        return abs(number - (base.rate if base else ZERO)) * tokens * CALLS
    return number * CALLS


def _typical(rates: Rates) -> Decimal:
    try:
        return cost(TYPICAL, rates).total * CALLS
    except Unpriced as refusal:
        return refusal.priced.total * CALLS


def _usd(amount: Decimal) -> str:
    return plain(amount.quantize(Decimal("0.01")))


def main(arguments: list[str]) -> int:
    """List the keys; the exit code is 1 where one of them has not been looked at."""
    if len(arguments) not in (1, 2):
        print(USAGE, file=sys.stderr)
        return 2
    try:
        newer, *older = (uses(litellm.read(Path(name).read_bytes()).entries) for name in arguments)
    except (OSError, UnreadableSource) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 2
    found = listed(newer, older[0] if older else None)
    for use in found:
        print(use)
    strange = [use.key for use in newer.values() if use.is_new_to_us]
    print(f"{len(found)} listed; not looked at: {', '.join(sorted(strange)) or 'none'}")
    return 1 if strange else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
