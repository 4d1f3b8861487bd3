"""Rate limits in the runtime table: one item a subject, with the instants at which it is paid off."""

from datetime import datetime
from typing import Any

from atom_llm.adapters.dynamodb import keys
from atom_llm.adapters.dynamodb.table import ConditionFailed, Item, Table
from atom_llm.domain.tenancy.rate_limit import PAID_OFF, AdvanceWrite, LimitStep, PaidUntil, RestartWrite


class DynamoRateLimits:
    """Implements `RateLimitStore`."""

    def __init__(self, table: Table) -> None:
        """Take the runtime table."""
        self._table = table

    def take(
        self, subject: str, requests: LimitStep | None, tokens: LimitStep | None, forget_at: datetime
    ) -> tuple[bool, PaidUntil]:
        """Move the instants with one conditional write; a refusal carries those that are there."""
        changes, conditions = ["#ttl = :ttl"], []
        values: dict[str, Any] = {":ttl": int(forget_at.timestamp())}
        for paid_off, step in (("requests_paid_off", requests), ("tokens_paid_off", tokens)):
            match step:
                case RestartWrite(to, below):
                    changes.append(f"{paid_off} = :{paid_off}")
                    conditions.append(f"(attribute_not_exists({paid_off}) OR {paid_off} < :{paid_off}_below)")
                    values |= {f":{paid_off}": to, f":{paid_off}_below": below}
                case AdvanceWrite(by, at_least, at_most):
                    changes.append(f"{paid_off} = {paid_off} + :{paid_off}")
                    conditions.append(f"{paid_off} BETWEEN :{paid_off}_least AND :{paid_off}_most")
                    values |= {f":{paid_off}": by, f":{paid_off}_least": at_least, f":{paid_off}_most": at_most}
        try:
            item = self._table.update(
                keys.rate_limit(subject),
                f"SET {', '.join(changes)}",
                values,
                # The conditions hold both to their minute, whoever else takes from them at the same moment.
                condition=" AND ".join(conditions),
                names={"#ttl": "ttl"},
            )
        except ConditionFailed as failed:
            return False, _taken(failed.item or {})
        return True, _taken(item)

    def correct(self, subject: str, tokens: int) -> PaidUntil | None:
        """Add to the instant of a subject; one that was forgotten meanwhile owes nothing, and is left alone."""
        try:
            item = self._table.update(
                keys.rate_limit(subject),
                "SET tokens_paid_off = tokens_paid_off + :tokens",
                {":tokens": tokens},
                condition="attribute_exists(tokens_paid_off)",
            )
        except ConditionFailed:
            return None
        return _taken(item)


def _taken(item: Item) -> PaidUntil:
    return PaidUntil(int(item.get("requests_paid_off", PAID_OFF)), int(item.get("tokens_paid_off", PAID_OFF)))
