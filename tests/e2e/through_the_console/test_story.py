"""The story of the console: a price that waits, a person's word, a tenant, a call, its proof, a budget, and the sum."""

import csv
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Page, expect

from testing.fakes.price_origin import Origin, price_origin
from testing.real_data import NOVEMBER, body_of
from testing.stand_in.server import StandIn
from tests.e2e.conftest import CALL_TIMEOUT_S, RunningService
from tests.e2e.through_the_console.conftest import PATIENCE_MS, WIDE, ConsolePage, Opener

NAME, MODEL = "gpt-4.1-nano", "openai/gpt-4.1-nano"
TIMES = 20  # more than any source is believed by itself
ABOVE_WHAT_IS_SPENT = Decimal("0.000001")  # USD: less than what any call is held for


@pytest.fixture
def litellm(price_source_addresses: dict[str, str]) -> Iterator[Origin]:
    """The primary price source, with its real file, at the address that the deployed functions know."""
    port = urlsplit(price_source_addresses["ATOM_LITELLM_PRICES_URL"]).port
    with price_origin(port or 0) as origin:
        origin.serve(body_of(NOVEMBER))
        yield origin


@pytest.fixture
def held(deployment: RunningService, litellm: Origin) -> None:
    """A change of one model's price that the primary source proposes, and that nobody believes yet."""
    file = json.loads(body_of(NOVEMBER))
    for key in ("input_cost_per_token", "output_cost_per_token"):
        file[NAME][key] *= TIMES
    with deployment.http() as operator:
        operator.post("/api/ai/pricing/refresh?force=true").raise_for_status()
        litellm.serve(json.dumps(file).encode())
        operator.post("/api/ai/pricing/refresh?force=true").raise_for_status()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def accept_the_price(console: ConsolePage) -> None:
    console.open("prices?tab=quarantine")
    page = console.page
    card = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=MODEL, exact=True))
    expect(card).to_contain_text("more than 10 times")
    card.get_by_role("button", name="Accept", exact=True).click()
    press(page, "Put it in force for every tenant")
    expect(card).to_have_count(0, timeout=2 * PATIENCE_MS)


def make_a_tenant(console: ConsolePage) -> str:
    """Make a tenant with a service key of its own, and return the key."""
    console.open("tenants")
    page = console.page
    page.get_by_label("Name", exact=True).fill("Story")
    press(page, "Make")
    page.get_by_role("link", name="Its service keys").click()
    for scope in ("usage:read", "keys:read", "keys:write", "budgets:write"):
        page.get_by_label(scope, exact=True).check()
    press(page, "Issue")
    issued = page.get_by_text("Copy it now").locator("code").text_content()
    assert issued is not None
    return issued


def store_a_provider_key(console: ConsolePage) -> None:
    console.open("providers?tab=keys")
    page = console.page
    page.get_by_label("The key", exact=True).fill("stand-in-openai-0000")
    press(page, "Store")
    expect(page.get_by_text("Stored as")).to_be_visible()
    expect(page.get_by_role("cell", name="…0000")).to_be_visible()


def set_two_budgets(console: ConsolePage, limit_usd: str) -> None:
    """Set the tenant's budgets of a month in USD and of a day in tokens."""
    console.open("budgets")
    page = console.page
    page.get_by_label("Limit, $", exact=True).fill(limit_usd)
    press(page, "Set")
    expect(page.get_by_text("Set: tenant, month.", exact=True)).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_label("Window", exact=True).select_option("day")
    page.get_by_label("Unit", exact=True).select_option("tokens")
    page.get_by_label("Limit, tokens", exact=True).fill("1000000")
    press(page, "Set")
    expect(page.get_by_text("Set: tenant, day, tokens.", exact=True)).to_be_visible(timeout=PATIENCE_MS)


def call_in_the_playground(console: ConsolePage) -> None:
    console.open(f"playground?model={MODEL}")
    console.page.get_by_label("Prompt", exact=True).fill("Say hello")
    press(console.page, "Send")


def column_of(download: Path, name: str) -> list[Decimal]:
    with download.open(newline="") as file:
        return [Decimal(row[name]) for row in csv.DictReader(file)]


def test_a_price_is_accepted_a_call_proved_a_budget_reached_and_the_file_adds_up(
    signed_in: Opener, front_door: str, held: None, stand_in: StandIn, tmp_path: Path
) -> None:
    stand_in.behave()
    console = signed_in(WIDE)
    page = console.page
    accept_the_price(console)
    service_key = make_a_tenant(console)
    press(page, "Sign out")

    console.sign_in(service_key)
    expect(page.get_by_role("link", name="Tenants", exact=True)).to_have_count(0)
    store_a_provider_key(console)
    call_in_the_playground(console)
    expect(page.get_by_text("Proved: computed again here from its proof")).to_be_visible(timeout=2 * PATIENCE_MS)
    page.get_by_role("link", name="The call, each attempt and its proof").click()
    expect(page.get_by_text("exactly what was charged")).to_be_visible()
    expect(page.get_by_role("row", name="input", exact=False).first).to_contain_text("$0.00000")

    authorization = {"Authorization": f"Bearer {service_key}"}
    with httpx.Client(base_url=front_door, headers=authorization, timeout=CALL_TIMEOUT_S, trust_env=False) as tenant:
        calls = tenant.get("/api/byok/usage/calls").json()["data"]["items"]
        spent = sum((Decimal(each["cost_usd"]) for each in calls), Decimal(0))
    assert spent > 0
    set_two_budgets(console, limit_usd=f"{spent + ABOVE_WHAT_IS_SPENT:f}")

    call_in_the_playground(console)
    expect(page.get_by_role("alert")).to_contain_text("budget", timeout=2 * PATIENCE_MS)
    refusal = page.get_by_label("The budget that refused")
    expect(refusal).to_contain_text("tenant, month")
    expect(refusal).to_contain_text("held by open calls $0.00")
    expect(refusal.get_by_role("term")).to_have_text(
        ["Budget", "Left", "This call, at most", "Resets", "What would fit"]
    )
    refused = console.complaints.pop()  # a browser notes each answer that is none
    assert "402" in refused

    console.open("")
    expect(page.get_by_text("The budget of tenant a month (usd) refuses calls since")).to_be_visible()
    expect(page.get_by_text("of 1,000,000 tokens")).to_be_visible()

    console.open("spend?over=hour&by=model")
    with page.expect_download() as downloading:
        press(page, "Download CSV")
    downloading.value.save_as(tmp_path / "usage.csv")
    assert sum(column_of(tmp_path / "usage.csv", "cost_usd")) == spent
    console.open("calls")
    with page.expect_download() as downloading:
        press(page, "Download CSV")
    downloading.value.save_as(tmp_path / "calls.csv")
    assert sum(column_of(tmp_path / "calls.csv", "cost_usd")) == spent
    assert console.faults() == []
