"""Many callers of one budget at the same time."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from atom_llm.domain.core.errors import BudgetExceeded

AT_ONCE = 12


def admitted(call: Callable[[], object], calls: int) -> int:
    """Make as many calls, several at once, and return how many the budget let pass."""

    def passes(_: int) -> bool:
        try:
            call()
        except BudgetExceeded:
            return False
        return True

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return sum(pool.map(passes, range(calls)))
