"""Signing in to the console by an OpenID Connect server: code and PKCE in Chromium, and a key of the person's."""

from collections.abc import Iterator
from time import monotonic
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from atom_llm.services.tenancy.identity.trusted_issuers import KNOWN_FOR
from local.processes import free_port
from testing.oidc.server import AUDIENCE, CONSOLE, OidcServer
from tests.e2e.conftest import RunningService
from tests.e2e.through_the_console.conftest import WIDE, Opener


@pytest.fixture
def issuer(deployment: RunningService, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OidcServer]:
    """A server that the deployment trusts, whose people are of a tenant of their own."""
    name = f"t-{uuid4().hex[:12]}"
    with OidcServer(free_port(), tmp_path_factory.mktemp("oidc")) as server, deployment.http() as operator:
        rule = {"when": {"groups": ["llm-users"]}, "tenant": name, "scopes": ["chat", "usage:read"]}
        declared = {"issuer": server.issuer, "audiences": [AUDIENCE, CONSOLE], "rules": [rule]}
        declared |= {"sign_in_client": CONSOLE}
        operator.post("/api/byok/tenants", json={"id": name, "name": "Signed in"}).raise_for_status()
        trusted = operator.put("/api/byok/identity/issuers", json=declared)
        trusted.raise_for_status()
        yield server
        operator.delete(f"/api/byok/identity/issuers/{trusted.json()['data']['id']}").raise_for_status()
        operator.delete(f"/api/byok/tenants/{name}").raise_for_status()


def test_a_person_signs_in_by_code_and_pkce_and_sees_the_own_tenant(opened: Opener, issuer: OidcServer) -> None:
    console = opened(WIDE)
    page = console.page
    page.goto(f"{console.address}/console/")
    offered = page.get_by_role("link", name=f"Sign in with {issuer.issuer.removeprefix('http://')}")
    until = monotonic() + KNOWN_FOR.total_seconds() + 10
    while not offered.count() and monotonic() < until:  # a process that knew of none asks again after a while
        page.wait_for_timeout(2_000)
        page.reload()
    offered.click()
    page.locator("[name=login]").fill("ann")
    page.locator("[name=password]").fill("any")
    page.locator("[type=submit]").click()
    page.locator("[type=submit]").click()  # what the client may know
    page.get_by_role("navigation", name="Pages").wait_for()
    expect(page.get_by_text("Signed in", exact=True)).to_be_visible()
    assert page.url.partition("#")[0] == f"{console.address}/console/index.html"
    assert [each for each in console.faults() if "http" not in each or console.address in each] == []  # no issuer's


def test_what_was_not_begun_in_this_tab_is_not_finished(opened: Opener, issuer: OidcServer) -> None:
    console = opened(WIDE)
    console.page.goto(f"{console.address}/console/oidc.html?code=stolen&state=somebody-elses")
    expect(console.page.get_by_role("alert")).to_have_text("This sign-in was not begun in this tab.")
    assert console.faults() == []
