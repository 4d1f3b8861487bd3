"""What `make destroy` leaves of tenants' secrets: nothing where nobody could read it, and all where somebody can."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from local.account import left_secrets
from local.account.left_secrets import main

PREFIXES = ("atom-llm/dev/tenants/acme/1", "atom-llm/dev/tenants/acme/2", "atom-llm/prod/tenants/acme/1", "other/dev")


@pytest.fixture
def client(emulator: str) -> Iterator[Any]:
    made: Any = boto3.client("secretsmanager")
    for name in PREFIXES:
        made.create_secret(Name=name, SecretString="{}")
    yield made
    for name in _names(made):
        made.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)


def _names(client: Any) -> set[str]:
    pages = client.get_paginator("list_secrets").paginate(IncludePlannedDeletion=True)
    return {secret["Name"] for page in pages for secret in page["SecretList"]} & set(PREFIXES)


def test_with_the_stacks_of_dev_its_tenants_secrets_go_and_no_others(client: Any) -> None:
    assert main("dev") == 0
    assert _names(client) == {"atom-llm/prod/tenants/acme/1", "other/dev"}
    assert main("dev") == 0


def test_an_environment_that_keeps_its_tables_keeps_its_secrets(client: Any) -> None:
    assert main("prod") == 0
    assert _names(client) == set(PREFIXES)


def test_while_the_stacks_stand_nothing_is_deleted(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(left_secrets, "stands", lambda stack: stack == "atom-llm-dev-data")
    assert main("dev") == 0
    assert _names(client) == set(PREFIXES)


def test_a_failure_says_that_something_may_be_left(
    client: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    assert main("dev") == 1
    assert "may be left" in capsys.readouterr().err
