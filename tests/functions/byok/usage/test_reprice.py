"""A period's calls costed anew: on other models, at another day's prices, in parts."""

from decimal import Decimal
from typing import Any

import pytest

from atom_llm.http.paging import cursor
from atom_llm.services.ledger.reports.reprice_usage import rows_of_a_part
from testing.money_world import usd
from tests.functions.byok.byok_world import OF_GPT_4O, ByokWorld
from tests.functions.pricing.pricing_world import DAY, chat, data_of, prices

pytestmark = pytest.mark.anyio


async def test_a_period_is_costed_on_another_model_and_history_stays(byok: ByokWorld) -> None:
    for _ in range(3):
        byok.called()
    body = {"from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z", "models": ["gpt-4o-mini", "gpt-unpriced"]}
    answer = await byok.ask("POST", "/usage/reprice", json=body)
    mini, unpriced = answer.json()["data"]["answers"]
    assert (mini["model"], mini["calls"], Decimal(mini["actual_usd"])) == ("openai/gpt-4o-mini", 3, 3 * OF_GPT_4O)
    assert Decimal(mini["hypothetical_usd"]) == 3 * (usd("0.00015") + usd("0.00006"))
    assert (unpriced["calls"], unpriced["not_priced"]) == (0, {"model_unpriced": 3})
    assert Decimal((await byok.read("/usage"))["total"]["cost_usd"]) == 3 * OF_GPT_4O


DRAWING = {"litellm_provider": "openai", "mode": "image_generation", "output_cost_per_image_token": 4e-05}
SPEAKING = chat("openai", 2.5e-06, 1e-05, output_cost_per_audio_token=6.4e-05)
BODY: dict[str, Any] = {"from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z"}


@pytest.mark.parametrize(
    ("called", "units", "there", "elsewhere"),
    [
        ("openai/gpt-image-1", {"output_tokens": 272, "output_image_tokens": 272}, "gpt-image-2", "gpt-4o-mini"),
        ("openai/gpt-audio", {"output_tokens": 40, "output_audio_tokens": 30}, "gpt-audio-2", "gpt-4o-mini"),
        ("openai/text-embedding-3-small", {"input_tokens": 40}, "text-embedding-3-large", "gpt-4o-mini"),
        ("openai/whisper-1", {"audio_seconds": 7}, "whisper-2", "gpt-4o-mini"),
        ("openai/gpt-4o-mini", {"input_tokens": 40, "output_tokens": 9}, "o9-pro", "gpt-image-1"),
    ],
)
async def test_what_a_model_cannot_answer_is_not_costed_at_it(
    byok: ByokWorld, called: str, units: dict[str, Any], there: str, elsewhere: str
) -> None:
    of_its_kind = {"gpt-image-1": DRAWING, "gpt-image-2": DRAWING, "gpt-audio": SPEAKING, "gpt-audio-2": SPEAKING}
    file = prices(**of_its_kind, **{"o9-pro": chat("openai", 1e-06, 2e-06, mode="responses")})
    file["text-embedding-3-large"], file["whisper-2"] = file["text-embedding-3-small"], file["whisper-1"]
    byok.puts_in_force(file, byok.clock.now)
    row = byok.called(called, **units)
    answers = (await byok.ask("POST", "/usage/reprice", json=BODY | {"models": [there, elsewhere]})).json()["data"]
    at_its_like, at_another = answers["answers"]
    assert (at_its_like["calls"], at_its_like["not_priced"]) == (1, {})
    assert (at_another["calls"], at_another["actual_usd"]) == (0, "0")
    assert at_another["not_priced"] == {"other_kind": 1}
    itself = (await byok.ask("POST", "/usage/reprice", json=BODY)).json()["data"]["answers"][0]
    assert Decimal(itself["hypothetical_usd"]) == row.settlement.cost > 0


async def test_a_period_is_costed_at_another_days_prices(byok: ByokWorld) -> None:
    byok.called()
    byok.clock.now += DAY
    byok.puts_in_force(prices(**{"gpt-4o": chat("openai", 5e-06, 2e-05)}), byok.clock.now)
    body = {"from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z"}
    now = (await byok.ask("POST", "/usage/reprice", json=body)).json()["data"]["answers"][0]
    assert Decimal(now["difference_usd"]) == OF_GPT_4O
    then = await byok.ask("POST", "/usage/reprice", json=body | {"at": "2026-11-23T12:00:00Z"})
    assert then.json()["data"]["answers"][0]["difference_usd"] == "0"


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
async def test_the_parts_of_a_period_sum_up_to_the_whole_to_the_last_digit(byok: ByokWorld, limit: int) -> None:
    for number in range(7):
        byok.called(input_tokens=1_000 + number, output_tokens=100)
    body = {"from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z", "models": ["gpt-4o-mini", "gpt-unpriced"]}
    whole = data_of(await byok.ask("POST", "/usage/reprice", json=body))
    parts, query = [], {"limit": str(limit)}
    while True:
        parts.append(data_of(await byok.ask("POST", "/usage/reprice", json=body, params=query)))
        if parts[-1]["next_cursor"] is None:
            break
        byok.clock.pass_s(60)  # prices that change meanwhile do not change what is asked
        byok.puts_in_force(prices(**{"gpt-4o-mini": chat("openai", 5e-06, 2e-05)}), byok.clock.now)
        query["cursor"] = parts[-1]["next_cursor"]
    assert whole["next_cursor"] is None
    assert {part["price_version"] for part in parts} == {whole["price_version"]}
    for number, expected in enumerate(whole["answers"]):
        answers = [part["answers"][number] for part in parts]
        for name in ("calls", "actual_usd", "hypothetical_usd", "difference_usd"):
            assert sum(Decimal(answer[name]) for answer in answers) == Decimal(expected[name])
        assert sum(answer["not_priced"].get("model_unpriced", 0) for answer in answers) == (0, 7)[number]


@pytest.mark.parametrize("field", ["at", "prices", "day", "place"])
async def test_a_cursor_of_no_part_is_refused(byok: ByokWorld, field: str) -> None:
    fields = {"day": "2026-11-23", "place": "01M844DZG0AD5WNQ0VF9ZREJAS.1", "at": "2026-11-23T12:00:00+00:00"}
    fields |= {"prices": "2026-11-22T12:00:00+00:00", field: "2999-01-01"}
    body = {"from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z"}
    answer = await byok.ask("POST", "/usage/reprice", json=body, params={"cursor": cursor(**fields)})
    assert answer.status_code == (200 if field == "day" else 422)


def test_more_models_are_re_costed_in_smaller_parts() -> None:
    assert [rows_of_a_part(models) for models in (1, 3, 10)] == [20_000, 20_000, 6_000]


async def test_a_period_the_wrong_way_round_is_not_costed(byok: ByokWorld) -> None:
    body = {"from": "2026-12-01T00:00:00Z", "to": "2026-11-01T00:00:00Z"}
    assert (await byok.ask("POST", "/usage/reprice", json=body)).status_code == 422
    body = {"from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z", "models": ["nothing-like-it"]}  # type: ignore[dict-item]
    byok.called()
    assert (await byok.ask("POST", "/usage/reprice", json=body)).status_code == 404
