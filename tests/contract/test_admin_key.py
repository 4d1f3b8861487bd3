"""`make admin-key`: with the account's own credentials, the operator's tenant once and a new key each time."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest

from atom_llm.composition import Container, DeployedPorts
from atom_llm.domain.core.audit import OPERATOR
from atom_llm.domain.tenancy.service_keys import ALL_SCOPES
from local import admin_key
from local.workspace import PYTHON, ROOT

TABLE = {
    "Type": "AWS::DynamoDB::Table",
    "Properties": {
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
    },
}


def template() -> dict[str, Any]:
    """The part of a data stack that the command reads."""
    pepper = {"current": "v1", "v1": "a pepper of thirty-two characters"}
    tables = [table.capitalize() for table in admin_key.TABLES]
    secret = {"Type": "AWS::SecretsManager::Secret", "Properties": {"SecretString": json.dumps(pepper)}}
    return {
        "Resources": {f"{table}Table": TABLE for table in tables} | {"Pepper": secret},
        "Outputs": {f"{table}TableName": {"Value": {"Ref": f"{table}Table"}} for table in tables}
        | {"PepperSecretArn": {"Value": {"Ref": "Pepper"}}},
    }


@pytest.fixture(params=["dev", "local"])
def deployed(request: pytest.FixtureRequest, emulator: str) -> Iterator[str]:
    """An environment whose data stack is there."""
    environment: str = request.param
    cloudformation: Any = boto3.client("cloudformation")
    stack = f"atom-llm-{environment}-data"
    cloudformation.create_stack(StackName=stack, TemplateBody=json.dumps(template()))
    cloudformation.get_waiter("stack_create_complete").wait(StackName=stack)
    yield environment
    cloudformation.delete_stack(StackName=stack)


def run(environment: str, endpoint: str) -> subprocess.CompletedProcess[str]:
    """The command, as the Makefile runs it."""
    own = {"EMULATOR_PORT": str(urlsplit(endpoint).port), "PYTHONPATH": f"{ROOT}:{ROOT / 'shared'}"}
    if environment == "local":
        own |= {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}  # it must not listen to what the environment says
    command: list[str | Path] = [PYTHON, "-m", "local.admin_key", environment]
    return subprocess.run(command, env={**os.environ, **own}, cwd=ROOT, capture_output=True, text=True, check=False)


def key_of(done: subprocess.CompletedProcess[str]) -> str:
    """The one key that was printed."""
    assert done.returncode == 0, done.stderr
    (key,) = (word for word in done.stdout.split() if word.startswith("atom_"))
    return key


def test_each_run_prints_a_key_of_the_operators_one_tenant(deployed: str, emulator: str) -> None:
    printed = [key_of(run(deployed, emulator)) for _ in range(2)]
    container = Container(DeployedPorts(admin_key._settings(deployed, admin_key._outputs(f"atom-llm-{deployed}-data"))))
    callers = [container.tenancy.authenticator.authenticate(key) for key in printed]
    assert [(caller.tenant, caller.scopes) for caller in callers] == [("operator", ALL_SCOPES)] * 2
    assert callers[0].key_id != callers[1].key_id
    assert [(each.id, each.is_operator) for each in container.ports.tenants.all()] == [("operator", True)]
    entries = container.ports.audit_log.entries(callers[0].tenant, before=None, limit=10)
    told = [(entry.actor, entry.action, entry.subject) for entry in entries]
    issued = [(OPERATOR, "service_key.issued", caller.key_id) for caller in callers]
    assert sorted(told) == sorted([*issued, (OPERATOR, "tenant.created", "operator")])


def test_without_a_deployment_it_says_so_and_prints_no_key(emulator: str) -> None:
    done = run("staging", emulator)
    assert (done.returncode, done.stdout) == (1, "")
    assert "atom-llm-staging-data" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("environment", ["", "production", "Dev"])
def test_an_environment_that_there_is_not_is_refused(environment: str, emulator: str) -> None:
    done = run(environment, emulator)
    assert (done.returncode, done.stdout) == (1, "")
    assert "ENV=dev or ENV=staging or ENV=prod or ENV=local" in done.stderr
