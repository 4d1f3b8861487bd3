"""POST /api/ai/pricing/refresh: one refresh at a time, by who may, and never worse than before."""

import asyncio
import json

import httpx
import pytest

from atom_llm.adapters.sources import litellm, openrouter
from atom_llm.adapters.sources.fetch import FetchLimits, HttpPriceSource
from atom_llm.domain.catalogue.refresh import Validators
from atom_llm.domain.core.errors import StoreUnavailable
from atom_llm.domain.tenancy.service_keys import ALL_SCOPES, Scope
from atom_llm.ports.catalogue import FetchedSource, NotModified
from testing.fakes.price_origin import price_origin
from tests.functions.http.sample_app import error_of
from tests.functions.pricing.pricing_world import DAY, PREFIX, PricingWorld, chat, data_of, lent, prices

pytestmark = pytest.mark.anyio


@pytest.fixture
async def fetched(pricing: PricingWorld) -> PricingWorld:
    """A function that has just fetched both sources for the first time."""
    pricing.puts_in_force({})
    pricing.says(prices())
    pricing.lends(lent("acme/only-there"))
    await pricing.refreshed()
    return pricing


async def price_of(world: PricingWorld, model: str) -> str:
    price: str = (await world.read(f"/model/{model}"))["input_usd_per_token"]
    return price


# What it answers


async def test_the_first_refresh_counts_what_it_brought(pricing: PricingWorld) -> None:
    pricing.puts_in_force({})
    pricing.says(prices())
    pricing.lends(lent("acme/only-there", "openai/gpt-4o"))
    data = await pricing.refreshed()
    assert (data["outcome"], data["fetched"], data["added"], data["models"]) == (
        "refreshed",
        len(prices()) + 2,
        len(prices()) + 1,  # the reseller's gpt-4o is the vendor's
        len(prices()) + 1,
    )
    assert (data["removed"], data["changed"], data["quarantined"], data["held_in_quarantine"]) == (0, 0, 0, 0)
    assert data["last_updated"] == "2026-11-23T12:00:00Z"
    assert data["snapshot_version"] == (await pricing.read(""))["snapshot_version"]


async def test_the_next_one_counts_what_changed(fetched: PricingWorld) -> None:
    fetched.says(prices(**{"gpt-4o": chat("openai", 2e-06, 1e-05), "whisper-1": None, "new": chat("acme", 1e-6, 1e-6)}))
    data = await fetched.refreshed(force=True)
    assert (data["added"], data["removed"], data["changed"], data["deprecated"]) == (1, 1, 1, 0)
    assert await price_of(fetched, "gpt-4o") == "0.000002"


async def test_a_model_that_only_the_fallback_has_carries_its_label(fetched: PricingWorld) -> None:
    data = await fetched.read("/model/acme/only-there")
    assert (data["source"], data["provider"], data["first_party"]) == ("openrouter", "openrouter", False)


async def test_an_unchanged_source_changes_nothing(fetched: PricingWorld) -> None:
    version = (await fetched.read(""))["snapshot_version"]
    data = await fetched.refreshed(force=True)
    assert (data["outcome"], data["fetched"], data["snapshot_version"]) == ("unchanged", 0, version)
    assert {each["state"] for each in data["sources"]} == {"unchanged"}


# How often


@pytest.mark.parametrize(("seconds", "outcome"), [(24 * 3600 - 1, "fresh"), (24 * 3600, "unchanged")])
async def test_within_a_day_nothing_is_fetched_and_the_answer_says_so(
    fetched: PricingWorld, seconds: int, outcome: str
) -> None:
    asked = fetched.litellm.asked
    fetched.clock.pass_s(seconds)
    answer = await fetched.refresh()
    data = data_of(answer)
    assert data["outcome"] == outcome
    if outcome == "fresh":
        assert answer.json()["message"] == "refreshed less than 24 h ago: nothing was fetched"
        assert (fetched.litellm.asked, data["last_updated"]) == (asked, "2026-11-23T12:00:00Z")
        assert data["models"] == len(prices()) + 1
    else:
        assert fetched.litellm.asked == asked + 1


async def test_force_fetches_whenever_asked(fetched: PricingWorld) -> None:
    asked = fetched.litellm.asked
    assert (await fetched.refreshed(force=True))["outcome"] == "unchanged"
    assert fetched.litellm.asked == asked + 1


async def test_a_refresh_that_another_one_is_at_is_a_409(fetched: PricingWorld) -> None:
    assert fetched.journal.begin("somebody else", fetched.clock.now, 150.0) is not None
    answer = await fetched.refresh(force=True)
    assert (answer.status_code, error_of(answer)["code"]) == (409, "refresh_in_progress")
    fetched.clock.pass_s(151)  # whoever held the lease is gone
    assert (await fetched.refresh(force=True)).status_code == 200


class SlowSource:
    """Answers only after every refresh was asked for."""

    name = "litellm"

    def __init__(self, world: PricingWorld) -> None:
        self.world = world
        self.answers: list[httpx.Response] = []

    async def fetch(self, validators: Validators) -> FetchedSource | NotModified:
        tried = (self.world.refresh(force=True) for _ in range(3))
        self.answers += await asyncio.gather(*tried)
        return await self.world.litellm.fetch(validators)


async def test_refreshes_at_the_same_time_do_one_job(fetched: PricingWorld) -> None:
    slow = SlowSource(fetched)
    fetched.says(prices(new=chat("acme", 1e-6, 1e-6)))
    fetched.uses((slow, litellm.read), (fetched.openrouter, openrouter.read))
    data = await fetched.refreshed(force=True)
    assert [each.status_code for each in slow.answers] == [409] * 3
    assert (data["outcome"], data["added"]) == ("refreshed", 1)


# Who may


@pytest.mark.parametrize("scope", sorted(ALL_SCOPES - {Scope.CATALOG_WRITE}))
async def test_no_other_scope_refreshes(fetched: PricingWorld, scope: Scope) -> None:
    answer = await fetched.client(scope).post(f"{PREFIX}/refresh")
    assert (answer.status_code, error_of(answer)["details"]) == (403, {"scope": "catalog:write"})


async def test_to_accept_what_is_held_takes_an_admin(fetched: PricingWorld) -> None:
    asked = fetched.litellm.asked
    answer = await fetched.refresh(accept="*")
    assert (answer.status_code, error_of(answer)["details"]) == (403, {"scope": "admin"})
    assert fetched.litellm.asked == asked


async def test_an_admins_word_lets_one_subject_through_at_once(fetched: PricingWorld) -> None:
    fetched.says(prices(**{"gpt-4o": chat("openai", 0.0025, 0.01), "gpt-4o-mini": chat("openai", 0.0015, 0.006)}))
    held = await fetched.refreshed(force=True)
    assert (held["quarantined"], held["held_in_quarantine"], held["changed"]) == (2, 2, 0)
    assert await price_of(fetched, "gpt-4o") == "0.0000025"
    accepted = await fetched.refreshed(Scope.ADMIN, accept="openai/gpt-4o")
    assert (accepted["changed"], accepted["held_in_quarantine"]) == (1, 1)
    assert await price_of(fetched, "gpt-4o") == "0.0025"
    assert await price_of(fetched, "gpt-4o-mini") == "0.00000015"


async def test_an_admin_may_name_several_subjects(fetched: PricingWorld) -> None:
    fetched.says(prices(**{"gpt-4o": chat("openai", 0.0025, 0.01), "gpt-4o-mini": chat("openai", 0.0015, 0.006)}))
    await fetched.refreshed(force=True)
    accepted = await fetched.refreshed(Scope.ADMIN, accept=["openai/gpt-4o", "openai/gpt-4o-mini"])
    assert (accepted["changed"], accepted["held_in_quarantine"]) == (2, 0)


async def test_more_subjects_than_anybody_names_are_refused(fetched: PricingWorld) -> None:
    answer = await fetched.refresh(Scope.ADMIN, accept=["x"] * 201)
    assert (answer.status_code, error_of(answer)["details"]["fields"][0]["field"]) == (422, "accept")


@pytest.mark.parametrize("force", ["perhaps", "2"])
async def test_a_force_that_is_no_truth_is_named(fetched: PricingWorld, force: str) -> None:
    answer = await fetched.refresh(force=force)
    assert (answer.status_code, error_of(answer)["details"]["fields"][0]["field"]) == (422, "force")


# What fails


async def test_a_dead_primary_is_no_failure_while_the_fallback_answers(fetched: PricingWorld) -> None:
    fetched.litellm.fail()
    data = await fetched.refreshed(force=True)
    assert {each["name"]: each["state"] for each in data["sources"]} == {
        "litellm": "unavailable",
        "openrouter": "unchanged",
    }
    assert await price_of(fetched, "gpt-4o") == "0.0000025"


async def test_both_sources_down_is_a_502_and_the_prices_stay(fetched: PricingWorld) -> None:
    before = await fetched.read("")
    fetched.litellm.fail()
    fetched.openrouter.fail()
    fetched.clock.pass_s(60)
    answer = await fetched.refresh(force=True)
    error = error_of(answer)
    assert (answer.status_code, error["code"]) == (502, "sources_unavailable")
    assert set(error["details"]["sources"]) == {"litellm", "openrouter"}
    after = await fetched.read("")
    assert (after["snapshot_version"], after["last_updated"]) == (before["snapshot_version"], before["last_updated"])
    assert {each["state"] for each in after["sources"]} == {"unavailable"}
    assert await price_of(fetched, "gpt-4o") == "0.0000025"


async def test_a_failed_refresh_leaves_the_next_one_free(fetched: PricingWorld) -> None:
    fetched.litellm.fail()
    fetched.openrouter.fail()
    await fetched.refresh(force=True)
    fetched.says(prices())
    assert (await fetched.refresh(force=True)).status_code == 200


@pytest.mark.parametrize("broken", [b"", b"{", b"[]", b'{"a": NaN}', b'{"a": {}, "a": {}}', b"<html>"])
async def test_a_file_that_is_none_is_refused_whole_and_told(fetched: PricingWorld, broken: bytes) -> None:
    fetched.says(broken)
    data = await fetched.refreshed(force=True)
    shown = {each["name"]: each for each in data["sources"]}["litellm"]
    assert (shown["state"], data["changed"], data["removed"]) == ("rejected", 0, 0)
    assert shown["detail"]
    assert await price_of(fetched, "gpt-4o") == "0.0000025"


async def test_a_book_that_cannot_be_written_is_a_503_and_counted_as_a_failure(
    fetched: PricingWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    fetched.book.fails_with = StoreUnavailable("catalogue-table: Throttling")
    capsys.readouterr()
    answer = await fetched.refresh(force=True)
    assert (answer.status_code, error_of(answer)["code"]) == (503, "store_unavailable")
    assert failures_told(capsys.readouterr().out) == [1.0]


def failures_told(out: str) -> list[float]:
    records = [json.loads(line) for line in out.splitlines() if '"_aws"' in line]
    return [value for record in records for value in record.get("RefreshFailures", [])]


async def test_the_metrics_tell_failures_and_how_old_the_prices_are(
    fetched: PricingWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    fetched.litellm.fail()
    fetched.openrouter.fail()
    fetched.clock.pass_s(3 * DAY.total_seconds())
    capsys.readouterr()
    await fetched.refresh()
    out = capsys.readouterr().out
    assert failures_told(out) == [1.0]
    records = [json.loads(line) for line in out.splitlines() if '"_aws"' in line]
    told = next(each for each in records if "CatalogueAgeSeconds" in each)
    assert (told["CatalogueAgeSeconds"], told["FailingSources"]) == ([3 * DAY.total_seconds()], [2.0])


async def test_a_conflict_is_no_failure_for_the_alarm(
    fetched: PricingWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    fetched.journal.begin("somebody else", fetched.clock.now, 150.0)
    capsys.readouterr()
    await fetched.refresh(force=True)
    assert failures_told(capsys.readouterr().out) == [0.0]


async def test_over_real_connections_it_is_the_same(pricing: PricingWorld) -> None:
    pricing.puts_in_force({})
    hasty = FetchLimits(attempts=1, read_s=2.0, total_s=4.0)
    with price_origin() as primary, price_origin() as fallback:
        pricing.uses(
            (HttpPriceSource("litellm", primary.url, pricing.clock, hasty), litellm.read),
            (HttpPriceSource("openrouter", fallback.url, pricing.clock, hasty), openrouter.read),
        )
        primary.serve_compressed(json.dumps(prices()).encode())
        fallback.fail(429, Retry_After="60")
        assert (await pricing.refreshed())["fetched"] == len(prices())
        assert (await pricing.refreshed(force=True))["outcome"] == "unchanged"
        assert primary.not_modified == 1
        primary.cut()
        answer = await pricing.refresh(force=True)
    assert (answer.status_code, error_of(answer)["code"]) == (502, "sources_unavailable")
    assert await price_of(pricing, "gpt-4o") == "0.0000025"
