"""One DynamoDB table as the adapters use it: typed items, and outcomes with names."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from secrets import randbelow
from time import sleep
from typing import Any, Final
from uuid import uuid4

from atom_llm.adapters.aws.clients import MAX_CONNECTIONS, json_client
from atom_llm.adapters.aws.json_client import DYNAMODB, JsonClient, NoAnswer, Refused, Requests, Timing
from atom_llm.adapters.dynamodb.attributes import Item, read, written
from atom_llm.domain.core.errors import StoreUnavailable

__all__ = ["ConditionFailed", "Item", "Table", "Write", "dynamodb_client", "pause"]

Write = dict[str, Any]
"""One write of a transaction, as `Table.putting` and its like make it."""

# The errors of a table that would not answer; everything else is a mistake of ours.
_UNAVAILABLE: Final = frozenset(
    {
        "AccessDeniedException",  # a grant that is missing: an operator's matter, and no caller's mistake
        "ExpiredTokenException",
        "InternalServerError",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "ThrottlingException",
        "TransactionConflictException",
        "TransactionInProgressException",
        "UnrecognizedClientException",
    }
)

# Why a part of a transaction was refused though its condition holds: it is worth asking again.
_CONTENDED: Final = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})
TRANSACTION_ATTEMPTS: Final = 8
TRANSACTION_PAUSE_MS: Final = 25  # the first pause's mean; it doubles, with jitter
MAX_TRANSACTION: Final = 100  # DynamoDB's limit on the items of one transaction
MAX_BATCH_GET: Final = 100  # DynamoDB's limit on the keys of one request
MAX_BATCH_WRITE: Final = 25  # the same on the writes of one

_TELL: Final = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}  # a refusal says what it saw, without another read

# An update of which a second one does more than the first, where no condition keeps it from that.
_COUNTS: Final = re.compile(r"\bADD\b| [+-] |list_append")


class ConditionFailed(Exception):
    """The condition of a write did not hold; only adapters see this.

    `item` is the item that did not meet it, where a single write failed; `failed` are the positions of the writes of a
    transaction whose conditions failed.
    """

    def __init__(self, table: str, item: Item | None = None, failed: Sequence[int] = ()) -> None:
        super().__init__(table)
        self.item = item
        self.failed = tuple(failed)


def dynamodb_client(
    connections: int = MAX_CONNECTIONS, environment: Mapping[str, str] = os.environ, timing: Timing | None = None
) -> JsonClient:
    """Make the client of tables of a process."""
    return json_client(DYNAMODB, connections, environment, timing)


class Table:
    """A table with the keys `pk` and `sk`."""

    def __init__(self, client: Requests, name: str) -> None:
        """Take the client, shared by all tables of a process, and the table's name."""
        self._client = client
        self._name = name

    def get(self, key: tuple[str, str], *, consistent: bool = False) -> Item | None:
        """Return the item of a key, or None."""
        answer = self._ask("GetItem", {"Key": self._key(key), "ConsistentRead": consistent})
        return read(answer["Item"]) if "Item" in answer else None

    def get_many(self, wanted: Sequence[tuple[str, str]]) -> list[Item]:
        """Return the items of many keys, those that exist, in no particular order; consistent."""
        found: list[Item] = []
        waiting = [self._key(key) for key in wanted]
        pauses = 0
        while waiting:
            asked, waiting = waiting[:MAX_BATCH_GET], waiting[MAX_BATCH_GET:]
            answer = self._call("BatchGetItem", {"RequestItems": {self._name: {"Keys": asked, "ConsistentRead": True}}})
            found += [read(item) for item in answer["Responses"].get(self._name, [])]
            left = answer.get("UnprocessedKeys", {}).get(self._name, {}).get("Keys", [])
            if left:
                pauses += 1
                if pauses == TRANSACTION_ATTEMPTS:
                    raise StoreUnavailable(f"{self._name}: BatchGetItem: unprocessed keys")
                pause(pauses)
            waiting = left + waiting
        return found

    def get_together(self, wanted: Sequence[tuple[str, str]]) -> list[Item]:
        """Return the items of up to 100 keys, those that exist, as they were at one instant."""
        asked = [{"Get": {"TableName": self._name, "Key": self._key(key)}} for key in wanted]
        for attempt in range(1, TRANSACTION_ATTEMPTS + 1):
            try:
                answer = self._call("TransactGetItems", {"TransactItems": asked})
            except Refused as refused:
                if refused.code != "TransactionCanceledException":
                    raise
                pause(attempt)  # a transaction changes one of them
                continue
            return [read(each["Item"]) for each in answer["Responses"] if each.get("Item")]
        raise StoreUnavailable(f"{self._name}: TransactGetItems: contention")

    def put(self, key: tuple[str, str], item: Item, *, if_absent: bool = False) -> None:
        """Write an item; with `if_absent`, raises `ConditionFailed` carrying the item that is there."""
        self._ask("PutItem", self._putting(key, item, if_absent=if_absent))

    def update(
        self,
        key: tuple[str, str],
        expression: str,
        values: Mapping[str, object],
        *,
        condition: str | None = None,
        names: Mapping[str, str] | None = None,
    ) -> Item:
        """Change an item in place and return it as it is then; raises `ConditionFailed` carrying it as it was.

        `expression` and `condition` are constants of the adapters; everything variable goes into `values` and `names`.
        """
        request = {"ReturnValues": "ALL_NEW", **self._updating(key, expression, values, condition, names)}
        answer = self._ask("UpdateItem", request, repeats=condition is not None or not _COUNTS.search(expression))
        return read(answer["Attributes"])

    def delete(self, key: tuple[str, str]) -> None:
        """Remove an item, if it is there."""
        self._ask("DeleteItem", {"Key": self._key(key)})

    def delete_many(self, unwanted: Sequence[tuple[str, str]]) -> None:
        """Remove items, those that are there, in as few requests as DynamoDB takes."""
        waiting = [{"DeleteRequest": {"Key": self._key(key)}} for key in unwanted]
        pauses = 0
        while waiting:
            asked, waiting = waiting[:MAX_BATCH_WRITE], waiting[MAX_BATCH_WRITE:]
            answer = self._call("BatchWriteItem", {"RequestItems": {self._name: asked}})
            left = answer.get("UnprocessedItems", {}).get(self._name, [])
            if left:
                pauses += 1
                if pauses == TRANSACTION_ATTEMPTS:
                    raise StoreUnavailable(f"{self._name}: BatchWriteItem: unprocessed items")
                pause(pauses)
            waiting = left + waiting

    def putting(
        self,
        key: tuple[str, str],
        item: Item,
        *,
        if_absent: bool = False,
        condition: str | None = None,
        values: Mapping[str, object] | None = None,
    ) -> Write:
        """Return a put as a part of a transaction; where asked for, only of an absent item, or under a condition."""
        put = self._putting(key, item, if_absent=if_absent)
        if condition is not None:
            put |= {"ConditionExpression": condition, "ExpressionAttributeValues": written(values or {})}
        return {"Put": {"TableName": self._name, **put}}

    def updating(
        self,
        key: tuple[str, str],
        expression: str,
        values: Mapping[str, object],
        *,
        condition: str | None = None,
        names: Mapping[str, str] | None = None,
    ) -> Write:
        """Return an update as a part of a transaction."""
        return {"Update": {"TableName": self._name, **self._updating(key, expression, values, condition, names)}}

    def deleting(
        self,
        key: tuple[str, str],
        *,
        if_there: bool = False,
        condition: str | None = None,
        values: Mapping[str, object] | None = None,
    ) -> Write:
        """Return a removal as a part of a transaction, where asked for under a condition.

        With `if_there` it fails when there is nothing to remove.
        """
        request: dict[str, Any] = {"TableName": self._name, "Key": self._key(key)}
        if if_there:
            request["ConditionExpression"] = "attribute_exists(pk)"
        if condition is not None:
            request |= {"ConditionExpression": condition, "ExpressionAttributeValues": written(values or {})}
        return {"Delete": request}

    def transact(self, writes: Sequence[Write], attempts: int = TRANSACTION_ATTEMPTS) -> None:
        """Write all items or none; raises `ConditionFailed` with the positions of the writes whose conditions failed.

        Contention is waited out with jitter, for so many attempts, then it is `StoreUnavailable`. An answer that got
        lost looks like a failed condition when the writes are sent again: a caller whose conditions are their own proof
        reads what is there.
        """
        for attempt in range(1, attempts + 1):
            reasons = self._transact(writes)
            if reasons is None:
                return
            if failed := [number for number, code in enumerate(reasons) if code == "ConditionalCheckFailed"]:
                raise ConditionFailed(self._name, failed=failed)
            if not _CONTENDED.issuperset(code for code in reasons if code != "None"):
                raise StoreUnavailable(f"{self._name}: TransactWriteItems: {', '.join(sorted(set(reasons)))}")
            pause(attempt)
        raise StoreUnavailable(f"{self._name}: TransactWriteItems: contention")

    def query(
        self,
        partition: str,
        *,
        first: str | None = None,
        last: str | None = None,
        prefix: str | None = None,
        after: str | None = None,
        descending: bool = False,
        limit: int | None = None,
        page_size: int | None = None,
        consistent: bool = False,
    ) -> Iterator[Item]:
        """Iterate over items of a partition with sort keys from `first` to `last`, both included, or under `prefix`.

        They begin behind the sort key `after`; at most `limit` of them are read, `page_size` a request.
        """
        condition, values = "pk = :pk", {":pk": partition}
        if prefix is not None:
            condition += " AND begins_with(sk, :prefix)"
            values |= {":prefix": prefix}
        if first is not None or last is not None:
            condition += " AND sk BETWEEN :first AND :last"
            values |= {":first": first or " ", ":last": last or "\U0010ffff"}
        request: dict[str, Any] = {
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": written(values),
            "ScanIndexForward": not descending,
            "ConsistentRead": consistent,
        }
        if after is not None:
            request["ExclusiveStartKey"] = self._key((partition, after))
        left = limit
        while True:
            if left is not None or page_size is not None:
                request["Limit"] = min(size for size in (left, page_size) if size is not None)
            answer = self._ask("Query", request)
            for item in answer["Items"]:
                yield read(item)
            left = None if left is None else left - len(answer["Items"])
            if "LastEvaluatedKey" not in answer or left == 0:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def _ask(self, operation: str, request: Mapping[str, Any], *, repeats: bool = True) -> dict[str, Any]:
        return self._call(operation, {"TableName": self._name, **request}, repeats=repeats)

    def _call(self, operation: str, request: Mapping[str, Any], *, repeats: bool = True) -> dict[str, Any]:
        try:
            return self._client.ask(operation, request, repeats=repeats)
        except Refused as refused:
            if refused.code == "ConditionalCheckFailedException":
                there = refused.body.get("Item")
                raise ConditionFailed(self._name, read(there) if there else None) from None
            if refused.code in _UNAVAILABLE:
                raise StoreUnavailable(f"{self._name}: {operation}: {refused.code}") from refused
            raise
        except NoAnswer as error:
            raise StoreUnavailable(f"{self._name}: {operation}: {error}") from error

    def _transact(self, writes: Sequence[Write]) -> list[str] | None:
        """Return None when all took effect; else the reason of each write that did not let them."""
        # With the token DynamoDB does it once, however often it is sent in the ten minutes after.
        request = {"TransactItems": list(writes), "ClientRequestToken": str(uuid4())}
        try:
            self._call("TransactWriteItems", request)
        except Refused as refused:
            if refused.code != "TransactionCanceledException":
                raise
            return [reason.get("Code", "None") for reason in refused.body.get("CancellationReasons", [])] or ["Unknown"]
        return None

    def _putting(self, key: tuple[str, str], item: Item, *, if_absent: bool) -> dict[str, Any]:
        guarded = {"ConditionExpression": "attribute_not_exists(pk)", **_TELL} if if_absent else {}
        return {"Item": written({**item, "pk": key[0], "sk": key[1]}), **guarded}

    def _updating(
        self,
        key: tuple[str, str],
        expression: str,
        values: Mapping[str, object],
        condition: str | None,
        names: Mapping[str, str] | None,
    ) -> dict[str, Any]:
        request: dict[str, Any] = {"Key": self._key(key), "UpdateExpression": expression}
        if values:
            request["ExpressionAttributeValues"] = written(values)
        if names:
            request["ExpressionAttributeNames"] = dict(names)
        return request | ({"ConditionExpression": condition, **_TELL} if condition else {})

    def _key(self, key: tuple[str, str]) -> dict[str, Any]:
        return {"pk": {"S": key[0]}, "sk": {"S": key[1]}}


def pause(attempt: int) -> None:
    """Wait as long as the attempts before ask for, between nothing and twice the mean."""
    sleep(randbelow(2 * TRANSACTION_PAUSE_MS << (attempt - 1)) / 1000)
