"""The permissions of the functions, read from the synthesised templates."""

import json
from typing import Any

import pytest

from infra.constructs.grants import ENTRIES, GET, GRANTS, MANY, PUT, READ, STREAM, WRITE
from tests.infra.conftest import Templates, listed, of_type, statements

ENVIRONMENTS = ("dev", "staging", "prod", "local")

# The whole matrix, spelt out a second time on purpose: a grant that is added or taken away has to be said twice.
EXPECTED = {
    "Pricing": {
        "Keys": {*READ, *ENTRIES, "dynamodb:UpdateItem"},
        "Usage": {"dynamodb:Query"},
        "Catalogue": {*READ, *WRITE},
    },
    "PricingRefresh": {"Keys": {*ENTRIES, "dynamodb:Query"}, "Catalogue": {*READ, *WRITE}},
    "Byok": {
        "Keys": {*READ, *MANY, *WRITE},
        "Usage": {*READ, *MANY, *WRITE},
        "Catalogue": set(READ),
        "Runtime": {"dynamodb:Query"},
    },
    "ByokLedger": {"Keys": set(READ), "Usage": {*READ, *MANY, *WRITE, *STREAM}, "Catalogue": {"dynamodb:Query"}},
    "Registry": {
        "Keys": {*GET, *ENTRIES, "dynamodb:UpdateItem"},
        "Catalogue": {*READ, *PUT},
        "Runtime": {"dynamodb:BatchGetItem", "dynamodb:Query"},
    },
    "RegistrySync": {"Keys": {*ENTRIES, "dynamodb:Query"}, "Catalogue": {*READ, *PUT}},
    "Tiers": {
        "Keys": {*READ, "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"},
        "Usage": {*READ, "dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"},
        "Catalogue": set(READ),
        "Runtime": {"dynamodb:BatchGetItem", "dynamodb:Query"},
    },
    "Chat": {
        "Keys": {*READ, "dynamodb:UpdateItem"},
        "Usage": {*READ, *MANY, *PUT},
        "Catalogue": set(READ),
        "Runtime": {"dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:UpdateItem"},
    },
}
MAY_READ_THE_PEPPER = {"Pricing", "Byok", "Registry", "Tiers", "Chat"}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_no_policy_has_a_wildcard_in_an_action(templates: Templates, environment: str) -> None:
    for template in templates(environment, alarm_email="a@example.org", budget_alert_email="b@example.org"):
        wild = [
            action
            for statement in statements(template)
            if statement["Effect"] == "Allow" and not _is_key_administration(statement)
            for action in listed(statement["Action"])
            if "*" in action
        ]
        assert wild == []


def test_each_function_may_do_with_each_table_what_the_matrix_says_and_no_more(templates: Templates) -> None:
    _, service = templates("prod")
    actual: dict[str, dict[str, set[str]]] = {name: {} for name in EXPECTED}
    for function, statement in _of_functions(service):
        for action in listed(statement["Action"]):
            if action.startswith("dynamodb:"):
                for table in ("Keys", "Usage", "Catalogue", "Runtime"):
                    if f"{table}Table" in json.dumps(statement["Resource"]):
                        actual[function].setdefault(table, set()).add(action)
    assert actual == EXPECTED


def test_a_statement_on_a_table_names_that_table_alone(templates: Templates) -> None:
    _, service = templates("prod")
    for _, statement in _of_functions(service):
        if any(action.startswith("dynamodb:") for action in listed(statement["Action"])):
            assert "*" not in json.dumps(statement["Resource"])


def test_what_changes_what_all_share_writes_entries_and_nothing_else_of_the_keys(templates: Templates) -> None:
    _, service = templates("prod")
    written: dict[str, list[object]] = {}
    for function, statement in _of_functions(service):
        of_keys = "KeysTable" in json.dumps(statement["Resource"])
        if of_keys and "dynamodb:PutItem" in listed(statement["Action"]) and function not in ("Byok", "Tiers"):
            written.setdefault(function, []).append(statement.get("Condition"))
    only_entries = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["audit#*"]}}
    assert written == {
        function: [only_entries] for function in ("Pricing", "PricingRefresh", "Registry", "RegistrySync")
    }


def test_only_functions_that_check_service_keys_may_read_the_pepper(templates: Templates) -> None:
    _, service = templates("prod")
    readers = {
        function
        for function, statement in _of_functions(service)
        if "secretsmanager:GetSecretValue" in listed(statement["Action"])
    }
    assert readers == MAY_READ_THE_PEPPER


@pytest.mark.parametrize(
    ("auth", "readers"), [('"auth": "operator", "secret": "x"', {"Chat"}), ('"auth": "none"', set())]
)
def test_chat_alone_reads_the_operators_keys_and_only_where_a_declared_provider_has_one(
    templates: Templates, auth: str, readers: set[str]
) -> None:
    _, service = templates("dev", declared_providers=f'{{"mine": {{{auth}}}}}')
    found = {name for name, each in _of_functions(service) if "dev/providers/*" in json.dumps(each["Resource"])}
    assert found == readers
    assert "ATOM_DECLARED_PROVIDERS" in json.dumps(service)


@pytest.mark.parametrize(
    ("changed", "actions"),
    [
        ({}, set()),
        (
            {"bedrock_region": "eu-central-1"},
            {"bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream", "sts:AssumeRole"},
        ),
        ({"bedrock_region": "eu-central-1", "is_bedrock_shared": False}, {"sts:AssumeRole"}),
    ],
    ids=["off", "shared", "tenants' roles alone"],
)
def test_chat_alone_calls_bedrock_and_only_where_a_region_is_set(
    templates: Templates, changed: dict[str, Any], actions: set[str]
) -> None:
    _, service = templates("dev", **changed)
    found = {
        (function, action)
        for function, statement in _of_functions(service)
        for action in listed(statement["Action"])
        if action.startswith(("bedrock:", "sts:"))
    }
    assert found == {("Chat", action) for action in actions}


def test_the_key_is_used_through_the_services_that_hold_the_data_only(templates: Templates) -> None:
    _, service = templates("prod")
    for _, statement in _of_functions(service):
        if any(action.startswith("kms:") for action in listed(statement["Action"])):
            assert statement["Condition"]["StringEquals"]["kms:ViaService"]


def test_the_key_opens_secrets_of_this_environment_alone_by_the_context_that_names_them(templates: Templates) -> None:
    """Through Secrets Manager, which names the secret; a grant for both services at once could not ask for that."""
    for environment in ENVIRONMENTS:
        _, service = templates(environment)
        allowed: dict[str, dict[str, set[str]]] = {}
        for function, statement in _of_functions(service):
            kms = {action for action in listed(statement["Action"]) if action.startswith("kms:")}
            condition = statement.get("Condition", {})
            via = json.dumps(condition.get("StringEquals", {}).get("kms:ViaService", ""))
            if not kms or "dynamodb." in via:
                assert "secretsmanager." not in via
                continue
            assert "secretsmanager." in via
            named = json.dumps(condition["ArnLike"]["kms:EncryptionContext:SecretARN"])
            secret = "pepper" if "Pepper" in named else "tenants"
            assert secret == "pepper" or f":secret:atom-llm/{environment}/tenants/*" in named
            assert secret == "tenants" or "*" not in named
            allowed.setdefault(function, {})[secret] = kms
        to_read, to_write = {"kms:Decrypt"}, {"kms:Decrypt", "kms:GenerateDataKey"}
        of_tenants = {"Byok": {"tenants": to_write}, "Chat": {"tenants": to_read}}
        assert allowed == {name: {"pepper": to_read} | of_tenants.get(name, {}) for name in MAY_READ_THE_PEPPER}


def test_the_envelope_vault_is_written_by_byok_and_read_by_chat_alone(templates: Templates) -> None:
    _, service = templates("prod", tenant_vault="envelope")
    of_table: dict[str, set[str]] = {}
    direct: dict[str, tuple[set[str], Any]] = {}
    for function, statement in _of_functions(service):
        actions = set(listed(statement["Action"]))
        if "VaultTable" in json.dumps(statement["Resource"]):
            of_table.setdefault(function, set()).update(actions)
        elif any(action.startswith("kms:") for action in actions) and "kms:ViaService" not in json.dumps(statement):
            direct[function] = actions, statement["Condition"]
    bound = {
        "StringEquals": {"kms:EncryptionContext:atom-llm:environment": "prod"},
        "Null": {"kms:EncryptionContext:atom-llm:tenant": "false"},
    }
    assert of_table == {"Byok": {"dynamodb:Query", *WRITE, "dynamodb:GetItem"}, "Chat": {"dynamodb:Query"}}
    assert direct == {
        "Byok": ({"kms:Decrypt", "kms:GenerateDataKey"}, bound),
        "Chat": ({"kms:Decrypt"}, bound),
    }
    assert "/tenants/*" not in json.dumps(service["Resources"])  # nothing is left of the other vault's rights


def test_while_secrets_move_both_vaults_may_be_used_and_without_an_envelope_none_is_there(templates: Templates) -> None:
    data, service = templates("prod", tenant_vault="envelope", tenant_vault_before="secrets-manager")
    assert "/tenants/*" in json.dumps(service["Resources"])
    assert any("Vault" in name for name in of_type(data, "AWS::DynamoDB::Table"))
    data, service = templates("prod")
    assert not any("Vault" in name for name in of_type(data, "AWS::DynamoDB::Table"))
    assert "kms:EncryptionContext:atom-llm" not in json.dumps(service)


def test_an_erased_key_comes_back_from_no_backup(templates: Templates) -> None:
    data, _ = templates("prod", tenant_vault="envelope")
    (table,) = (each for name, each in of_type(data, "AWS::DynamoDB::Table").items() if "Vault" in name)
    assert table["Properties"]["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is False
    assert (table["DeletionPolicy"], table["Properties"]["DeletionProtectionEnabled"]) == ("Retain", True)


def test_the_only_statement_on_every_resource_is_the_tracing_one(templates: Templates) -> None:
    _, service = templates("prod")
    on_everything = {
        action
        for _, statement in _of_functions(service)
        if statement["Resource"] == "*"
        for action in listed(statement["Action"])
    }
    assert on_everything == {"xray:PutTelemetryRecords", "xray:PutTraceSegments"}


def test_no_function_of_the_service_scans_a_table() -> None:
    assert not any(
        "Scan" in action for granted in GRANTS.values() for each in granted.tables.values() for action in each
    )


def test_every_function_has_a_role_of_its_own(templates: Templates) -> None:
    _, service = templates("prod")
    roles = [
        json.dumps(each["Properties"]["Role"])
        for name, each in of_type(service, "AWS::Lambda::Function").items()
        if any(name.startswith(function) for function in EXPECTED)
    ]
    assert len(set(roles)) == len(roles) == len(EXPECTED)


def _of_functions(service: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Every statement of a function's own role, with the function's construct id."""
    found = []
    for name, policy in of_type(service, "AWS::IAM::Policy").items():
        function = name.partition("RoleDefaultPolicy")[0]
        if function in EXPECTED:
            found += [(function, each) for each in policy["Properties"]["PolicyDocument"]["Statement"]]
    return found


def _is_key_administration(statement: dict[str, Any]) -> bool:
    """A KMS key's policy has to let the account administer it, or nobody ever can."""
    return listed(statement["Action"]) == ["kms:*"] and ":root" in json.dumps(statement["Principal"])
