"""One DynamoDB table as the adapters use it: typed items, and outcomes with names."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from atom_llm.domain.errors import StoreUnavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

Item = dict[str, Any]

CONNECT_TIMEOUT_S: Final = 1.0  # inside a region a connection takes milliseconds
READ_TIMEOUT_S: Final = 3.0  # the slowest answer that is worth waiting for before a retry
ATTEMPTS: Final = 4  # of botocore's standard mode, with jitter between
MAX_CONNECTIONS: Final = 32  # threads of one process that ask at the same time

# What botocore reports when the table did not answer, or would not; everything else is a mistake of ours.
_UNAVAILABLE: Final = frozenset(
    {
        "InternalServerError",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "ThrottlingException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)


class ConditionFailed(Exception):
    """The condition of a write did not hold; only adapters see this."""


def dynamodb_client() -> "DynamoDBClient":
    """The client of a process; region, credentials and endpoint come from the environment."""
    import boto3
    from botocore.config import Config

    return boto3.client(
        "dynamodb",
        config=Config(
            connect_timeout=CONNECT_TIMEOUT_S,
            read_timeout=READ_TIMEOUT_S,
            retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
            max_pool_connections=MAX_CONNECTIONS,
        ),
    )


class Table:
    """A table with the keys `pk` and `sk`."""

    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        """`client` is shared by all tables of a process."""
        from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

        self._client = client
        self._name = name
        self._serialize = TypeSerializer().serialize
        self._deserialize = TypeDeserializer().deserialize

    def get(self, key: tuple[str, str], *, consistent: bool = False) -> Item | None:
        """The item of a key, or None."""
        answer = self._ask("get_item", Key=self._key(key), ConsistentRead=consistent)
        return self._read(answer["Item"]) if "Item" in answer else None

    def put(self, key: tuple[str, str], item: Item, *, if_absent: bool = False) -> None:
        """Write an item; with `if_absent`, raises `ConditionFailed` when the key is taken."""
        condition = {"ConditionExpression": "attribute_not_exists(pk)"} if if_absent else {}
        self._ask("put_item", Item=self._written({**item, "pk": key[0], "sk": key[1]}), **condition)

    def update(
        self, key: tuple[str, str], expression: str, values: Mapping[str, object], *, condition: str | None = None
    ) -> Item:
        """Change an item in place and return it as it is then; raises `ConditionFailed`.

        `expression` and `condition` are constants of the adapters; everything variable goes into `values`.
        """
        guarded = {"ConditionExpression": condition} if condition else {}
        answer = self._ask(
            "update_item",
            Key=self._key(key),
            UpdateExpression=expression,
            ExpressionAttributeValues=self._written(values),
            ReturnValues="ALL_NEW",
            **guarded,
        )
        return self._read(answer["Attributes"])

    def delete(self, key: tuple[str, str]) -> None:
        """Remove an item, if it is there."""
        self._ask("delete_item", Key=self._key(key))

    def query(
        self,
        partition: str,
        *,
        first: str | None = None,
        last: str | None = None,
        descending: bool = False,
        limit: int | None = None,
        consistent: bool = False,
    ) -> Iterator[Item]:
        """The items of a partition whose sort keys lie between `first` and `last`, both inclusive, page by page."""
        condition, values = "pk = :pk", {":pk": partition}
        if first is not None or last is not None:
            condition += " AND sk BETWEEN :first AND :last"
            values |= {":first": first or " ", ":last": last or "\U0010ffff"}
        request: dict[str, Any] = {
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": self._written(values),
            "ScanIndexForward": not descending,
            "ConsistentRead": consistent,
        }
        left = limit
        while True:
            if left is not None:
                request["Limit"] = left
            answer = self._ask("query", **request)
            for item in answer["Items"]:
                yield self._read(item)
            left = None if left is None else left - len(answer["Items"])
            if "LastEvaluatedKey" not in answer or left == 0:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def _ask(self, operation: str, **request: Any) -> dict[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer: dict[str, Any] = getattr(self._client, operation)(TableName=self._name, **request)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == "ConditionalCheckFailedException":
                raise ConditionFailed(self._name) from None
            if code in _UNAVAILABLE:
                raise StoreUnavailable(f"{self._name}: {operation}: {code}") from error
            raise
        except BotoCoreError as error:
            raise StoreUnavailable(f"{self._name}: {operation}: {type(error).__name__}") from error
        return answer

    def _key(self, key: tuple[str, str]) -> dict[str, Any]:
        return {"pk": {"S": key[0]}, "sk": {"S": key[1]}}

    def _written(self, item: Mapping[str, object]) -> dict[str, Any]:
        return {name: self._serialize(value) for name, value in item.items()}

    def _read(self, item: Mapping[str, Any]) -> Item:
        return {name: _plain(self._deserialize(value)) for name, value in item.items()}


def _plain(value: Any) -> Any:
    """boto3's `Binary` as bytes; everything else is plain already."""
    return value.value if type(value).__name__ == "Binary" else value
