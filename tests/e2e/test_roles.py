"""A role of the account in the deployed stack: its signature, checked by the gateway, is exchanged for a key."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Literal
from uuid import uuid4

import boto3
import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local.emulator import REGION
from tests.e2e.conftest import RunningService

PATH = "/api/byok/iam/token"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
BODY = "grant_type=client_credentials"
ANYBODY = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
TRUSTED_BY_ALL = json.dumps({"Version": "2012-10-17", "Statement": [ANYBODY]})


def client_of(deployment: RunningService, service: Literal["iam", "sts"]) -> Any:
    return boto3.client(
        service,
        endpoint_url=deployment.emulator.url,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


@pytest.fixture(scope="module")
def session(deployment: RunningService) -> Iterator[Mapping[str, Any]]:
    """A session of a role that the operator lets in for a tenant of its own."""
    name = f"t-{uuid4().hex[:12]}"
    made = client_of(deployment, "iam").create_role(RoleName=name, AssumeRolePolicyDocument=TRUSTED_BY_ALL)
    role = made["Role"]["Arn"]
    rule = {"when": {"role": [role]}, "tenant": name, "scopes": ["chat", "usage:read"], "person_claim": "session"}
    with deployment.http() as operator:
        operator.post("/api/byok/tenants", json={"id": name, "name": "Roles"}).raise_for_status()
        trusted = operator.put("/api/byok/identity/issuers", json={"issuer": "iam", "rules": [rule]})
        trusted.raise_for_status()
        assumed = client_of(deployment, "sts").assume_role(RoleArn=role, RoleSessionName="ci-run-7")
        yield {**assumed["Credentials"], "tenant": name, "arn": assumed["AssumedRoleUser"]["Arn"]}
        operator.delete(f"/api/byok/identity/issuers/{trusted.json()['data']['id']}").raise_for_status()
        operator.delete(f"/api/byok/tenants/{name}").raise_for_status()


def signed(deployment: RunningService, session: Mapping[str, Any]) -> dict[str, str]:
    request = AWSRequest("POST", f"{deployment.api_url}{PATH}", data=BODY, headers=FORM)
    credentials = Credentials(session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"])
    SigV4Auth(credentials, "execute-api", REGION).add_auth(request)
    return dict(request.headers)


def asked(deployment: RunningService, headers: Mapping[str, str]) -> httpx.Response:
    with deployment.http() as client:
        del client.headers["Authorization"]
        return client.post(PATH, content=BODY, headers=headers)


def test_a_role_that_has_signed_gets_a_key_that_every_function_takes(
    deployment: RunningService, session: Mapping[str, Any]
) -> None:
    given = asked(deployment, signed(deployment, session))
    assert given.status_code == 200, given.text
    with deployment.called_by(given.json()["access_token"]) as client:
        assert client.get("/v1/models").status_code == 200
        me = client.get("/v1/me").json()
    assert (me["tenant"], me["person"], me["issuer"]) == (session["tenant"], "ci-run-7", "iam")


def test_whoever_has_not_signed_is_not_let_in_by_headers_of_its_own(
    deployment: RunningService, session: Mapping[str, Any]
) -> None:
    forged = {"x-amzn-request-context": f'{{"identity": {{"userArn": "{session["arn"]}"}}}}', "userArn": session["arn"]}
    assert asked(deployment, {**FORM, **forged}).status_code in (401, 403, 404)
