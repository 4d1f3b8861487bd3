"""Tokens before the byok function: trusted, exchanged by RFC 8693, used as they are, and told of as the person."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from atom_llm.domain.tenancy.service_keys import Scope
from testing.fakes.issuers import IssuersInMemory, KeySetsInMemory
from testing.issuer_keys import AUDIENCE, ISSUER, LIVES_S, claims, public, signing_key, token
from tests.functions.byok.byok_world import OPERATOR, OURS, PREFIX, THEIRS, ByokWorld
from tests.functions.pricing.pricing_world import data_of

pytestmark = pytest.mark.anyio

GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # a type
DECLARED: Mapping[str, Any] = {
    "issuer": ISSUER,
    "audiences": [AUDIENCE],
    "sign_in_client": "console",
    "rules": [{"when": {"groups": ["llm-users"]}, "tenant": str(OURS), "scopes": ["chat", "keys:write", "admin"]}],
}
KEY = signing_key("RS256", "RS256-1")


@pytest.fixture
async def trusting(byok: ByokWorld) -> ByokWorld:
    """A world in which the operator trusts an issuer whose tokens are ours."""
    byok.ports.key_sets = KeySetsInMemory([public(KEY)])
    byok.ports.issuers = IssuersInMemory(byok.audit)
    answer = await byok.ask("PUT", "/identity/issuers", tenant=OPERATOR, json=DECLARED)
    assert answer.status_code == 200, answer.text
    return byok


def shown(byok: ByokWorld, **other: Any) -> str:
    return token(KEY, claims(byok.clock(), **other))


def form(subject: str, **other: str) -> dict[str, str]:
    usual = {"grant_type": GRANT, "subject_token": subject, "subject_token_type": ACCESS_TOKEN}
    return {name: value for name, value in (usual | other).items() if value}


async def ask(byok: ByokWorld, method: str, path: str, key: str | None = None, **more: Any) -> httpx.Response:
    """Ask with a credential, or with none."""
    headers = {"authorization": f"Bearer {key}"} if key else {}
    transport = httpx.ASGITransport(byok.app, client=("203.0.113.9", 5000))
    async with httpx.AsyncClient(transport=transport, base_url="http://byok", headers=headers) as client:
        return await client.request(method, PREFIX + path, **more)


async def exchanged(byok: ByokWorld, **other: Any) -> dict[str, Any]:
    answer = await ask(byok, "POST", "/token", data=form(shown(byok, **other)))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_a_token_is_exchanged_for_a_service_key_by_rfc_8693(trusting: ByokWorld) -> None:
    given = await exchanged(trusting)
    assert given.keys() == {"access_token", "issued_token_type", "token_type", "expires_in", "scope"}
    assert (given["token_type"], given["issued_token_type"]) == ("Bearer", ACCESS_TOKEN)
    assert (given["expires_in"], given["scope"]) == (LIVES_S + 60, "admin chat keys:write")
    assert (await ask(trusting, "GET", "/service-keys", given["access_token"])).status_code == 200


async def test_a_scope_that_is_asked_for_is_all_that_the_key_has(trusting: ByokWorld) -> None:
    answer = await ask(trusting, "POST", "/token", data=form(shown(trusting), scope="chat"))
    assert answer.json()["scope"] == "chat"
    refused = await ask(trusting, "GET", "/service-keys", answer.json()["access_token"])
    assert refused.json()["error"]["code"] == "scope_missing"


async def test_a_token_is_used_as_it_is(trusting: ByokWorld) -> None:
    answer = await ask(trusting, "GET", "/service-keys", shown(trusting))
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"aud": "api://other"}, "audience"),
        ({"exp": 1}, "time"),
        ({"iss": "https://evil.example.com"}, "issuer"),
        ({"groups": []}, "no_rule"),
    ],
)
async def test_a_token_that_opens_nothing_is_told_why(trusting: ByokWorld, other: dict[str, Any], reason: str) -> None:
    bad = shown(trusting, **other)
    answer = await ask(trusting, "GET", "/service-keys", bad)
    told = answer.json()["error"]
    assert (answer.status_code, told["code"], told["details"]) == (401, "token_refused", {"reason": reason})
    refused = await ask(trusting, "POST", "/token", data=form(bad))
    assert (refused.status_code, refused.json().keys()) == (400, {"error", "error_description"})
    assert (refused.json()["error"], refused.json()["error_description"]) == ("invalid_request", told["message"])
    assert bad not in answer.text + refused.text


@pytest.mark.parametrize(
    ("body", "status", "error", "named"),
    [
        ({"grant_type": "password"}, 400, "unsupported_grant_type", "grant_type"),
        ({"subject_token_type": "saml"}, 400, "invalid_request", "subject_token_type"),
        ({"subject_token": ""}, 400, "invalid_request", "subject_token"),
        ({"requested_token_type": "refresh"}, 400, "invalid_request", "requested_token_type"),
        ({"scope": "root"}, 400, "invalid_scope", "scope"),
        ({"scope": "budgets:write"}, 400, "invalid_scope", "scope"),
        ({"password": "x"}, 400, "invalid_request", "password"),
    ],
    ids=str,
)
async def test_a_wrong_field_of_an_exchange_is_named(
    trusting: ByokWorld, body: dict[str, str], status: int, error: str, named: str
) -> None:
    answer = await ask(trusting, "POST", "/token", data=form(shown(trusting), **body))
    told = answer.json()
    assert (answer.status_code, told["error"]) == (status, error), told
    assert named in told["error_description"]


async def test_a_parameter_that_is_given_twice_is_refused(trusting: ByokWorld) -> None:
    body = "grant_type=a&grant_type=b"
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = await ask(trusting, "POST", "/token", content=body, headers=headers)
    assert (answer.status_code, answer.json()["error_description"]) == (400, "grant_type is given twice")


async def test_an_exchange_takes_a_form_alone(trusting: ByokWorld) -> None:
    answer = await ask(trusting, "POST", "/token", json=form(shown(trusting)))
    assert (answer.status_code, answer.json().keys()) == (415, {"error", "error_description"})


async def test_a_compressed_exchange_is_refused_by_its_header(trusting: ByokWorld) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded", "content-encoding": "br"}
    answer = await ask(trusting, "POST", "/token", content=b"\x8b\x00", headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (415, "unsupported_media_type")
    assert "content-encoding" in answer.json()["error_description"]


async def test_an_issuer_that_is_down_is_a_503_that_says_when_to_come_again(trusting: ByokWorld) -> None:
    trusting.ports.key_sets.is_down = True  # type: ignore[attr-defined]  # of the fake
    trusting.clock.pass_s(3_600)
    answer = await ask(trusting, "POST", "/token", data=form(shown(trusting)))
    assert (answer.status_code, answer.json()["error"]) == (503, "temporarily_unavailable")
    assert "retry-after" in answer.headers


async def test_who_did_what_stands_in_the_audit_as_the_person(trusting: ByokWorld) -> None:
    given = await exchanged(trusting, sub="ann@acme.com")
    body = {"provider": "openai", "api_key": "sk-proj-0123456789-ours"}
    assert (await ask(trusting, "POST", "/keys", given["access_token"], json=body)).status_code == 201
    body |= {"api_key": "sk-proj-9876543210-ours"}
    assert (await ask(trusting, "POST", "/keys", shown(trusting, sub="bob"), json=body)).status_code == 201
    told = data_of(await trusting.ask("GET", "/audit"))["items"]
    actors = {(each["action"], each["actor"]) for each in told}
    assert {("provider_key.stored", "ann@acme.com"), ("provider_key.stored", "bob")} <= actors
    assert ("service_key.exchanged", "ann@acme.com") in actors
    [by_key] = [each for each in told if each["actor"] == "ann@acme.com" and each["action"] == "provider_key.stored"]
    assert by_key["service_key"] == given["access_token"].split("_")[2]


async def test_exchanged_keys_are_a_list_of_their_own_and_can_be_revoked(trusting: ByokWorld) -> None:
    given = await exchanged(trusting)
    issued = data_of(await trusting.ask("GET", "/service-keys"))["items"]
    assert all(each["person"] is None for each in issued)
    [listed] = data_of(await trusting.ask("GET", "/service-keys", params={"exchanged": "true"}))["items"]
    assert (listed["person"], listed["issuer"], listed["lapses_at"]) == ("ann", ISSUER, None)
    assert (await trusting.ask("DELETE", f"/service-keys/{listed['id']}")).status_code == 200
    trusting.clock.pass_s(5)
    assert (await ask(trusting, "GET", "/service-keys", given["access_token"])).status_code == 401


async def test_a_distrusted_issuers_keys_open_nothing_within_a_minute(trusting: ByokWorld) -> None:
    given = await exchanged(trusting)
    assert (await ask(trusting, "GET", "/service-keys", given["access_token"])).status_code == 200
    [issuer] = data_of(await trusting.ask("GET", "/identity/issuers", tenant=OPERATOR))["items"]
    gone = await trusting.ask("DELETE", f"/identity/issuers/{issuer['id']}", tenant=OPERATOR)
    assert gone.status_code == 200
    trusting.clock.pass_s(60)
    assert (await ask(trusting, "GET", "/service-keys", given["access_token"])).status_code == 401
    again = await trusting.ask("PUT", "/identity/issuers", tenant=OPERATOR, json=DECLARED)
    assert again.status_code == 200
    trusting.clock.pass_s(60)  # what was exchanged under the earlier trust stays closed
    assert (await ask(trusting, "GET", "/service-keys", given["access_token"])).status_code == 401


async def test_a_changed_rule_leaves_exchanged_keys_unless_they_are_ended(trusting: ByokWorld) -> None:
    given = await exchanged(trusting)
    narrower = {**DECLARED, "rules": [{**DECLARED["rules"][0], "scopes": ["chat"]}]}
    trusting.clock.pass_s(1)
    await trusting.ask("PUT", "/identity/issuers", tenant=OPERATOR, json=narrower)
    trusting.clock.pass_s(60)
    assert (await ask(trusting, "GET", "/service-keys", given["access_token"])).status_code == 200
    await trusting.ask("PUT", "/identity/issuers", tenant=OPERATOR, json={**narrower, "end_keys": True})
    trusting.clock.pass_s(60)
    assert (await ask(trusting, "GET", "/service-keys", given["access_token"])).status_code == 401


async def test_an_exchanged_key_counts_not_among_the_keys_that_a_tenant_may_have(trusting: ByokWorld) -> None:
    for number in range(20):
        await exchanged(trusting, sub=f"person {number}")
    assert len(list(trusting.keys.of(OURS, exchanged=True))) == 20
    assert (await trusting.ask("POST", "/service-keys", json={"scopes": ["chat"]})).status_code == 201


async def test_an_admin_who_signed_in_for_an_hour_issues_keys_that_last(trusting: ByokWorld) -> None:
    given = await exchanged(trusting)
    answer = await ask(trusting, "POST", "/service-keys", given["access_token"], json={"scopes": ["chat"]})
    assert (answer.status_code, answer.json()["data"]["expires_at"]) == (201, None)


async def test_anybody_is_told_how_people_sign_in_and_nothing_else(trusting: ByokWorld) -> None:
    answer = await ask(trusting, "GET", "/identity/sign-in")
    assert data_of(answer)["items"] == [{"issuer": ISSUER, "client_id": "console", "scope": "openid profile email"}]


async def test_another_tenants_admin_sees_no_issuer_that_leads_not_to_it(trusting: ByokWorld) -> None:
    assert data_of(await trusting.ask("GET", "/identity/issuers", tenant=THEIRS))["items"] == []
    assert len(data_of(await trusting.ask("GET", "/identity/issuers", tenant=OURS))["items"]) == 1
    refused = await trusting.ask("GET", "/identity/issuers", scopes=(Scope.CHAT,))
    assert refused.status_code == 403


async def test_a_wrong_declaration_names_its_field(trusting: ByokWorld) -> None:
    wrong = {**DECLARED, "rules": [{"tenant": "nobody-at-all", "scopes": ["chat"]}]}
    answer = await trusting.ask("PUT", "/identity/issuers", tenant=OPERATOR, json=wrong)
    assert (answer.status_code, answer.json()["error"]["details"]) == (422, {"fields": [{"field": "rules.0.tenant"}]})
