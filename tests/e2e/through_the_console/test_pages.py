"""Every page of the console, wide and narrow: nothing refused, nothing wrong, nothing that stands out."""

import re

import pytest

from local.workspace import CONSOLE
from tests.e2e.conftest import RunningService
from tests.e2e.through_the_console.conftest import NARROW, WIDE, Opener

PARTS = ["prices?tab=quarantine", "prices?tab=changes", "prices?tab=disagreement", "prices?tab=sources"]
PARTS += ["prices?model=openai/gpt-4o"]
PARTS += ["spend?over=hour&by=model", "spend?over=tier&by=user", "spend?tab=what-if&models=openai/gpt-4o"]
PARTS += ["spend?tab=frontier", "spend?tab=bills", "providers?tab=time", "providers?tab=keys"]
PARTS += ["tiers?tab=preferences", "tiers?tab=classify", "tenants?tab=keys", "tenants?tab=audit"]
PAGES = re.findall(r'\{ name: "(\w*)"', (CONSOLE / "src" / "pages.ts").read_text())


def test_the_menu_is_read_from_the_sources() -> None:
    assert {"", "prices", "spend", "budgets", "calls", "providers", "tiers", "playground", "tenants"} <= set(PAGES)


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_every_page_is_accessible_and_breaks_no_rule_of_its_own(signed_in: Opener, width: int) -> None:
    console = signed_in(width)
    found: dict[str, list[str]] = {}
    for page in [*PAGES, *PARTS]:
        console.open(page)
        faults = console.faults()
        if not console.is_as_wide_as_its_window():
            faults.append("wider than its window")
        if faults:
            found[page or "overview"] = faults
    assert found == {}


def test_signing_in_refuses_a_wrong_key_in_its_own_words_and_keeps_none(opened: Opener) -> None:
    console = opened(NARROW)
    console.page.goto(f"{console.address}/console/")
    assert console.faults() == []
    console.page.get_by_label("Service key").fill("atom_local_wrong")
    console.page.get_by_role("button", name="Sign in").click()
    console.page.get_by_role("alert").wait_for()
    assert console.page.evaluate("sessionStorage.length + localStorage.length") == 0


def test_the_key_is_in_no_address_and_outlives_no_tab(signed_in: Opener, deployment: RunningService) -> None:
    console = signed_in(WIDE)
    asked: list[str] = []
    console.page.on("request", lambda request: asked.append(request.url))
    for page in PAGES:
        console.open(page)
    assert asked
    assert not [url for url in asked if deployment.service_key in url]
    assert not [url for url in asked if not url.startswith(console.address)], "no other host is asked"
    assert console.page.evaluate("Object.values(localStorage).join()").count(deployment.service_key) == 0
    console.page.get_by_role("button", name="Sign out").click()
    console.page.get_by_label("Service key").wait_for()
    assert console.page.evaluate("sessionStorage.length") == 0
