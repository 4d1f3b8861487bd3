"""A tenant's role is assumed of STS, under the external id that its trust names; the emulator judges no trust."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from atom_llm.adapters.providers.bedrock.signing import assume_by_sts
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.tenancy.external_ids import external_id

NAME = "atom-llm-bedrock-of-acme"
EXTERNAL_ID = external_id("prod", TenantId("acme"))


@pytest.fixture
def role(emulator: str) -> Iterator[str]:
    """The ARN of a role whose trust is that of docs/providers.md."""
    account = boto3.client("sts").get_caller_identity()["Account"]
    trust = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Condition": {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}},
    }
    client: Any = boto3.client("iam")
    policy = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    yield client.create_role(RoleName=NAME, AssumeRolePolicyDocument=policy)["Role"]["Arn"]
    client.delete_role(RoleName=NAME)


def test_its_credentials_are_those_of_the_role(role: str) -> None:
    found = assume_by_sts(role, EXTERNAL_ID)
    client: Any = boto3.client(
        "sts",
        aws_access_key_id=found.access_key,
        aws_secret_access_key=found.secret_key,
        aws_session_token=found.token,
    )
    assert f"assumed-role/{NAME}/atom-llm" in client.get_caller_identity()["Arn"]
