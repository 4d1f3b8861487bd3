"""`python -m benchmarks.growth`: what grows with a deployment, each at three sizes; fails where a curve is too steep.

A curve's steepness is the power of the size that its figure grows with between the smallest and the largest: 0 is flat,
1 grows as the size does. Figures are seconds of processor time, the least of some rounds, or counts of requests.
"""

import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from itertools import cycle
from math import log
from time import thread_time
from typing import Final

from atom_llm.adapters.seed import load_quality_seed, load_seed
from atom_llm.domain.catalogue.catalogue import Catalogue, decode, encode
from atom_llm.domain.core.ids import ServiceKeyId, TenantId
from atom_llm.domain.ledger.sums import Sums
from atom_llm.domain.ledger.told_tags import VALUES_A_DAY, told_apart
from atom_llm.domain.pricing.token_estimate import tokens_of_texts
from atom_llm.domain.registry.quality import decode_set
from atom_llm.domain.registry.search import SearchIndex
from atom_llm.domain.tiers.classify import classify
from atom_llm.ports.ledger import SumCell
from atom_llm.services.catalogue.price_history import HistoryFilter, changes, history
from atom_llm.services.catalogue.read_catalogue import CatalogueInForce
from atom_llm.services.ledger.check_sums import SumCheck, SumChecker
from atom_llm.services.ledger.daily_check import DailyCheck
from atom_llm.services.ledger.reports.report_usage import usage_report
from benchmarks.aged_book import MODEL, aged_book
from benchmarks.real_files import ROOT
from testing.fakes.ledger.check_log import CheckLogInMemory
from testing.fakes.ledger.rows import LedgerInMemory
from testing.fakes.ledger.sums import SumsInMemory

ROUNDS: Final = 3
SECONDS: Final = "s"
ALIAS: Final = "claude-4.5-sonnet"
MONTH: Final = 30  # days
SLICE: Final = timedelta(minutes=4)
A_TENANT: Final = timedelta(milliseconds=125)  # of a check on real tables: 2,400 tenants took five minutes


@dataclass(frozen=True, slots=True)
class Curve:
    """A figure at three sizes: it may grow with the size to the power of `steepness`, and be `most` at the largest."""

    what: str
    sizes: tuple[int, int, int]
    of: str
    unit: str
    steepness: float
    most: float
    figure: Callable[[int], float]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A curve with its figures."""

    curve: Curve
    figures: tuple[float, ...]

    @property
    def steepness(self) -> float:
        """Return the power of the size that the figures grow with."""
        first, last = self.figures[0], self.figures[-1]
        return log(last / first) / log(self.curve.sizes[-1] / self.curve.sizes[0])

    @property
    def holds(self) -> bool:
        """Return whether it is as flat, and at its largest as little, as the curve says."""
        return self.steepness <= self.curve.steepness and self.figures[-1] <= self.curve.most


def drawn(curve: Curve) -> Drawn:
    """Measure a curve."""
    return Drawn(curve, tuple(curve.figure(size) for size in curve.sizes))


def table(found: Sequence[Drawn]) -> Iterator[str]:
    """Yield the lines of a table in Markdown."""
    yield "| | at | figures | grows with the power | may | |"
    yield "|---|---|---|---|---|---|"
    for each in found:
        curve = each.curve
        sizes = " · ".join(f"{size:,}" for size in curve.sizes)
        figures = " · ".join(_said(figure, curve.unit) for figure in each.figures)
        limits = f"{curve.steepness:g}, {_said(curve.most, curve.unit)}"
        verdict = "met" if each.holds else "**missed**"
        yield f"| {curve.what} | {sizes} {curve.of} | {figures} | {max(0, each.steepness):.2f} | {limits} | {verdict} |"


def _said(figure: float, unit: str) -> str:
    return f"{figure * 1000:,.1f} ms" if unit == SECONDS else f"{figure:,.0f} {unit}"


def _cheapest(work: Callable[[int], object]) -> float:
    """Return the processor time of the cheapest round; each is told its number, to begin without what is remembered."""
    taken = []
    for number in range(ROUNDS):
        started = thread_time()
        work(number)
        taken.append(thread_time() - started)
    return min(taken)


# What is measured


def _estimate(size: int) -> float:
    said = [_conversation(size, number) for number in range(ROUNDS)]
    return _cheapest(lambda number: tokens_of_texts(said[number]))


def _classified(size: int) -> float:
    said = [
        [{"role": "user", "content": "fix it"}, *({"role": "assistant", "content": text} for text in texts)]
        for texts in (_conversation(size, number) for number in range(ROUNDS))
    ]
    return _cheapest(lambda number: classify(said[number]))


def _conversation(size: int, number: int) -> list[str]:
    """Paragraphs of the repository's own pages, numbered so that none was ever seen."""
    pages = [each.read_text() for each in sorted((ROOT / "docs").glob("*.md"))]
    taken, length = [], 0
    for at, text in enumerate(cycle([each for page in pages for each in page.split("\n\n")])):
        taken.append(f"{size} {number} {at} {text}")
        length += len(taken[-1])
        if length >= size:
            return taken
    raise AssertionError("there are pages")


def _history(days: int) -> float:
    book, counted = aged_book(days)
    seed = load_seed()
    in_force = CatalogueInForce(decode(seed.snapshot), book.head(), seed.as_of)
    before = counted.queries
    assert history(book, in_force, MODEL)
    return counted.queries - before


def _changes(days: int) -> float:
    book, counted = aged_book(days)
    before = counted.queries
    start = None
    while True:
        _, start = changes(book, HistoryFilter(model=MODEL), 100, start)
        if start is None:
            return counted.queries - before


class _CountedChecker(SumChecker):
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 29, tzinfo=UTC)
        self.checked = 0

    def check(self, tenant: TenantId, day: date, into: SumCheck) -> None:
        self.now += A_TENANT
        self.checked += 1
        into.tenants += 1


def _checked(tenants: int) -> float:
    """Count the tenants that all slices of a day look at."""
    checker, log_of_checks = _CountedChecker(), CheckLogInMemory()
    everyone = [TenantId(f"t{number:06d}") for number in range(tenants)]
    check = DailyCheck(
        checker,
        log_of_checks,
        lambda after: (each for each in everyone if after is None or each > after),
        lambda: checker.now,
    )
    with redirect_stdout(StringIO()):  # its metrics
        while not check.run(checker.now + SLICE).is_finished:
            pass
    return checker.checked


def _catalogue(rows: int) -> bytes:
    """The packaged catalogue as often as it takes, each time under other names."""
    seed = list(decode(load_seed().snapshot))
    found = [
        replace(entry, id=f"{entry.id}-x{number // len(seed)}", source_key=f"{entry.source_key}-x{number // len(seed)}")
        for number, entry in zip(range(rows), cycle(seed), strict=False)
    ]
    return encode(found)[1]


def _alias_index(rows: int) -> float:
    snapshot = _catalogue(rows)
    catalogues = [decode(snapshot) for _ in range(ROUNDS)]
    return _cheapest(lambda number: _in_force(catalogues[number]).names.named(ALIAS))


def _in_force(catalogue: Catalogue) -> CatalogueInForce:
    return CatalogueInForce(catalogue, None, datetime(2026, 11, 29, tzinfo=UTC))


def _search_index(rows: int) -> float:
    snapshot, quality = _catalogue(rows), decode_set(load_quality_seed())
    catalogues = [decode(snapshot) for _ in range(ROUNDS)]
    return _cheapest(lambda number: SearchIndex(catalogues[number], quality))


def _usage_by_tag(calls: int) -> float:
    """A month of calls, each with a value of its own: what their sums have is added up by tag."""
    first_of: defaultdict[tuple[int, str], set[str]] = defaultdict(set)
    cells: defaultdict[tuple[int, str], Sums] = defaultdict(Sums)

    def told(day: int, value: str) -> str:
        def beyond(kind: str, word: str, most: int) -> int | None:
            known = first_of[day, kind]
            if word not in known and len(known) >= most:
                return most
            known.add(word)
            return None

        return told_apart({"request": value}, VALUES_A_DAY, beyond)["request"]

    for number in range(calls):
        day = number % MONTH + 1
        cells[day, told(day, str(number))].calls += 1
    sums, tenant = SumsInMemory(LedgerInMemory()), TenantId("t")
    for (day, value), each in cells.items():
        cell = SumCell("openai", MODEL, ServiceKeyId("k"), None, (("request", value),))
        sums.cells[tenant, date(2026, 11, day), cell] = each

    def report(_: int) -> None:
        found = usage_report(sums, tenant, date(2026, 11, 1), date(2026, 11, MONTH), ["tag"])
        assert found.total.calls == sum(each.calls for each in found.groups.values()) == calls

    return _cheapest(report)


CHARACTERS: Final = (40_000, 400_000, 4_000_000)
CALLS: Final = (10_000, 100_000, 1_000_000)
ROWS: Final = (5_000, 16_000, 50_000)
DAYS: Final = (365, 1_096, 3_288)
CURVES: Final = (
    Curve("estimate of a conversation never seen", CHARACTERS, "characters", SECONDS, 0.4, 0.005, _estimate),
    Curve("its tier", CHARACTERS, "characters", SECONDS, 0.9, 0.01, _classified),
    Curve("price history of a model", DAYS, "days with changes", "queries", 0.6, 10, _history),
    Curve("all changes of a model", DAYS, "days with changes", "queries", 0.6, 10, _changes),
    Curve("the day's check, slices of four minutes", (100, 1_000, 10_000), "tenants", "looked at", 1, 10_000, _checked),
    Curve("usage by a tag that no two calls share", CALLS, "calls a month", SECONDS, 0.4, 0.5, _usage_by_tag),
    Curve("index of other spellings", ROWS, "rows", SECONDS, 1.25, 0.3, _alias_index),
    Curve("search index", ROWS, "rows", SECONDS, 1.25, 0.3, _search_index),
)


def main() -> int:
    """Measure every curve, print the table, and return 1 where one does not hold."""
    found = []
    for curve in CURVES:
        found.append(drawn(curve))
        print(f"{curve.what}: {', '.join(f'{each:.4g}' for each in found[-1].figures)}", file=sys.stderr, flush=True)
    print("\n".join(table(found)))
    return 0 if all(each.holds for each in found) else 1


if __name__ == "__main__":
    sys.exit(main())
