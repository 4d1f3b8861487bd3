"""GET /api/ai/pricing/history/{model}: every span in which the same rates were believed."""

from datetime import timedelta
from itertools import pairwise

import pytest

from testing.fakes.service_keys import NOON
from tests.functions.http.sample_app import error_of
from tests.functions.http.test_paging import forged
from tests.functions.pricing.pricing_world import DAY, PricingWorld, chat, prices

pytestmark = pytest.mark.anyio

CHARGED = [2.5e-06, 2.4e-06, 2.4e-06, 2.3e-06]  # of gpt-4o, day by day
SHOWN = ["0.0000023", "0.0000024", "0.0000025"]


@pytest.fixture
async def changing(pricing: PricingWorld) -> PricingWorld:
    """Four daily refreshes, of which two changed the price of gpt-4o."""
    pricing.puts_in_force({})
    for charge in CHARGED:
        pricing.says(prices(**{"gpt-4o": chat("openai", charge, 1e-05)}))
        await pricing.refreshed(force=True)
        pricing.clock.pass_s(DAY.total_seconds())
    return pricing


async def test_spans_come_newest_first_and_join_without_a_gap(changing: PricingWorld) -> None:
    spans = (await changing.read("/history/gpt-4o"))["items"]
    assert [each["rates"]["input_cost_per_token"] for each in spans] == SHOWN
    assert [each["since"] for each in spans] == ["2026-11-26T12:00:00Z", "2026-11-24T12:00:00Z", "2026-11-23T12:00:00Z"]
    assert spans[0]["until"] is None
    assert all(newer["since"] == older["until"] for newer, older in pairwise(spans))


async def test_history_agrees_with_what_was_believed_at_each_instant(changing: PricingWorld) -> None:
    for span in (await changing.read("/history/gpt-4o"))["items"]:
        believed = await changing.read("/model/gpt-4o", at=span["since"])
        assert believed["input_usd_per_token"] == span["rates"]["input_cost_per_token"]


async def test_a_price_that_never_changed_is_one_span(changing: PricingWorld) -> None:
    (span,) = (await changing.read("/history/claude-sonnet-4-5"))["items"]
    assert (span["since"], span["until"]) == ("2026-11-23T12:00:00Z", None)


async def test_an_alias_says_what_it_was_taken_for(changing: PricingWorld) -> None:
    data = await changing.read("/history/GPT_4o")
    assert (data["model"], data["match"], len(data["items"])) == ("openai/gpt-4o", "alias", 3)


async def test_an_absence_is_a_gap(changing: PricingWorld) -> None:
    for present in (False, True):
        changing.says(prices(**{} if present else {"whisper-1": None}))
        await changing.refreshed(force=True)
        changing.clock.pass_s(DAY.total_seconds())
    spans = (await changing.read("/history/whisper-1"))["items"]
    assert [(each["since"][:10], each["until"] and each["until"][:10]) for each in spans] == [
        ("2026-11-28", None),
        ("2026-11-23", "2026-11-27"),
    ]


@pytest.mark.parametrize("limit", [1, 2, 3])
async def test_pages_hold_every_span_once(changing: PricingWorld, limit: int) -> None:
    pages = await changing.pages("/history/gpt-4o", limit=limit)
    spans = [each for page in pages for each in page["items"]]
    assert [each["rates"]["input_cost_per_token"] for each in spans] == SHOWN
    assert len(pages) == -(-3 // limit)


async def test_the_packaged_price_is_a_history_of_one(pricing: PricingWorld) -> None:
    (span,) = (await pricing.read("/history/gpt-4o"))["items"]
    assert (span["since"], span["until"]) == ("2026-11-12T00:00:00Z", None)


async def test_another_process_may_have_written_meanwhile(changing: PricingWorld) -> None:
    """A reader's catalogue may be a minute behind the book; its history then ends there."""
    await changing.read("/history/gpt-4o")
    elsewhere = PricingWorld()
    elsewhere.book, elsewhere.journal, elsewhere.clock = changing.book, changing.journal, changing.clock
    elsewhere.uses(*elsewhere.sources)
    elsewhere.puts_in_force(prices(**{"gpt-4o": chat("openai", 1e-06, 1e-05)}), at=changing.clock.now)
    spans = (await changing.read("/history/gpt-4o"))["items"]
    assert [each["rates"]["input_cost_per_token"] for each in spans] == SHOWN
    assert changing.clock.now - NOON == timedelta(days=4)


async def test_an_unknown_model_is_a_404_with_near_names(changing: PricingWorld) -> None:
    answer = await changing.get("/history/gpt-4oo")
    assert (answer.status_code, error_of(answer)["code"]) == (404, "model_not_found")
    assert "openai/gpt-4o" in error_of(answer)["details"]["near"]


@pytest.mark.parametrize("position", [{"from_span": -1}, {"from_span": 10**12}, {"from_span": "1"}, {"span": 1}])
async def test_a_cursor_that_this_list_did_not_give_out_is_refused(
    changing: PricingWorld, position: dict[str, object]
) -> None:
    answer = await changing.get("/history/gpt-4o", cursor=forged(position))
    assert (answer.status_code, error_of(answer)["details"]["fields"][0]["field"]) == (422, "cursor")
