"""The permissions that the roles of the functions have, read from a synthesised template."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

from testing.lambda_runtime.needed_permissions import Permission

_ROLE_POLICY: Final = re.compile(r"(?P<function>\w+?)RoleDefaultPolicy")
_TABLE: Final = re.compile(r"(?P<table>[A-Z][a-z]+)Table[A-F0-9]{8}")


@dataclass(frozen=True, slots=True)
class Grant:
    """An action that a role may do with a resource, which has a name of ours, under conditions."""

    function: str
    action: str
    resource: str
    conditions: tuple[tuple[str, str, tuple[str, ...]], ...]

    def covers(self, asked: Permission, resource: str) -> bool:
        """Return whether it is enough for what was asked of the resource of that name."""
        return (
            self.action == asked.action
            and self.resource == resource
            and all(_holds(operator, asked.values(key), expected) for operator, key, expected in self.conditions)
        )

    @property
    def is_through_a_service(self) -> bool:
        """Whether it is for a service that asks the key on the function's behalf, unseen by the function."""
        return any(key == "kms:ViaService" for _, key, _ in self.conditions)


def grants_of(template: Mapping[str, Any]) -> list[Grant]:
    """Return every grant of every function's role in the service stack's template."""
    return [
        grant
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::IAM::Policy" and (found := _ROLE_POLICY.match(name))
        for statement in resource["Properties"]["PolicyDocument"]["Statement"]
        for grant in _grants(_name_of(found["function"]), statement)
    ]


def _grants(function: str, statement: Mapping[str, Any]) -> Iterator[Grant]:
    conditions = tuple(
        (operator, key, tuple(sorted(str(each) for each in _listed(expected))))
        for operator, keys in statement.get("Condition", {}).items()
        for key, expected in keys.items()
    )
    for action in _listed(statement["Action"]):
        for resource in _listed(statement["Resource"]):
            yield Grant(function, str(action), _resource(str(resource)), conditions)


def _resource(spelt: str) -> str:
    """Return our name of a resource: a table, the pepper, tenants' secrets, the key, or what it is spelt like."""
    if table := _TABLE.search(spelt):
        return table["table"].lower()
    for word, name in (("Pepper", "pepper"), ("/tenants/*", "tenants"), ("event-bus", "bus"), ("DataKey", "key")):
        if word in spelt:
            return name
    return "key" if "Key" in spelt else spelt


def _name_of(construct: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", construct).lower()


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _holds(operator: str, actual: frozenset[str], expected: tuple[str, ...]) -> bool:
    """Judge a condition as IAM does; raises `LookupError` for an operator that no grant of ours had yet."""
    match operator:
        case "ForAllValues:StringEquals":
            return actual <= set(expected)
        case "ForAllValues:StringLike":
            return all(any(fnmatchcase(value, pattern) for pattern in expected) for value in actual)
        case "StringEquals":
            return bool(actual) and actual <= set(expected)
        case "Null":
            return bool(actual) == (expected == ("false",))
        case _:
            raise LookupError(f"nobody has said how IAM judges {operator}")
