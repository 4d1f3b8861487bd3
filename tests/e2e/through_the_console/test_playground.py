"""The playground: an answer as it comes, with its receipt and the proof of its cost, computed again in the browser."""

import re

from playwright.sync_api import expect

from testing.stand_in.server import StandIn
from tests.e2e.through_the_console.conftest import NARROW, WIDE, Opener


def test_a_call_comes_with_its_receipt_its_proof_and_the_plan_that_it_followed(
    signed_in: Opener, stand_in: StandIn
) -> None:
    stand_in.behave()
    console = signed_in(WIDE)
    console.open("playground?model=anthropic/claude-haiku-4-5,mistral/mistral-medium-latest&max_tokens=500")
    page = console.page
    page.get_by_label("Prompt", exact=True).fill("Say hello")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Proved: computed again here from its proof")).to_be_visible(timeout=60_000)
    receipt = page.locator("section", has=page.get_by_role("heading", name="Receipt"))
    expect(receipt).to_contain_text("anthropic/claude-haiku-4-5")
    expect(receipt.get_by_role("listitem").first).to_contain_text("at most $")
    assert console.faults() == []
    receipt.get_by_role("link", name="The call, each attempt and its proof").click()
    expect(page.get_by_text("exactly what was charged")).to_be_visible()


def test_a_refusal_is_told_in_the_service_s_own_words(signed_in: Opener) -> None:
    console = signed_in(NARROW)
    console.open("playground?model=openai/none-of-that-name")
    console.page.get_by_label("Prompt", exact=True).fill("Say hello")
    console.page.get_by_role("button", name="Send").click()
    expect(console.page.get_by_role("alert")).to_contain_text("no model is known as 'openai/none-of-that-name'")
    assert console.is_as_wide_as_its_window()


def test_a_prompt_stands_neither_in_the_address_nor_in_what_the_browser_keeps(signed_in: Opener) -> None:
    console = signed_in(WIDE)
    console.open("playground")
    console.page.get_by_label("Prompt", exact=True).fill("a secret of ours")
    assert re.search("secret", console.page.url) is None
    kept = "Object.values(localStorage).concat(Object.values(sessionStorage)).join()"
    assert "secret" not in console.page.evaluate(kept)
