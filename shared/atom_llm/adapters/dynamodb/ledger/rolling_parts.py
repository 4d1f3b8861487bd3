"""The parts of rolling windows in their items: what has left a window is freed by the next that finds it."""

from collections.abc import Mapping
from typing import Any, Final

from atom_llm.adapters.dynamodb.ledger.window_items import Window, window_key
from atom_llm.adapters.dynamodb.table import ConditionFailed, Table
from atom_llm.domain.core.money import exact_sum
from atom_llm.domain.ledger.rolling import RollingPart, rolling_part

FREED_AT_ONCE: Final = 50  # parts and corrections of a write: one expression has 4 KB


class RollingParts:
    """The writer of what leaves rolling windows, lane by lane; each is one conditional write."""

    def __init__(self, table: Table) -> None:
        """Take the usage table."""
        self._table = table

    def freed(self, window: Window, lane: int, item: Mapping[str, Any] | None) -> bool:
        """Give back to a lane the room of parts that count no more as of the window's; False where it has none.

        Who meets another at it frees nothing: the item that was read says what there is to be freed, to the cent.
        """
        part = rolling_part(window[1].window)
        if part is None or item is None or not has_left(item, part):
            return False
        gone = {name: amount for name, amount in item["parts"].items() if not part.counts(name)}
        gone = dict(list(gone.items())[:FREED_AT_ONCE])
        old = [each for each, name in item["corrected"].items() if not part.counts(name)][:FREED_AT_ONCE]
        names = {f"#p{place}": name for place, name in enumerate(gone)}
        values: dict[str, object] = {f":p{place}": amount for place, amount in enumerate(gone.values())}
        paths = [f"parts.{each}" for each in names] + [f"corrected.#c{place}" for place in range(len(old))]
        try:
            self._table.update(
                window_key(window, lane),
                "SET available = available + :freed, spent = spent - :freed REMOVE " + ", ".join(paths),
                values | {":freed": exact_sum(gone.values())},
                # What is freed is what was read: a call that settles late in such a part adds to it meanwhile.
                condition=" AND ".join(f"parts.#p{place} = :p{place}" for place in range(len(gone))),
                names=names | {f"#c{place}": each for place, each in enumerate(old)},
            )
        except ConditionFailed:
            return True
        return True


def has_left(item: Mapping[str, Any], part: RollingPart | None) -> bool:
    """Return whether a lane's item has parts that count no more."""
    return part is not None and not all(map(part.counts, item["parts"]))
