"""The items of a budget's window: its first lane, which has the limit too, and further ones."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from atom_llm.adapters.dynamodb.table import Item
from atom_llm.domain.core.money import EXACT, ZERO
from atom_llm.domain.ledger.budgets import Budget, WindowState, exact_sum

_SENT: Final = "sent"


def first_item(budget: Budget, opening: Decimal, expires_at: datetime | None) -> Item:
    """Return the item of a window in which `opening` was spent before."""
    item: Item = {
        "limit": budget.limit,
        "available": EXACT.subtract(budget.limit, opening),
        "spent": opening,
        "opening": opening,
        "hard": budget.is_hard,
        "revision": budget.revision,
        "holds": {},
        "alerts": {},
    }
    return item if expires_at is None else item | {"ttl": int(expires_at.timestamp())}


def lane_item(first: Mapping[str, Any]) -> Item:
    """Return the item of a further lane of a window: it has no room of its own yet."""
    empty: Item = {"available": ZERO, "spent": ZERO, "holds": {}}
    return empty | ({"ttl": first["ttl"]} if "ttl" in first else {})


def state_of(items: Sequence[Mapping[str, Any]]) -> WindowState:
    """Return the state of a window by its lanes, the first at the front; of a further lane alone what lies in it."""
    first = items[0]
    refused_at = first.get("refused_at")
    return WindowState(
        limit=first.get("limit", ZERO),
        spent=exact_sum(item["spent"] for item in items),
        available=exact_sum(item["available"] for item in items),
        is_hard=first.get("hard", True),
        revision=first.get("revision", ""),
        holds={name: amount for item in items for name, amount in item["holds"].items()},
        opening=first.get("opening", ZERO),
        fired=frozenset(int(threshold) for threshold, word in first.get("alerts", {}).items() if word == _SENT),
        refused_at=datetime.fromisoformat(refused_at) if refused_at else None,
        is_whole="limit" in first and len(items) >= int(first.get("lanes", 1)),
    )
