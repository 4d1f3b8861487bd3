"""Escalation of answers under `auto` to the next tier for verifiable faults: docs/routing.md, "Escalation".

Only what can be verified counts, never a judgement of how good an answer is.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from atom_llm.domain.core.errors import StoreUnavailable
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.providers.exchange import Json
from atom_llm.domain.tenancy.rate_limit import RestartWrite
from atom_llm.domain.tiers.tier import Tier, tier_above
from atom_llm.observability import logger
from atom_llm.ports.core import Clock
from atom_llm.ports.tenancy import RateLimitStore
from atom_llm.services.tiers.choose_tier import TierChoice

MAX_ESCALATIONS: Final = 2  # a call
COOL_DOWN: Final = timedelta(minutes=5)  # a tenant's tier is escalated from once in so long
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_CONTENT: Final = ("content", "refusal", "tool_calls", "function_call", "audio", "images")

FitsSchema = Callable[[Mapping[str, Any], object], bool]
"""Whether an instance fits a JSON schema; true where the schema itself cannot be read."""


class AnswerShortcoming(StrEnum):
    """The verifiable fault of an answer."""

    EMPTY = "empty"
    TRUNCATED = "truncated"
    NOT_BY_SCHEMA = "not_by_schema"


def shortcoming(body: Json, asked: Json, limit: int | None, fits: FitsSchema) -> AnswerShortcoming | None:
    """Return the first fault of an answer; `limit` is the caller's own on output tokens, at which a cut is no news."""
    for choice in body.get("choices") or ():
        message = choice.get("message") or {}
        cut = choice.get("finish_reason") == "length"
        if cut and limit is None:
            return AnswerShortcoming.TRUNCATED
        if not any(message.get(name) for name in _CONTENT):
            if cut:
                continue
            return AnswerShortcoming.EMPTY
        text = None if cut or message.get("tool_calls") else message.get("content")
        if not _fits(text, asked.get("response_format"), fits):
            return AnswerShortcoming.NOT_BY_SCHEMA
    return None


class Escalations:
    """The tiers that may be asked next, as the tenant wants and not too often."""

    def __init__(self, store: RateLimitStore, clock: Clock) -> None:
        """Take the store that keeps when each tenant's tier was escalated from last."""
        self._store = store
        self._clock = clock

    def next_tier(self, tenant: TenantId, choice: TierChoice) -> Tier | None:
        """Return the tier above, if the call may go there now; asking counts as going. None where it may not."""
        higher = tier_above(choice.tier)
        wanted = choice.preferences
        may_not = choice.is_named or choice.stepped_from is not None or not wanted.auto_escalation
        if may_not or higher is None or higher > wanted.max_tier:
            return None
        now = self._clock()
        rest = RestartWrite(_microseconds(now + COOL_DOWN), _microseconds(now))
        try:
            may, _ = self._store.take(f"escalation:{tenant}:{choice.tier}", rest, None, now + 2 * COOL_DOWN)
        except StoreUnavailable as error:  # an answer is there; a better one is not worth the risk of asking for many
            logger().warning("escalations cannot be counted; the answer stands", exc_info=error)
            return None
        return higher if may else None


def _fits(content: object, wanted: object, fits: FitsSchema) -> bool:
    """Return whether an answer is what `response_format` asks for."""
    kind = wanted.get("type") if isinstance(wanted, dict) else None
    if not isinstance(wanted, dict) or kind not in ("json_object", "json_schema") or not isinstance(content, str):
        return True
    try:
        instance = json.loads(content)
    except (ValueError, RecursionError):
        return False
    if kind == "json_object":
        return isinstance(instance, dict)
    schema = (wanted.get("json_schema") or {}).get("schema")
    return not isinstance(schema, dict) or fits(schema, instance)


def _microseconds(instant: datetime) -> int:
    return (instant - EPOCH) // timedelta(microseconds=1)
