"""The comparison of `make iam`: what a request needs, what a role has; neither too little nor too much passes."""

import json
from dataclasses import replace

import pytest

from testing.lambda_runtime.needed_permissions import Permission, needed
from testing.lambda_runtime.role_permissions import Grant, grants_of
from tests.infra.conftest import Templates
from tests.runtime.permissions.compare import compared

NAMES = {"t-keys": "keys", "t-usage": "usage", "arn:pepper": "pepper", "atom-llm/prod/tenants": "tenants"}


def of_dynamodb(operation: str, **request: object) -> list[Permission]:
    return needed("DynamoDB", operation, json.dumps({"TableName": "t-keys", **request}).encode())


def key(partition: str, sort: str = "s") -> dict[str, dict[str, str]]:
    return {"pk": {"S": partition}, "sk": {"S": sort}}


def test_a_transaction_needs_what_its_parts_need() -> None:
    parts = [
        {"Put": {"TableName": "t-keys", "Item": key("audit#a")}},
        {"Update": {"TableName": "t-usage", "Key": key("b"), "UpdateExpression": "SET #a = :a"}},
        {"Delete": {"TableName": "t-usage", "Key": key("b")}},
        {"ConditionCheck": {"TableName": "t-keys", "Key": key("c"), "ConditionExpression": "attribute_exists(pk)"}},
    ]
    asked = needed("DynamoDB", "TransactWriteItems", json.dumps({"TransactItems": parts}).encode())
    assert [(each.action.partition(":")[2], each.resource) for each in asked] == [
        ("PutItem", "t-keys"),
        ("UpdateItem", "t-usage"),
        ("DeleteItem", "t-usage"),
        ("ConditionCheckItem", "t-keys"),
    ]


def test_a_request_names_its_partitions_and_the_attributes_that_it_speaks_of() -> None:
    (asked,) = of_dynamodb(
        "UpdateItem",
        Key=key("service-key#1"),
        UpdateExpression="SET #used = if_not_exists(last_used_at, :at) REMOVE lapses_at",
        ConditionExpression="attribute_exists(pk) AND NOT revoked_at < :now",
        ExpressionAttributeNames={"#used": "last_used_at"},
    )
    assert asked.values("dynamodb:LeadingKeys") == {"service-key#1"}
    assert asked.values("dynamodb:Attributes") == {"pk", "sk", "last_used_at", "lapses_at", "revoked_at"}


def test_a_batch_names_all_its_partitions() -> None:
    body = {"RequestItems": {"t-keys": [{"DeleteRequest": {"Key": key(name)}} for name in "ab"]}}
    (asked,) = needed("DynamoDB", "BatchWriteItem", json.dumps(body).encode())
    assert asked.values("dynamodb:LeadingKeys") == {"a", "b"}


def test_what_no_grant_covers_is_missing_and_what_nothing_asks_for_is_unused(templates: Templates) -> None:
    grants = [grant for grant in grants_of(templates("prod")[1]) if grant.function == "pricing-refresh"]
    used = {
        *of_dynamodb("PutItem", Item=key("audit#operator")),
        *of_dynamodb("GetItem", Key=key("audit#operator")),
        *of_dynamodb("Query", KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": {"S": "tenants"}}),
    }
    found = compared(grants, {"pricing-refresh": used}, NAMES)
    assert found.missing == set()
    assert {(grant.action, grant.resource) for grant in found.unused} == {
        (f"dynamodb:{operation}", "catalogue") for operation in ("GetItem", "Query", "PutItem", "UpdateItem")
    }
    elsewhere = set(of_dynamodb("PutItem", Item=key("tenant#acme")))  # the grant is for entries alone
    assert compared(grants, {"pricing-refresh": elsewhere}, NAMES).missing == {
        ("pricing-refresh", "dynamodb:PutItem", "keys")
    }


def test_a_function_may_write_of_service_keys_what_the_condition_names_and_nothing_else(templates: Templates) -> None:
    grants = grants_of(templates("prod")[1])

    def may(attribute: str) -> bool:
        asked = of_dynamodb("UpdateItem", Key=key("service-key#1"), UpdateExpression=f"SET {attribute} = :a")
        return not compared(grants, {"chat": set(asked)}, NAMES).missing

    assert may("last_used_at")
    assert not may("scopes")


def test_a_secret_of_a_tenant_is_known_by_its_prefix_and_the_key_by_its_context(templates: Templates) -> None:
    grants = grants_of(templates("prod", tenant_vault="envelope", tenant_vault_before="secrets-manager")[1])
    read = needed("secretsmanager", "GetSecretValue", b'{"SecretId": "atom-llm/prod/tenants/acme/1"}')
    bound = {"atom-llm:environment": "prod", "atom-llm:tenant": "acme"}
    opened = _opened(bound)
    assert compared(grants, {"chat": {*read, *opened}}, {**NAMES, "k": "key"}).missing == set()
    for context in ({}, {**bound, "atom-llm:environment": "dev"}, {"atom-llm:environment": "prod"}):
        assert compared(grants, {"chat": set(_opened(context))}, {**NAMES, "k": "key"}).missing


def test_a_condition_that_nobody_has_thought_of_is_not_passed_over(templates: Templates) -> None:
    grant = next(iter(grants_of(templates("prod")[1])))
    strange: Grant = replace(
        grant, action="dynamodb:GetItem", conditions=(("DateLessThan", "aws:CurrentTime", ("1",)),)
    )
    (asked,) = of_dynamodb("GetItem", Key=key("a"))
    with pytest.raises(LookupError, match="DateLessThan"):
        strange.covers(asked, strange.resource)


def _opened(context: dict[str, str]) -> list[Permission]:
    return needed("TrentService", "Decrypt", json.dumps({"KeyId": "k", "EncryptionContext": context}).encode())
