"""Many calls at once with searches, files and tools on one hard budget: what they cost at their worst fits into it."""

import base64
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from atom_llm.domain.core.errors import AtomError
from atom_llm.domain.core.money import ZERO, exact_sum
from atom_llm.domain.ledger.rows import Attempt
from testing.money_world import MoneyWorld
from tests.drills.holds import CATALOGUE, worst_bill

Json = dict[str, Any]

HAIKU, FLASH = "anthropic/claude-haiku-4-5-20251001", "google/gemini-2.5-flash"
TEXT: Final = base64.b64encode(b"words " * 30_000).decode()
FILE: Final = {"type": "file", "file": {"filename": "a.txt", "file_data": f"data:text/plain;base64,{TEXT}"}}
PAGES: Final = {"type": "file", "file": {"filename": "a.pdf", "file_data": f"data:application/pdf;base64,{TEXT}"}}


def _tool(kind: str, **more: Any) -> Json:
    return {"tools": [{"type": kind, "name": "t", **more}]}


def _with(part: Json) -> Json:
    return {"messages": [{"role": "user", "content": [{"type": "text", "text": "q"}, part]}]}


# Searches, files and tools, each a model and its options; the last two have no bound.
REQUESTS: Final[tuple[tuple[str, Json], ...]] = (
    (FLASH, {"web_search_options": {}}),
    (FLASH, {"tools": [{"googleMaps": {}}]}),
    (FLASH, {"tools": [{"codeExecution": {}}]}),
    (FLASH, _with(FILE)),
    (HAIKU, {"web_search_options": {}}),
    (HAIKU, _tool("web_search_20250305", max_uses=20)),
    (HAIKU, _tool("web_fetch_20250910")),
    (HAIKU, _tool("code_execution_20250825")),
    (HAIKU, _tool("advisor_20260301", model="claude-opus-5")),
    (HAIKU, {"fallbacks": [{"model": "claude-sonnet-5"}]}),
    (HAIKU, _with(PAGES)),
    ("openai/gpt-4o-mini-search-preview", {"web_search_options": {}}),
    ("openai/gpt-4o-mini", {"prediction": {"type": "content", "content": "x" * 5_000}, "n": 3}),
    ("openai/gpt-4o-mini", _tool("web_search")),
    ("qwen/qwen-plus", {"enable_search": True}),
)


@dataclass
class OptionsRace:
    """The outcome of a race; `other` are refusals that neither a full budget nor a missing bound caused.

    `overshoot` is the most that was ever spent and held beyond the limit, in USD, by the window or by the rows.
    """

    calls: int
    admitted: int = 0
    full: int = 0
    unbounded: int = 0
    other: list[str] = field(default_factory=list)
    spent: Decimal = ZERO
    limit: Decimal = ZERO
    overshoot: Decimal = ZERO


@dataclass(frozen=True)
class _Entrant:
    """A call of the race: its attempt, the field of an option without a bound, and its bill at its worst, in USD."""

    attempt: Attempt
    unbounded: str | None
    bill: Decimal


def options_race(world: MoneyWorld, calls: int, threads: int, room_for: int) -> OptionsRace:
    """Hold for all calls at once and bill what was admitted at its worst; then hold and bill all of them anew.

    The budget has room for so many calls of the usual size.
    """
    entrants = [_entrant(world, number) for number in range(2 * calls)]
    usual = exact_sum(each.attempt.hold for each in entrants[: len(REQUESTS)]) / len(REQUESTS)
    found = OptionsRace(2 * calls, limit=(usual * room_for).quantize(Decimal("0.000001")))
    world.budget(str(found.limit))
    with ThreadPoolExecutor(threads) as pool:
        held = list(pool.map(lambda each: _held(world, each), entrants[:calls]))
        _look(world, found)
        _at_once(pool, (_settling(world, each, attempt) for each, attempt in held if isinstance(attempt, Attempt)))
        _look(world, found)
        again = list(pool.map(lambda each: _whole(world, each), entrants[calls:]))
    _look(world, found)
    for _, outcome in (*held, *again):
        if isinstance(outcome, Attempt):
            found.admitted += 1
        elif outcome == "budget_exceeded":
            found.full += 1
        elif outcome == "unbounded_option":
            found.unbounded += 1
        else:
            found.other.append(outcome)
    return found


def _entrant(world: MoneyWorld, number: int) -> _Entrant:
    model, options = REQUESTS[number % len(REQUESTS)]
    entry = CATALOGUE.get(model)
    assert entry is not None, model
    body = {"model": model, "messages": [{"role": "user", "content": "q"}], "max_tokens": 100, **options}
    found = worst_bill(entry, body)
    assert found is not None, body
    candidate, bill = found
    attempt = world.attempt(candidate.held, model=model)
    return _Entrant(attempt, candidate.unbounded, ZERO if bill is None else bill.cost)


def _held(world: MoneyWorld, each: _Entrant) -> tuple[_Entrant, Attempt | str]:
    try:
        return each, world.spending.hold(each.attempt, each.unbounded)
    except AtomError as error:
        return each, error.code


def _whole(world: MoneyWorld, each: _Entrant) -> tuple[_Entrant, Attempt | str]:
    _, attempt = _held(world, each)
    if isinstance(attempt, Attempt):
        _settling(world, each, attempt)()
    return each, attempt


def _settling(world: MoneyWorld, each: _Entrant, attempt: Attempt) -> Callable[[], object]:
    return lambda: world.spending.settle(attempt, world.settlement(each.bill))


def _at_once(pool: ThreadPoolExecutor, acts: Iterable[Callable[[], object]]) -> None:
    for ended in [pool.submit(act) for act in acts]:
        ended.result()


def _look(world: MoneyWorld, found: OptionsRace) -> None:
    state = world.state()
    assert state is not None
    found.spent = exact_sum(row.settlement.cost for row in world.rows())
    found.overshoot = max(found.overshoot, state.spent + state.held - found.limit, found.spent - found.limit)
