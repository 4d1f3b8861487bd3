"""Signatures are botocore's, to the letter, with and without a session's token."""

import json
from datetime import UTC, datetime

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials

from atom_llm.adapters.aws import signature
from atom_llm.adapters.aws.signature import Credentials, Destination, signed

AT = datetime(2026, 11, 29, 23, 59, 58, tzinfo=UTC)
BODY = json.dumps({"TableName": "keys", "Key": {"pk": {"S": "schlüssel"}}}).encode()
HEADERS = {
    "accept-encoding": "identity",
    "content-type": "application/x-amz-json-1.0",
    "host": "dynamodb.eu-west-1.amazonaws.com",
    "x-amz-target": "DynamoDB_20120810.GetItem",
}


def of_botocore(url: str, credentials: Credentials, service: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda **_: AT.replace(tzinfo=None))
    request = AWSRequest("POST", url, HEADERS, BODY)
    own = BotocoreCredentials(credentials.access_key, credentials.secret_key, credentials.token)
    SigV4Auth(own, service, "eu-west-1").add_auth(request)
    return {name.lower(): value for name, value in request.headers.items()}


@pytest.mark.parametrize("token", [None, "a/session+token=="])
@pytest.mark.parametrize("service", ["dynamodb", "secretsmanager"])
@pytest.mark.parametrize("path", ["/", "/behind/a/proxy/"])
def test_a_request_is_signed_as_botocore_signs_it(
    token: str | None, service: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG", token)
    ours = signed(HEADERS, BODY, credentials, Destination(service, "eu-west-1", path), AT)
    url = f"https://dynamodb.eu-west-1.amazonaws.com{path}"
    assert ours == of_botocore(url, credentials, service, monkeypatch)


def test_new_credentials_sign_with_their_own_key_from_the_next_request_on() -> None:
    first, second = Credentials("A", "one", "x"), Credentials("A", "two", "x")
    to = Destination("dynamodb", "eu-west-1")
    before, after = (signed(HEADERS, BODY, each, to, AT)["authorization"] for each in (first, second))
    assert before != after
    assert signed(HEADERS, BODY, first, to, AT)["authorization"] == before


def test_a_secret_is_in_no_representation() -> None:
    assert "hunter2" not in repr(Credentials("A", "hunter2", "hunter2")) + repr(signature)
