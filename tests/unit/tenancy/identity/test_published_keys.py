"""Issuers' published keys over HTTP: found by discovery, bounded, and never asked for inside of a network."""

from dataclasses import replace
from typing import Any

import httpx
import pytest

from atom_llm.adapters.identity.published_keys import MAX_DOCUMENT, HttpKeySets
from atom_llm.domain.core.errors import IssuerUnavailable
from testing.identity_world import RULE, IdentityWorld
from testing.issuer_keys import ISSUER, public, signing_key

KEYS = {"keys": [public(signing_key("RS256", "RS256-1"))]}
DISCOVERED = {"issuer": ISSUER, "jwks_uri": f"{ISSUER}/jwks"}
PUBLIC = ["93.184.215.14"]


def source(answers: dict[str, Any], addresses: list[str] = PUBLIC, *, on_this_machine: bool = False) -> HttpKeySets:
    def answer(request: httpx.Request) -> httpx.Response:
        found = answers.get(str(request.url))
        if isinstance(found, httpx.Response):
            return found
        if isinstance(found, Exception):
            raise found
        return httpx.Response(404) if found is None else httpx.Response(200, json=found)

    transport = httpx.MockTransport(answer)
    return HttpKeySets(on_this_machine=on_this_machine, transport=transport, resolve=lambda _: addresses)


ISSUED = IdentityWorld().issuer(RULE)
WELL_KNOWN, JWKS = f"{ISSUER}/.well-known/openid-configuration", f"{ISSUER}/jwks"


def test_the_discovery_document_says_where_the_keys_are() -> None:
    [key] = source({WELL_KNOWN: DISCOVERED, JWKS: KEYS}).read(ISSUED)
    assert key["kid"] == "RS256-1"


def test_keys_whose_address_the_operator_gives_are_read_there() -> None:
    at = "https://keys.example.com/v2"
    assert len(source({at: KEYS}).read(replace(ISSUED, jwks_uri=at))) == 1


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({}, "status 404"),
        ({WELL_KNOWN: DISCOVERED | {"issuer": f"{ISSUER}/"}, JWKS: KEYS}, "of another issuer"),
        ({WELL_KNOWN: {"issuer": ISSUER}}, "names no jwks_uri"),
        ({WELL_KNOWN: DISCOVERED | {"jwks_uri": "http://login.example.com/jwks"}}, "must be an https address"),
        ({WELL_KNOWN: DISCOVERED | {"jwks_uri": "https://169.254.169.254/"}}, "must be on the public internet"),
        ({WELL_KNOWN: DISCOVERED | {"jwks_uri": "https://127.0.0.1/"}}, "must not be on this machine"),
        ({WELL_KNOWN: DISCOVERED, JWKS: {"keys": []}}, "no key that verifies"),
        ({WELL_KNOWN: DISCOVERED, JWKS: [1]}, "no JSON object"),
        ({WELL_KNOWN: DISCOVERED, JWKS: httpx.Response(200, text="<html>")}, "not JSON"),
        ({WELL_KNOWN: DISCOVERED, JWKS: httpx.Response(302, headers={"location": "https://a.com"})}, "status 302"),
        ({WELL_KNOWN: DISCOVERED, JWKS: httpx.Response(200, content=b" " * (MAX_DOCUMENT + 1))}, "more than"),
        ({WELL_KNOWN: httpx.ConnectError("no")}, "ConnectError"),
        ({WELL_KNOWN: httpx.ReadTimeout("no")}, "ReadTimeout"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_wrong_with_an_issuers_answer_is_said(answers: dict[str, Any], said: str) -> None:
    with pytest.raises(IssuerUnavailable) as failed:
        source(answers).read(ISSUED)
    assert said in failed.value.message


def test_a_name_that_resolves_into_a_network_is_not_asked() -> None:
    with pytest.raises(IssuerUnavailable, match="not on the public internet"):
        source({WELL_KNOWN: DISCOVERED, JWKS: KEYS}, ["93.184.215.14", "10.0.0.1"]).read(ISSUED)


def test_loopback_is_asked_where_no_real_key_can_be() -> None:
    local = replace(ISSUED, url="http://127.0.0.1:9000")
    answers = {
        "http://127.0.0.1:9000/.well-known/openid-configuration": {
            "issuer": "http://127.0.0.1:9000",
            "jwks_uri": "http://127.0.0.1:9000/jwks",
        },
        "http://127.0.0.1:9000/jwks": KEYS,
    }
    assert len(source(answers, [], on_this_machine=True).read(local)) == 1
    with pytest.raises(IssuerUnavailable, match="must not be on this machine"):
        source(answers, []).read(local)
