"""What a provider billed and what the ledger booked, in groups that can be compared: a day, a model, a key."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.core.money import EXACT, ONE, ZERO
from atom_llm.domain.ledger.exports.line import COUNTED_AS, CountedClass, ExportedLine, LineKind
from atom_llm.domain.ledger.sums import Sums
from atom_llm.domain.pricing.units import Unit

SHOWN_PLACES: Final = 5  # lines of an export that an answer names for a group
SEARCHES: Final = "web searches"
_SEARCHES: Final = re.compile(r"\bweb[ _-]?search", re.IGNORECASE)


class Elsewhere(StrEnum):
    """Why a line can be of no call of this service: another API, or a key that is not stored here."""

    BATCH = "batch"
    OTHER_KEY = "other key"


class GroupKey(NamedTuple):
    """The group that is compared. `model` is a model group, or for other kinds what the provider calls the line.

    `key` is the provider key's id here where the groups are by key; for lines of other keys the provider's name of it.
    """

    day: date
    kind: LineKind
    model: str
    key: str | None = None
    elsewhere: Elsewhere | None = None


@dataclass(slots=True)
class BilledTotals:
    """The lines of a group together. `amount` is None where no costs were given, `requests` where none are counted.

    `counts` can be compared where `is_counted`. `batch` is what of them went through the batch API, where the
    amounts do not tell it apart.
    """

    amount: Decimal | None = None
    counts: dict[CountedClass, Decimal] = field(default_factory=dict)
    is_counted: bool = False
    requests: int | None = None
    lines: int = 0
    places: list[str] = field(default_factory=list)
    wording: str = ""
    models: set[str] = field(default_factory=set)
    batch: dict[CountedClass, Decimal] = field(default_factory=dict)
    batch_requests: int = 0


@dataclass(slots=True)
class BookedTotals:
    """The ledger's sums of a group; `units` by the id of each model that is part of it, `cost` in USD."""

    cost: Decimal = ZERO
    units: dict[str, dict[Unit, Decimal]] = field(default_factory=dict)
    calls: int = 0
    failed: int = 0
    swept: int = 0
    corrections: int = 0

    def add(self, model: str, sums: Sums) -> None:
        """Add a model's sums."""
        self.cost = EXACT.add(self.cost, sums.cost)
        self.calls += sums.calls
        self.failed += sums.failed
        self.swept += sums.swept
        self.corrections += sums.corrections
        units = self.units.setdefault(model, {})
        for unit, quantity in sums.units.items():
            units[unit] = EXACT.add(units.get(unit, ZERO), quantity)

    @property
    def counts(self) -> dict[CountedClass, Decimal]:
        """The units by the classes that exports count; others are none of an export's."""
        found: dict[CountedClass, Decimal] = {}
        for units in self.units.values():
            for unit, quantity in units.items():
                if (counted := COUNTED_AS.get(unit)) is not None and quantity:
                    found[counted] = EXACT.add(found.get(counted, ZERO), quantity)
        return found

    @property
    def is_something(self) -> bool:
        """Return whether there is anything that a provider may have billed."""
        return bool(self.cost or self.calls or self.failed)


def are_searches_apart(lines: Iterable[ExportedLine]) -> bool:
    """Return whether an export bills web searches in lines of their own, beside those of models."""
    return any(line.kind is LineKind.SERVICE and _SEARCHES.search(line.wording) for line in lines)


def billed_groups(
    costs: Iterable[ExportedLine],
    usage: Iterable[ExportedLine] | None,
    group_of: Callable[[str], str],
    keys: Mapping[str, str] | None,
) -> dict[GroupKey, BilledTotals]:
    """Sum up an export's lines by group; counts are those of `usage` where it is given, else what costs say.

    Raises `InvalidRequest`, naming the line, where groups are to be by key and a model's line names none.
    """
    costs = list(costs)
    apart, mixed = are_searches_apart(costs), bool(costs) and not any(line.is_batch for line in costs)
    groups: dict[GroupKey, BilledTotals] = {}
    for line in costs:
        found = groups.setdefault(_group(line, group_of, keys), BilledTotals(is_counted=usage is None))
        _tell(found, line)
        found.amount = EXACT.add(found.amount or ZERO, line.amount or ZERO)
        if usage is None:
            found.is_counted &= bool(line.counts)
            _count(found.counts, line.counts)
    for line in usage or ():
        place = _group(line, group_of, keys)
        counts, is_mixed = dict(line.counts), mixed and place.elsewhere is Elsewhere.BATCH
        if is_mixed:
            place = place._replace(elsewhere=None)
        if apart and (searches := counts.pop(CountedClass.WEB_SEARCHES, ZERO)):
            beside = groups.setdefault(place._replace(kind=LineKind.SERVICE, model=SEARCHES), BilledTotals())
            _count(beside.counts, {CountedClass.WEB_SEARCHES: searches})
            beside.is_counted = True
        found = groups.setdefault(place, BilledTotals())
        _tell(found, line)
        found.is_counted = True
        _count(found.counts, counts)
        if is_mixed:
            _count(found.batch, counts)
            found.batch_requests += line.requests or 0
        if line.requests is not None:
            found.requests = (found.requests or 0) + line.requests
    return groups


def step_of(lines: Iterable[ExportedLine]) -> Decimal:
    """Return the step, in USD, that an export's amounts are written in: the finest digit that any of them has."""
    digits = [
        -int(line.amount.normalize(EXACT).as_tuple().exponent)
        for line in lines
        if line.amount is not None and line.amount
    ]
    return ONE.scaleb(-max(digits)) if digits else ZERO


def _group(line: ExportedLine, group_of: Callable[[str], str], keys: Mapping[str, str] | None) -> GroupKey:
    if line.model is None or line.kind is LineKind.CREDIT:
        named = SEARCHES if line.kind is LineKind.SERVICE and _SEARCHES.search(line.wording) else line.wording
        return GroupKey(line.day, line.kind, named)
    key, elsewhere = None, Elsewhere.BATCH if line.is_batch else None
    if keys is not None:
        if line.key is None:
            raise InvalidRequest(f"{line.place}.api_key_id", "is empty, and `keys` is given: group the export by key")
        key = keys.get(line.key)
        if key is None:
            key, elsewhere = line.key, elsewhere or Elsewhere.OTHER_KEY
    return GroupKey(line.day, line.kind, group_of(line.model), key, elsewhere)


def _tell(totals: BilledTotals, line: ExportedLine) -> None:
    totals.lines += 1
    totals.wording = totals.wording or line.wording
    if line.model is not None:
        totals.models.add(line.model)
    if len(totals.places) < SHOWN_PLACES:
        totals.places.append(line.place)


def _count(totals: dict[CountedClass, Decimal], counts: Mapping[CountedClass, Decimal]) -> None:
    for counted, quantity in counts.items():
        if quantity:
            totals[counted] = EXACT.add(totals.get(counted, ZERO), quantity)
