"""The agreement of the sources about a row: who says what of each rate, and if the one in force is the majority's."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Literal

from atom_llm.domain.catalogue.catalogue import ModelEntry, compiled
from atom_llm.domain.catalogue.lending import in_sources_words, stated
from atom_llm.domain.catalogue.statements import NOTHING_SAID, RowStatements, Statement, Statements, amount
from atom_llm.domain.catalogue.suspicion import rates_by_key
from atom_llm.domain.core.money import EXACT, ZERO, plain
from atom_llm.domain.pricing.units import INPUT_TOKEN, OUTPUT_TOKEN, RATES_OF, Unit

Verdict = Literal["alone", "agreed", "majority", "disputed"]
"""alone: one source says anything; agreed: all say what is in force; majority: more than half do; disputed: not so."""

VERDICTS: Final[tuple[Verdict, ...]] = ("alone", "agreed", "majority", "disputed")  # the later, the more doubt

_UNIT_OF: Final[Mapping[str, Unit]] = {names[0]: unit for unit, names in RATES_OF.items()}

SLIPPED: Final = 10  # times; a list of which most base rates are so far from those in force has other units
ENOUGH_TO_TELL: Final = 10  # base rates that a list and the catalogue both have, before its units are judged
MAX_UNCONFIRMED: Final = 2  # times, either way: a maker's price that moves so far is confirmed, or waits


@dataclass(frozen=True, slots=True)
class RateAgreement:
    """The word of every source on one rate of a row, USD per unit.

    `source` is whose rate is in force, `since` the day from which nobody has changed their word.
    """

    key: str
    in_force: Decimal
    source: str
    statements: Sequence[Statement]
    verdict: Verdict
    since: date | None

    @property
    def spread(self) -> Decimal:
        """USD per unit between the lowest and the highest word."""
        said = [self.in_force, *(each.rate for each in self.statements)]
        return max(said) - min(said)


def agreements(entry: ModelEntry, statements: Statements) -> list[RateAgreement]:
    """Return how the sources agree about each rate in force that an independent list speaks of."""
    said, days_of_own = statements.about(entry), statements.believed_since(entry)
    own = in_sources_words(entry)
    found: list[RateAgreement] = []
    for key, of_lists in said.items():
        in_force = stated(entry.published or {}, key)
        if in_force is None:
            continue
        lender = (entry.lent or {}).get(key)
        words = list(of_lists)
        own_word = stated(own.published or {}, key)
        if own_word is not None:
            words.insert(0, Statement(entry.source, own_word, days_of_own.get(key)))
        days = [each.since for each in words if each.since is not None]
        found.append(
            RateAgreement(
                key=key,
                in_force=in_force,
                source=lender.source if lender is not None else entry.source,
                statements=words,
                verdict=_verdict(in_force, words),
                since=max(days) if days else None,
            )
        )
    return found


def worst(agreed: Iterable[RateAgreement]) -> Verdict:
    """Return the verdict with the most doubt; `alone` where no list speaks of the row."""
    return max((each.verdict for each in agreed), key=VERDICTS.index, default="alone")


def _verdict(in_force: Decimal, words: Sequence[Statement]) -> Verdict:
    agreeing = sum(amount(each.rate) == amount(in_force) for each in words)
    if agreeing == len(words):
        return "alone" if len(words) == 1 else "agreed"
    return "majority" if agreeing * 2 > len(words) else "disputed"


def at_stake(agreed: Iterable[RateAgreement], used: Mapping[Unit, Decimal]) -> Decimal:
    """Return the USD between the sources' lowest and highest word on what was used; rates of long prompts aside."""
    total = ZERO
    for each in agreed:
        quantity = used.get(_UNIT_OF[each.key]) if each.key in _UNIT_OF else None
        if quantity:
            total = EXACT.add(total, EXACT.multiply(each.spread, quantity))
    return total


def slipped(entries: Iterable[ModelEntry], statements: Statements) -> dict[str, str]:
    """Return by source in words why a list is not believed as a whole, by the base rates of makers' rows in force."""
    compared, far = Counter[str](), Counter[str]()
    for entry in entries:
        said = statements.about(entry) if entry.first_party else NOTHING_SAID
        own = in_sources_words(entry).published or {}
        for key in (INPUT_TOKEN, OUTPUT_TOKEN):
            rate = stated(own, key) if key in said else None
            for each in said.get(key, ()) if rate else ():
                if rate and each.rate:
                    compared[each.source] += 1
                    far[each.source] += each.rate >= rate * SLIPPED or each.rate * SLIPPED <= rate
    return {
        source: f"{far[source]} of {count} base rates are {SLIPPED} times off and more: its units have slipped"
        for source, count in compared.items()
        if count >= ENOUGH_TO_TELL and far[source] * 2 > count
    }


@dataclass(frozen=True, slots=True)
class Doubt:
    """Reasons to doubt a change of a maker's price, with the evidence.

    `is_contradicted`: another source speaks of the rate, and says something else; time alone then confirms nothing.
    """

    reasons: Sequence[str]
    is_contradicted: bool


def unconfirmed(before: ModelEntry, entry: ModelEntry, said: RowStatements) -> Doubt | None:
    """Return the doubt about a maker's price that halves or doubles without another source's word; None without any.

    A rate that no list speaks of (a batch's) is confirmed by the base rate's.
    """
    if not entry.first_party or before.published == entry.published:
        return None
    was, now = rates_by_key(compiled(before)), rates_by_key(compiled(entry))
    moved = {key for key in was.keys() & now.keys() if amount(was[key][1]) != amount(now[key][1])}
    base_is_confirmed = any(
        key in moved and _says(said.get(key, ()), now[key][1]) for key in (INPUT_TOKEN, OUTPUT_TOKEN)
    )
    reasons: list[str] = []
    is_contradicted = False
    for key in sorted(moved):
        old, new = was[key][1], now[key][1]
        evidence = said.get(key, ())
        if not (new * MAX_UNCONFIRMED <= old or new >= old * MAX_UNCONFIRMED) or not old:
            continue
        if _says(evidence, new) or (not evidence and base_is_confirmed):
            continue
        is_contradicted = is_contradicted or bool(evidence)
        words = ", ".join(f"{each.source} says {plain(each.rate)}" for each in evidence) or "no other source has it"
        reasons.append(f"{key} went from {plain(old)} to {plain(new)}, unconfirmed: {words}")
    return Doubt(reasons, is_contradicted) if reasons else None


def _says(statements: Iterable[Statement], rate: Decimal) -> bool:
    return any(amount(each.rate) == amount(rate) for each in statements)
