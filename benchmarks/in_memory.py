"""DynamoDB in memory, for one writer, that counts what a real table would charge; the real adapters run on it."""

from base64 import b64decode
from collections.abc import Callable, Mapping
from typing import Any, Final

from atom_llm.adapters.dynamodb.table import Table

WRITE_UNIT_BYTES: Final = 1024
PAGE_BYTES: Final = 1024 * 1024  # of what a query's answer holds
Attributes = dict[str, Any]


class MeteredTable:
    """The operations that `Table` asks for. Of conditions it knows `attribute_not_exists(pk)`;
    those that fence off other writers hold, as there are none."""

    def __init__(self) -> None:
        """Start empty."""
        self._items: dict[tuple[str, str], Attributes] = {}
        self.write_units = 0
        self.writes = 0
        self.queries = 0

    def as_table(self, name: str) -> Table:
        """Return this client behind the adapters' own wrapper."""
        return Table(self, name)

    def ask(self, operation: str, request: Mapping[str, Any], **_: object) -> dict[str, Any]:
        """Carry out an operation."""
        operations: dict[str, Callable[..., dict[str, Any]]] = {
            "GetItem": self.get_item,
            "PutItem": self.put_item,
            "TransactWriteItems": self.transact_write_items,
            "UpdateItem": self.update_item,
            "DeleteItem": self.delete_item,
            "Query": self.query,
        }
        return operations[operation](**request)

    def get_item(self, *, Key: Attributes, **_: object) -> dict[str, Any]:  # noqa: N803 - DynamoDB's names
        """Return one item."""
        item = self._items.get(_key(Key))
        return {} if item is None else {"Item": item}

    def put_item(self, *, Item: Attributes, **options: object) -> dict[str, Any]:  # noqa: N803
        """Replace an item."""
        key = _key(Item)
        before = self._items.get(key)
        if before is not None and options.get("ConditionExpression") == "attribute_not_exists(pk)":
            raise AssertionError(f"a single writer writes {key} twice")
        self._charge(before, Item)
        self._items[key] = Item
        return {}

    def transact_write_items(self, *, TransactItems: list[dict[str, Any]], **_: object) -> dict[str, Any]:  # noqa: N803
        """Put several items; a transaction charges each twice."""
        for each in TransactItems:
            before = self.write_units
            self.put_item(**each["Put"])
            self.write_units += self.write_units - before
        return {}

    def update_item(
        self,
        *,
        Key: Attributes,  # noqa: N803
        UpdateExpression: str,  # noqa: N803
        ExpressionAttributeValues: Attributes | None = None,  # noqa: N803
        **_: object,
    ) -> dict[str, Any]:
        """Apply `SET a = :a, b = :b REMOVE c, d`, or one half of it."""
        before = self._items.get(_key(Key))
        after = dict(before or Key)
        assignments, _word, forgotten = UpdateExpression.partition("REMOVE ")
        for assignment in filter(None, assignments.removeprefix("SET ").strip().split(", ")):
            name, value = assignment.split(" = ")
            after[name] = (ExpressionAttributeValues or {})[value]
        for name in filter(None, forgotten.split(", ")):
            after.pop(name, None)
        self._charge(before, after)
        self._items[_key(Key)] = after
        return {"Attributes": after}

    def delete_item(self, *, Key: Attributes, **_: object) -> dict[str, Any]:  # noqa: N803
        """Remove an item."""
        self._charge(self._items.pop(_key(Key), None), {})
        return {}

    def query(
        self,
        *,
        ExpressionAttributeValues: Attributes,  # noqa: N803
        ScanIndexForward: bool,  # noqa: N803
        Limit: int | None = None,  # noqa: N803
        ExclusiveStartKey: Attributes | None = None,  # noqa: N803
        **_: object,
    ) -> dict[str, Any]:
        """Return a partition's items, or those of a span, up to a megabyte of them."""
        self.queries += 1
        partition, *span = (each["S"] for each in ExpressionAttributeValues.values())
        first, last = span if len(span) == 2 else ("".join(span), "".join(span) + "\U0010ffff")  # or what begins so
        keys = sorted(
            (key for key in self._items if key[0] == partition and first <= key[1] <= last),
            reverse=not ScanIndexForward,
        )
        if ExclusiveStartKey is not None:
            keys = keys[keys.index(_key(ExclusiveStartKey)) + 1 :]
        page: list[Attributes] = []
        size = 0
        for key in keys[:Limit]:
            page.append(self._items[key])
            size += item_bytes(page[-1])
            if size >= PAGE_BYTES:
                break
        if len(page) == len(keys):
            return {"Items": page}
        return {"Items": page, "LastEvaluatedKey": {"pk": page[-1]["pk"], "sk": page[-1]["sk"]}}

    def _charge(self, before: Attributes | None, after: Attributes) -> None:
        """Charge a write by the larger of the item before and after it, in units of 1 KB."""
        size = max(item_bytes(before or {}), item_bytes(after))
        self.write_units += max(1, -(-size // WRITE_UNIT_BYTES))
        self.writes += 1


def item_bytes(item: Attributes) -> int:
    """Return an item's size by DynamoDB's rules: names and values in UTF-8, containers three bytes, one an element."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def _value_bytes(value: Mapping[str, Any]) -> int:
    (kind, content), *_ = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "B":
            return len(b64decode(content))
        case "N":
            return len(content.strip("-").replace(".", "")) // 2 + 2
        case "BOOL" | "NULL":
            return 1
        case "M":
            return 3 + sum(1 + len(name.encode()) + _value_bytes(each) for name, each in content.items())
        case "L":
            return 3 + sum(1 + _value_bytes(each) for each in content)
        case _:
            raise AssertionError(f"no adapter writes the type {kind}")


def _key(item: Attributes) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]
