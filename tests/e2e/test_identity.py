"""Tokens of a real OpenID Connect server in the deployed stack: exchanged, used as they are, told of as the person."""

import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from local.processes import free_port
from testing.oidc.server import AUDIENCE, CONSOLE, JOB, OidcServer
from tests.e2e.conftest import RunningService

BYOK = "/api/byok"
GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
ASKED_AGAIN_AFTER_S = 10  # how long an issuer is left alone where a key id is not known


def data_of(answer: httpx.Response, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()["data"]


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OidcServer]:
    with OidcServer(free_port(), tmp_path_factory.mktemp("oidc")) as server:
        yield server


@pytest.fixture(scope="module")
def tenant(deployment: RunningService, issuer: OidcServer) -> Iterator[str]:
    """A tenant that the issuer's tokens lead to."""
    name = f"t-{uuid4().hex[:12]}"
    declared = {
        "issuer": issuer.issuer,
        "audiences": [AUDIENCE, CONSOLE],
        "sign_in_client": CONSOLE,
        "rules": [{"when": {"groups": ["llm-users"]}, "tenant": name, "scopes": ["chat", "admin", "usage:read"]}],
    }
    with deployment.http() as operator:
        data_of(operator.post(f"{BYOK}/tenants", json={"id": name, "name": "Acme"}), 201)
        trusted = data_of(operator.put(f"{BYOK}/identity/issuers", json=declared))
        yield name
        data_of(operator.delete(f"{BYOK}/identity/issuers/{trusted['id']}"))
        data_of(operator.delete(f"{BYOK}/tenants/{name}"))


def exchanged(deployment: RunningService, token: str) -> httpx.Response:
    form = {"grant_type": GRANT, "subject_token": token, "subject_token_type": "urn:ietf:params:oauth:token-type:jwt"}
    with deployment.http() as client:
        del client.headers["Authorization"]
        return client.post(f"{BYOK}/token", data=form)


def test_a_jobs_token_is_exchanged_for_a_key_that_every_function_takes(
    deployment: RunningService, issuer: OidcServer, tenant: str
) -> None:
    given = exchanged(deployment, issuer.job_token())
    assert given.status_code == 200, given.text
    with deployment.called_by(given.json()["access_token"]) as client:
        assert client.get("/v1/models").status_code == 200
        assert data_of(client.get(f"{BYOK}/tenants"))["items"][0]["id"] == tenant
        [entry] = [each for each in data_of(client.get(f"{BYOK}/audit"))["items"] if "exchanged" in each["action"]]
    assert entry["actor"] == JOB


def test_a_token_is_used_as_it_is_before_each_function(
    deployment: RunningService, issuer: OidcServer, tenant: str
) -> None:
    with deployment.called_by(issuer.job_token()) as client:
        assert client.get("/v1/models").status_code == 200
        assert client.get("/api/ai/pricing").status_code == 200
        assert client.get("/api/llm-registry/providers/list").status_code == 200
        assert data_of(client.get(f"{BYOK}/tenants"))["items"][0]["id"] == tenant


def test_a_person_who_signed_in_by_code_and_pkce_is_the_actor(
    deployment: RunningService, issuer: OidcServer, tenant: str
) -> None:
    with deployment.http() as client:
        del client.headers["Authorization"]
        [told] = data_of(client.get(f"{BYOK}/identity/sign-in"))["items"]
    assert (told["issuer"], told["client_id"]) == (issuer.issuer, CONSOLE)
    given = exchanged(deployment, issuer.signed_in("ann"))
    with deployment.called_by(given.json()["access_token"]) as client:
        issued = data_of(client.post(f"{BYOK}/service-keys", json={"scopes": ["chat"]}), 201)
        entries = data_of(client.get(f"{BYOK}/audit"))["items"]
    [entry] = [each for each in entries if each["subject"] == issued["id"]]
    assert (entry["action"], entry["actor"]) == ("service_key.issued", "ann")


def test_a_token_for_another_audience_is_refused_by_name(
    deployment: RunningService, issuer: OidcServer, tenant: str
) -> None:
    answer = exchanged(deployment, issuer.job_token("api://other"))
    assert (answer.status_code, answer.json()["error_description"]) == (400, "the token is for another audience")


def test_an_issuer_that_is_down_has_its_last_keys_and_one_that_rotates_has_its_new_ones(
    deployment: RunningService, issuer: OidcServer, tenant: str
) -> None:
    before = issuer.job_token()
    issuer.stop()
    assert exchanged(deployment, before).status_code == 200
    issuer.start()
    after = issuer.job_token()
    until = time.monotonic() + 3 * ASKED_AGAIN_AFTER_S
    while (answer := exchanged(deployment, after)).status_code != 200 and time.monotonic() < until:
        assert "does not publish" in answer.json()["error_description"]
        time.sleep(1)
    assert answer.status_code == 200, answer.text
