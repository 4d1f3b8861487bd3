"""The items of a budget's window: its first lane, which has the limit too, and further ones.

A rolling window is one item for ever, in which `parts` has what was spent by part, and `corrected` the part of each
correction.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from atom_llm.adapters.dynamodb import keys
from atom_llm.adapters.dynamodb.keys import Key
from atom_llm.adapters.dynamodb.table import Item
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.core.money import EXACT, ZERO, exact_sum
from atom_llm.domain.ledger.budgets import Budget, WindowRef, WindowState
from atom_llm.domain.ledger.rolling import OPENING, RollingPart

SENT: Final = "sent"  # of an alert that was; of a rolling window's with the part in which it was

Window = tuple[TenantId, WindowRef]


def window_key(window: Window, lane: int = 0) -> Key:
    """Return the key of a lane of a window; all parts of a rolling one have the same."""
    tenant, ref = window
    return keys.budget_window(tenant, *ref.whole, lane)


def sent_in(part: RollingPart | None, number: int | None = None) -> str:
    """Return the word for an alert that was sent, in a rolling window in the part of that number, or the present."""
    return SENT if part is None else f"{SENT}:{part.number if number is None else number:012d}"


def first_item(
    budget: Budget,
    opening: Decimal,
    expires_at: datetime | None,
    part: RollingPart | None = None,
    carried: Decimal = ZERO,
) -> Item:
    """Return the item of a window in which `opening` was spent before, and that so much was carried into."""
    limit = budget.limit_with(carried)
    item: Item = {
        "limit": limit,
        "available": EXACT.subtract(limit, opening),
        "spent": opening,
        "opening": opening,
        "hard": budget.is_hard,
        "revision": budget.revision,
        "holds": {},
        "alerts": {},
    }
    if carried:
        item["carried"] = carried
    if part is not None:
        item |= {"parts": {f"{part.number}{OPENING}": opening} if opening else {}, "corrected": {}}
    return item if expires_at is None else item | {"ttl": int(expires_at.timestamp())}


def lane_item(first: Mapping[str, Any]) -> Item:
    """Return the item of a further lane of a window: it has no room of its own yet."""
    empty: Item = {"available": ZERO, "spent": ZERO, "holds": {}}
    rolling: Item = {"parts": {}, "corrected": {}} if "parts" in first else {}
    return empty | rolling | ({"ttl": first["ttl"]} if "ttl" in first else {})


def state_of(items: Sequence[Mapping[str, Any]], part: RollingPart | None = None) -> WindowState:
    """Return the state of a window by its lanes, the first at the front; of a further lane alone what lies in it. A
    rolling one is as of a part."""
    first, told = items[0], sent_in(part, None if part is None else part.oldest)
    refused_at = first.get("refused_at")
    return WindowState(
        limit=first.get("limit", ZERO),
        spent=exact_sum(item["spent"] for item in items),
        available=exact_sum(item["available"] for item in items),
        is_hard=first.get("hard", True),
        revision=first.get("revision", ""),
        holds={name: amount for item in items for name, amount in item["holds"].items()},
        opening=first.get("opening", ZERO),
        fired=frozenset(int(threshold) for threshold, word in first.get("alerts", {}).items() if word >= told),
        refused_at=datetime.fromisoformat(refused_at) if refused_at else None,
        is_whole="limit" in first and len(items) >= int(first.get("lanes", 1)),
        parts={} if part is None else _parts(items),
        carried=first.get("carried", ZERO),
        openings=first.get("opening", ZERO),
    ).at_part(part)


def _parts(items: Sequence[Mapping[str, Any]]) -> dict[str, Decimal]:
    parts: dict[str, Decimal] = {}
    for item in items:
        for name, amount in item.get("parts", {}).items():
            parts[name] = EXACT.add(parts.get(name, ZERO), amount)
    return parts
