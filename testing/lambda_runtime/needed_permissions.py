"""The permissions that AWS asks of a role for a request, by what its documentation says of each operation.

DynamoDB: "Actions, resources, and condition keys for Amazon DynamoDB" in the Service Authorization Reference; a
transaction needs the permissions of its parts. `dynamodb:Attributes` are the top-level names that a request speaks of,
`dynamodb:LeadingKeys` its partition keys.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

_PARTS: Final = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
    "Get": "GetItem",
}
_EXPRESSIONS: Final = ("UpdateExpression", "ConditionExpression", "FilterExpression", "ProjectionExpression")
_WORD: Final = re.compile(r"(?<![:\w#.])#?[A-Za-z_]\w*")
_KEYWORDS: Final = frozenset(
    {
        *("set", "remove", "add", "delete", "and", "or", "not", "in", "between", "if_not_exists", "list_append"),
        *("attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains", "size"),
    }
)
_NAMESPACES: Final = {
    "DynamoDB": "dynamodb",
    "secretsmanager": "secretsmanager",
    "TrentService": "kms",
    "AWSEvents": "events",
}


@dataclass(frozen=True, slots=True)
class Permission:
    """An action on a resource, which is named as the request names it; `about` are the values of condition keys."""

    action: str
    resource: str
    about: tuple[tuple[str, frozenset[str]], ...] = ()

    def values(self, condition_key: str) -> frozenset[str]:
        """Return the request's values of a condition key; none where it has none."""
        return dict(self.about).get(condition_key, frozenset())


def needed(service: str, operation: str, body: bytes) -> list[Permission]:
    """Return what a request needs, by its target and body; raises `LookupError` for a service that is not here yet.

    `service` and `operation` are the parts of `X-Amz-Target`, without the service's version.
    """
    namespace = _NAMESPACES[service]
    request: Mapping[str, Any] = json.loads(body or b"{}")
    match namespace:
        case "dynamodb":
            return list(_of_dynamodb(operation, request))
        case "secretsmanager":
            return [Permission(f"secretsmanager:{operation}", str(request.get("SecretId", request.get("Name", "*"))))]
        case "kms":
            context = {
                (f"kms:EncryptionContext:{name}", frozenset({value}))
                for name, value in request.get("EncryptionContext", {}).items()
            }
            return [Permission(f"kms:{operation}", str(request.get("KeyId", "*")), tuple(sorted(context)))]
        case _:
            sources = frozenset(str(entry["Source"]) for entry in request["Entries"])
            return [Permission(f"events:{operation}", "default", (("events:source", sources),))]


def _of_dynamodb(operation: str, request: Mapping[str, Any]) -> Iterator[Permission]:
    if operation in ("TransactWriteItems", "TransactGetItems"):
        for part in request["TransactItems"]:
            ((kind, asked),) = part.items()
            yield _of_table(_PARTS[kind], asked["TableName"], asked)
    elif operation in ("BatchGetItem", "BatchWriteItem"):
        for table, asked in request["RequestItems"].items():
            yield _of_table(operation, table, {"Batch": asked})
    else:
        yield _of_table(operation, request["TableName"], request)


def _of_table(operation: str, table: str, asked: Mapping[str, Any]) -> Permission:
    about = (
        ("dynamodb:Attributes", frozenset(_attributes(asked))),
        ("dynamodb:LeadingKeys", frozenset(_leading_keys(asked))),
    )
    return Permission(f"dynamodb:{operation}", table, about)


def _attributes(asked: Mapping[str, Any]) -> Iterator[str]:
    yield from asked.get("Key", {})
    yield from asked.get("Item", {})
    names: Mapping[str, str] = asked.get("ExpressionAttributeNames", {})
    for expression in _EXPRESSIONS:
        for word in _WORD.findall(asked.get(expression, "")):
            if word.lower() not in _KEYWORDS:
                yield names.get(word, word)


def _leading_keys(asked: Mapping[str, Any]) -> Iterator[str]:
    for keyed in (asked.get("Key", {}), asked.get("Item", {})):
        if "pk" in keyed:
            yield str(keyed["pk"]["S"])
    if "KeyConditionExpression" in asked:
        yield str(asked["ExpressionAttributeValues"][":pk"]["S"])
    match asked.get("Batch"):
        case {"Keys": list() as keys}:
            yield from (str(key["pk"]["S"]) for key in keys)
        case list() as writes:
            for write in writes:
                (request,) = write.values()
                yield str(request.get("Key", request.get("Item"))["pk"]["S"])
        case _:
            return
