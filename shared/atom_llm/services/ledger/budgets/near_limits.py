"""The steps that are in force for a caller, because budgets that its calls count in are nearly spent."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from atom_llm.domain.core.errors import StoreUnavailable
from atom_llm.domain.core.ids import ServiceKeyId, TenantId
from atom_llm.domain.ledger.budgets import WindowRef, WindowState
from atom_llm.domain.ledger.end_users import EndUser
from atom_llm.domain.ledger.near_limit import Deed
from atom_llm.domain.ledger.reached_steps import ReachedStep, percent_spent
from atom_llm.domain.ledger.scopes import CallScopes
from atom_llm.observability import logger
from atom_llm.ports.core import Clock
from atom_llm.ports.ledger import BudgetWindows
from atom_llm.process_cache import TimedMap
from atom_llm.services.ledger.budgets.budget_book import BudgetBook

KNOWN_FOR: Final = timedelta(seconds=5)  # how far behind a step may begin; what is full is refused by the hold itself
KNOWN_WINDOWS: Final = 10_000


class NearLimits:
    """The reader of steps. Budgets without any cost no read; where windows cannot be read, no step is in force."""

    def __init__(
        self,
        book: BudgetBook,
        windows: BudgetWindows,
        names: Callable[[TenantId, EndUser], EndUser],
        clock: Clock,
    ) -> None:
        """Take the stores; `names` returns an end user as the tenant's books have it."""
        self._book = book
        self._windows = windows
        self._names = names
        self._clock = clock
        self._known: TimedMap[tuple[TenantId, WindowRef], int] = TimedMap(clock, KNOWN_FOR, KNOWN_WINDOWS)

    def reached(
        self,
        tenant: TenantId,
        key: ServiceKeyId,
        given: EndUser,
        team: str | None,
        tags: Mapping[str, str],
        do: Deed,
    ) -> ReachedStep | None:
        """Return the step of a kind that is in force for a caller's calls: of several, that of the fullest budget.

        `given` is the end user in its caller's words, `team` the one that a token names.
        """
        known, now = self._book.of(tenant), self._clock()
        if do not in known.deeds_near:
            return None
        named = self._names(tenant, given)
        scopes = CallScopes(key, "", "", named.user, named.session, tags, () if team is None else (team,))
        found = [
            (step, budget, ref) for budget, ref in known.applying(scopes, now) for step in budget.near if step.do == do
        ]
        spent = self._spent(tenant, [ref for _, _, ref in found])
        steps = [ReachedStep(*each, spent[each[2]]) for each in found if spent.get(each[2], 0) >= each[0].at]
        return max(steps, key=lambda each: each.percent, default=None)

    def _spent(self, tenant: TenantId, refs: list[WindowRef]) -> Mapping[WindowRef, int]:
        """Return the per cent that are spent of each window that is there, five seconds old at most."""
        known = {ref: self._known.fresh((tenant, ref)) for ref in refs}
        missing = [(tenant, ref) for ref, percent in known.items() if percent is None]
        states: Mapping[tuple[TenantId, WindowRef], WindowState] = {}
        if missing:
            try:
                states = self._windows.states(missing)
            except StoreUnavailable as error:
                logger().warning("how full budgets are cannot be read; no step is taken", exc_info=error)
                return {}
        for place in missing:
            state = states.get(place)
            percent = 0 if state is None else percent_spent(state)
            self._known.put(place, percent)
            known[place[1]] = percent
        return {ref: percent for ref, percent in known.items() if percent is not None}
