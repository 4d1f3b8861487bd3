"""Requests that carry an Idempotency-Key, in the usage table: one item a request, and the parts of long answers."""

from collections.abc import Mapping
from datetime import datetime
from itertools import batched
from typing import Any, Final

from atom_llm.adapters.dynamodb import keys
from atom_llm.adapters.dynamodb.table import ConditionFailed, Item, Table
from atom_llm.domain.calls.idempotency import IdempotencyRecord, RecordState
from atom_llm.domain.core.errors import StoreUnavailable
from atom_llm.domain.core.ids import TenantId

PART_BYTES: Final = 350 * 1024  # of DynamoDB's 400 KB an item, with room for everything else in it
ERASED_AT_ONCE: Final = 100  # items between two requests


class DynamoIdempotency:
    """Implements `IdempotencyStore`. Each write is conditional on the token of the process that runs the request."""

    def __init__(self, table: Table) -> None:
        """Take the usage table: a request that is forgotten would be paid for twice."""
        self._table = table

    def begin(
        self, tenant: TenantId, name: str, record: IdempotencyRecord, *, over: str | None
    ) -> IdempotencyRecord | None:
        """Write the record with one condition; a refusal carries the record that is there."""
        key, item = keys.idempotent_call(tenant, name), _item(record)
        try:
            if over is None:
                self._table.put(key, item, if_absent=True)  # the condition lets one of many begin
            else:
                # The condition lets one of many take over what one of them left behind.
                self._set(key, item, "#token = :over", {":over": over}, removed=("answer",))
        except ConditionFailed as failed:
            if failed.item is None:  # it was there, and is gone
                raise StoreUnavailable("an idempotent request was forgotten at this moment") from None
            there = _record(failed.item)
            return None if there.token == record.token else there  # our own write, whose answer was lost
        return None

    def finish(self, tenant: TenantId, name: str, record: IdempotencyRecord, answer: bytes | None) -> bool:
        """Write the parts first, then the record, whose one conditional write makes them count."""
        parts = [] if answer is None else [answer[at : at + PART_BYTES] for at in range(0, len(answer), PART_BYTES)]
        item = _item(record) | {"parts": len(parts)}
        if len(parts) == 1:
            item["answer"] = parts[0]
        else:
            for number, part in enumerate(parts):
                key = keys.answer_part(tenant, name, record.token, number)
                self._table.put(key, {"part": part, "ttl": item["ttl"]})
        try:
            # The condition keeps an answer that came too late from replacing one of whoever took over.
            self._set(keys.idempotent_call(tenant, name), item, "#token = :token", {})
        except ConditionFailed:
            return False
        return True

    def answer(self, tenant: TenantId, name: str, record: IdempotencyRecord) -> bytes | None:
        """Read the sealed answer from the request's own item, or put its parts together. Consistent."""
        if record.parts == 1:
            item = self._table.get(keys.idempotent_call(tenant, name), consistent=True)
            return item.get("answer") if item is not None and item["token"] == record.token else None
        prefix = keys.answer_parts(name, record.token)
        found = self._table.query(keys.idempotent_calls(tenant), prefix=prefix, consistent=True)
        parts = [item["part"] for item in found]
        return b"".join(parts) if len(parts) == record.parts else None

    def erase(self, tenant: TenantId) -> Mapping[str, int]:
        """Delete the tenant's whole partition."""
        erased = 0
        items = self._table.query(keys.idempotent_calls(tenant), consistent=True)
        for some in batched((item["sk"] for item in items), ERASED_AT_ONCE, strict=False):
            self._table.delete_many([(keys.idempotent_calls(tenant), position) for position in some])
            erased += sum(not keys.is_answer_part(position) for position in some)
        return {"idempotent_answers_deleted": erased}

    def _set(
        self,
        key: keys.Key,
        item: Item,
        condition: str,
        values: Mapping[str, object],
        removed: tuple[str, ...] = (),
    ) -> None:
        names = {f"#{name}": name for name in (*item, *removed)}
        changes = "SET " + ", ".join(f"#{name} = :{name}" for name in item)
        changes += " REMOVE " + ", ".join(f"#{name}" for name in removed) if removed else ""
        written = {f":{name}": value for name, value in item.items()} | dict(values)
        self._table.update(key, changes, written, condition=condition, names=names)


def _item(record: IdempotencyRecord) -> Item:
    return {
        "check": record.check,
        "pepper_version": record.pepper_version,
        "token": record.token,
        "state": str(record.state),
        "lease_until": record.lease_until.isoformat(),
        "expires_at": record.expires_at.isoformat(),
        "parts": record.parts,
        "ttl": int(record.expires_at.timestamp()),
    }


def _record(item: Mapping[str, Any]) -> IdempotencyRecord:
    return IdempotencyRecord(
        check=bytes(item["check"]),
        pepper_version=item["pepper_version"],
        token=item["token"],
        state=RecordState(item["state"]),
        lease_until=datetime.fromisoformat(item["lease_until"]),
        expires_at=datetime.fromisoformat(item["expires_at"]),
        parts=int(item["parts"]),
    )
