"""Roles of the account before the byok function: let in by API Gateway's word alone, and by rules."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from anyio import to_thread

from atom_llm.domain.tenancy.identity.trusted_issuers import issuer_id
from atom_llm.http.lambda_handler import handler_for
from testing.fakes.issuers import IssuersInMemory
from testing.lambda_runtime.events import api_event
from tests.functions.byok.byok_world import OPERATOR, OURS, PREFIX, THEIRS, ByokWorld
from tests.functions.pricing.pricing_world import data_of

pytestmark = pytest.mark.anyio

ROLE = "arn:aws:iam::123456789012:role/deploy"
SIGNER = "arn:aws:sts::123456789012:assumed-role/deploy/ci-run-7"
RULE: Mapping[str, Any] = {
    "when": {"role": [ROLE]},
    "tenant": str(OURS),
    "scopes": ["chat", "keys:write", "admin"],
    "person_claim": "session",
    "team": "platform",
}
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
async def trusting(byok: ByokWorld) -> ByokWorld:
    """A world in which the operator lets a role of the account in."""
    byok.ports.issuers = IssuersInMemory(byok.audit)
    answer = await declared(byok)
    assert answer.status_code == 200, answer.text
    return byok


async def declared(byok: ByokWorld, *rules: Mapping[str, Any], **more: Any) -> httpx.Response:
    body = {"issuer": "iam", "rules": [dict(rule) for rule in rules or (RULE,)]} | more
    return await byok.ask("PUT", "/identity/issuers", tenant=OPERATOR, json=body)


async def signed(
    byok: ByokWorld, signer: str | None = SIGNER, headers: Mapping[str, str] | None = None, **form: str
) -> tuple[int, dict[str, Any]]:
    """Ask behind API Gateway, whose authorizer says who has signed, or nothing where it does not stand."""
    body = urlencode({"grant_type": "client_credentials"} | form)
    told = {"Content-Type": FORM, **(headers or {})}
    event = dict(api_event("POST", f"{PREFIX}/iam/token", headers=told, body=body))
    event["requestContext"]["identity"]["userArn"] = signer
    answer = await handled(byok, event)
    return answer["statusCode"], json.loads(answer["body"])


async def handled(byok: ByokWorld, event: dict[str, Any]) -> Mapping[str, Any]:
    """Hand an event to the function, in a thread of its own: Mangum has a loop of its own."""

    def answered() -> Mapping[str, Any]:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            return handler_for(byok.app.own())(event, None)
        finally:
            asyncio.set_event_loop(None)
            loop.close()

    return await to_thread.run_sync(answered)


async def opens(byok: ByokWorld, key: str) -> int:
    return (await byok.client(key=key).get(PREFIX + "/service-keys")).status_code


async def test_a_role_that_has_signed_gets_a_key_of_its_tenant_for_an_hour(trusting: ByokWorld) -> None:
    status, given = await signed(trusting)
    assert (status, given["expires_in"], given["scope"]) == (200, 3600, "admin chat keys:write")
    assert await opens(trusting, given["access_token"]) == 200
    (shown,) = (await trusting.read("/service-keys", exchanged="true"))["items"]
    assert (shown["person"], shown["issuer"]) == ("ci-run-7", "iam")


async def test_a_scope_that_is_asked_for_is_all_that_the_key_has(trusting: ByokWorld) -> None:
    assert (await signed(trusting, scope="chat"))[1]["scope"] == "chat"
    status, refused = await signed(trusting, scope="budgets:write")
    assert (status, refused["error"]) == (400, "invalid_scope")


@pytest.mark.parametrize(
    "signer",
    [
        None,
        "",
        "arn:aws:sts::123456789012:assumed-role/other/ci-run-7",
        "arn:aws:sts::999999999999:assumed-role/deploy/ci-run-7",
        "arn:aws:sts::123456789012:assumed-role/deploy",
        "arn:aws:sts::123456789012:assumed-role/deploy/ci/run",
        "arn:aws:iam::123456789012:role/deploy",
        "arn:aws:iam::123456789012:user/deploy",
        "arn:aws:sts::123456789012:federated-user/deploy",
        "arn:aws:iam::123456789012:root",
    ],
)
async def test_every_other_signer_is_refused(trusting: ByokWorld, signer: str | None) -> None:
    status, refused = await signed(trusting, signer)
    assert (status, refused["error"]) == (401, "invalid_client")


FORGED: Mapping[str, str] = {
    "x-amzn-request-context": json.dumps({"identity": {"userArn": SIGNER}, "path": f"/live{PREFIX}/iam/token"}),
    "x-amzn-lambda-context": json.dumps({"identity": {"userArn": SIGNER}}),
    "x-amzn-iam-arn": SIGNER,
    "userArn": SIGNER,
    "Authorization": "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20261130/eu-west-1/execute-api/aws4_request",
}


async def test_headers_of_a_caller_s_own_let_nobody_in_behind_the_gateway(trusting: ByokWorld) -> None:
    assert (await signed(trusting, None, FORGED))[0] == 401


async def test_headers_of_a_caller_s_own_let_nobody_in_where_no_gateway_stands_in_front(trusting: ByokWorld) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(trusting.app), base_url="http://byok") as client:
        answer = await client.post(
            PREFIX + "/iam/token", headers=dict(FORGED), data={"grant_type": "client_credentials"}
        )
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_a_signature_says_nothing_on_other_routes(trusting: ByokWorld) -> None:
    event = dict(api_event("GET", f"{PREFIX}/service-keys", headers={"Content-Type": FORM}))
    event["requestContext"]["identity"]["userArn"] = SIGNER
    assert (await handled(trusting, event))["statusCode"] == 401


async def test_what_is_no_request_for_a_key_is_refused_by_its_field(trusting: ByokWorld) -> None:
    assert (await signed(trusting, grant_type="password"))[1]["error"] == "unsupported_grant_type"
    status, refused = await signed(trusting, subject_token="x")
    assert (status, refused["error"]) == (400, "invalid_request")


async def test_keys_of_roles_open_nothing_once_the_account_is_trusted_no_longer(trusting: ByokWorld) -> None:
    _, given = await signed(trusting)
    gone = await trusting.ask("DELETE", f"/identity/issuers/{issuer_id('iam')}", tenant=OPERATOR)
    assert gone.status_code == 200, gone.text
    trusting.clock.pass_s(61)
    assert await opens(trusting, given["access_token"]) == 401
    assert (await signed(trusting))[0] == 401


async def test_a_role_is_no_issuer_of_tokens_and_its_rules_are_shown_to_whom_they_lead_to(trusting: ByokWorld) -> None:
    (ours,) = (await trusting.read("/identity/issuers"))["items"]
    assert (ours["issuer"], ours["audiences"], ours["algorithms"]) == ("iam", [], [])
    assert (await trusting.read("/identity/issuers", tenant=THEIRS))["items"] == []
    assert data_of(await declared(trusting))["changed_at"] == ours["changed_at"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"when": {}}, "rules.0.when"),
        ({"when": {"session": ["ci"]}}, "rules.0.when"),
        ({"when": {"role": ["deploy"]}}, "rules.0.when.role.0"),
        ({"when": {"role": ["arn:aws:iam::123456789012:role/ci/deploy"]}}, "rules.0.when.role.0"),
        ({"when": {"role": ["arn:aws:iam::123456789012:role/*"]}}, "rules.0.when.role.0"),
        ({"tenant": None, "tenant_claim": "session"}, "rules.0.tenant_claim"),
        ({"scopes_claim": "session"}, "rules.0.scopes_claim"),
        ({"team": None, "team_claim": "session"}, "rules.0.team_claim"),
        ({"person_claim": "email"}, "rules.0.person_claim"),
    ],
    ids=range(9),
)
async def test_a_rule_by_which_a_session_could_choose_who_it_is_is_refused(
    byok: ByokWorld, change: dict[str, Any], field: str
) -> None:
    byok.ports.issuers = IssuersInMemory(byok.audit)
    answer = await declared(byok, {**RULE, **change})
    assert answer.status_code == 422, answer.text
    assert answer.json()["error"]["details"]["fields"] == [{"field": field}]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"audiences": ["x"]}, "audiences"),
        ({"algorithms": ["RS256"]}, "algorithms"),
        ({"jwks_uri": "https://login.example.com/keys"}, "jwks_uri"),
        ({"sign_in_client": "console"}, "sign_in_client"),
    ],
    ids=["audiences", "algorithms", "jwks_uri", "sign_in_client"],
)
async def test_the_account_has_nothing_of_tokens(byok: ByokWorld, more: dict[str, Any], field: str) -> None:
    byok.ports.issuers = IssuersInMemory(byok.audit)
    answer = await declared(byok, **more)
    assert answer.json()["error"]["details"]["fields"] == [{"field": field}]


async def test_an_issuer_of_tokens_names_its_audience(byok: ByokWorld) -> None:
    answer = await declared(byok, issuer="https://login.example.com")
    assert answer.json()["error"]["details"]["fields"] == [{"field": "audiences"}]
