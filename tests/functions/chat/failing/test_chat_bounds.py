"""Bounds that keep a call from being made, or made again: budgets, limits, circuits, keys, and its own headers."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Final

import httpx
import pytest

from atom_llm.domain.ledger.rows import AttemptStatus
from atom_llm.domain.tenancy.provider_keys import KeyStatus
from atom_llm.domain.tenancy.rate_limit import RateLimit
from atom_llm.services.tenancy.provider_key_ring import ANEW_FOR
from testing.chat_world import ANTHROPIC, OPENAI, OURS, THEIRS, ChatWorld, asking, served, stream
from testing.stand_in.server import StandIn


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[ChatWorld]:
    stand_in.behave()
    with served(ChatWorld(stand_in)) as served_world:
        for provider in ("openai", "anthropic"):
            served_world.provider_key(provider)
        yield served_world


def asks(caller: httpx.Client, model: str = OPENAI, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return caller.post("/chat/completions", json=asking(model), headers=named)


# Budgets


def test_a_full_budget_is_a_402_that_says_which_and_until_when(world: ChatWorld, caller: httpx.Client) -> None:
    world.budget("0.00001")
    answer = asks(caller)
    assert (answer.status_code, answer.json()["error"]["code"]) == (402, "budget_exceeded")
    assert "day budget of tenant" in answer.json()["error"]["message"]
    assert "resets at" in answer.json()["error"]["message"]
    assert (world.stand_in.calls, world.open_attempts()) == ([], 0)
    assert [row.settlement.status for row in world.rows()] == [AttemptStatus.REFUSED]


def test_the_answer_that_a_full_budget_says_it_has_room_for_is_the_longest(
    world: ChatWorld, caller: httpx.Client
) -> None:
    world.budget("0.01")

    def limited_to(tokens: int) -> httpx.Response:
        return caller.post("/chat/completions", json=asking(OPENAI) | {"max_tokens": tokens})

    message = limited_to(99_999).json()["error"]["message"]  # as many bytes as what fits, for each is held for
    found = re.search(r"may cost (\S+) USD, and of 0\.01 USD 0\.01 are left; .*max_tokens of (\d+)$", message)
    assert found is not None, message
    assert Decimal(found[1]) > Decimal("0.01")
    fits = int(found[2])
    assert limited_to(fits + 1).status_code == 402
    assert limited_to(fits).status_code == 200


def test_a_budget_that_has_no_room_for_one_model_has_it_for_a_cheaper_one(
    world: ChatWorld, caller: httpx.Client
) -> None:
    world.budget("0.05")  # the worst case of the first is 0.17, of the second 0.02
    assert asks(caller, f"{ANTHROPIC},{OPENAI}").headers["x-llm-model"] == OPENAI


def test_a_call_gives_back_what_it_did_not_use(world: ChatWorld, caller: httpx.Client) -> None:
    world.budget("0.02")  # room for one worst case, and for many calls as they are
    assert [asks(caller).status_code for _ in range(5)] == [200] * 5
    state = world.money.state(tenant=OURS)
    assert state is not None
    assert (str(state.spent), bool(state.held)) == ("0.00007875", False)


def test_a_name_that_is_only_near_calls_nobody_and_costs_nothing(world: ChatWorld, caller: httpx.Client) -> None:
    answer = asks(caller, "gpt-4o-mini-2025-01-01")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "model_not_found")
    assert (world.stand_in.calls, world.rows(), world.open_attempts()) == ([], [], 0)


def test_a_fine_tune_is_asked_for_by_its_whole_name_and_costs_what_its_base_s_row_says(
    world: ChatWorld, caller: httpx.Client
) -> None:
    name = "ft:gpt-4o-mini-2024-07-18:org::id"
    assert asks(caller, name).headers["x-llm-model"] == f"openai/{name}"
    assert [call.body["model"] for call in world.stand_in.calls] == [name]
    (row,) = world.rows()
    # 25 tokens at $0.30 a million and 20 at $1.20
    assert (row.attempt.model, str(row.settlement.cost)) == (f"openai/{name}", "0.0000315")


def test_a_limit_of_the_caller_leaves_out_what_may_cost_more(world: ChatWorld, caller: httpx.Client) -> None:
    answer = asks(caller, f"{ANTHROPIC},{OPENAI}", x_llm_max_cost_usd="0.02")
    assert answer.headers["x-llm-model"] == OPENAI
    refused = asks(caller, x_llm_max_cost_usd="0.001")
    assert (refused.status_code, refused.json()["error"]["code"]) == (402, "max_cost_exceeded")


# Rate limits


def test_a_keys_limit_is_a_429_with_when_to_come_back(stand_in: StandIn) -> None:
    stand_in.behave()
    with served(ChatWorld(stand_in, key_limit=RateLimit(requests=3, tokens=1_000_000))) as world:
        world.provider_key("openai")
        with world.client() as caller, world.client() as other:
            answers = [asks(caller) for _ in range(4)]
            assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
            assert [answer.headers["x-ratelimit-remaining-requests"] for answer in answers] == ["2", "1", "0", "0"]
            assert {answer.headers["x-ratelimit-limit-requests"] for answer in answers} == {"3"}
            assert 1 <= int(answers[-1].headers["retry-after"]) <= 20
            assert answers[-1].json()["error"]["type"] == "rate_limit_error"
            assert asks(other).status_code == 200  # another key of the same tenant
    assert len(stand_in.calls) == 4


def test_a_tenants_limit_at_a_provider_leads_to_the_next_candidate(stand_in: StandIn) -> None:
    stand_in.behave()
    with served(ChatWorld(stand_in, provider_limit=RateLimit(requests=1))) as world:
        for provider in ("openai", "anthropic"):
            world.provider_key(provider)
        world.provider_key("openai", tenant=THEIRS)
        with world.client() as caller, world.client(world.service_key(THEIRS)) as other:
            models = [asks(caller, f"{OPENAI},{ANTHROPIC}").headers["x-llm-model"] for _ in range(2)]
            assert models == [OPENAI, ANTHROPIC]
            assert asks(caller, f"{OPENAI},{ANTHROPIC}").status_code == 429
            assert asks(other).status_code == 200  # another tenant
            assert stream(other, OPENAI).status == 429


ROOM: Final = 400  # tokens a minute


@pytest.mark.parametrize("said", [5, 2_000], ids=["short_answers_before", "long_answers_before"])
def test_tokens_are_taken_by_what_max_tokens_allows_whatever_was_answered_before(stand_in: StandIn, said: int) -> None:
    stand_in.behave()
    with served(ChatWorld(stand_in, key_limit=RateLimit(tokens=ROOM))) as world:
        world.provider_key("openai")
        with world.client() as teacher, world.client() as caller:
            stand_in.output_tokens = said
            asks(teacher)
            stand_in.output_tokens = 100
            stand_in.fault("slow", ms=500)  # all at once: nothing is given back meanwhile
            body = asking(OPENAI, max_tokens=100)
            with ThreadPoolExecutor(8) as at_once:
                answers = list(at_once.map(lambda _: caller.post("/chat/completions", json=body), range(8)))
    stand_in.output_tokens = None
    assert sorted(answer.status_code for answer in answers) == [200] * 3 + [429] * 5  # 3 × (100 + the prompt) ≤ 400


def test_tokens_that_were_taken_and_not_used_are_given_back(stand_in: StandIn) -> None:
    stand_in.behave()
    with served(ChatWorld(stand_in, key_limit=RateLimit(tokens=ROOM))) as world:
        world.provider_key("openai")
        stand_in.fault("status", status=400, times=1)
        with world.client() as caller:
            body = asking(OPENAI, max_tokens=300)
            statuses = [caller.post("/chat/completions", json=body).status_code for _ in range(4)]
    assert statuses == [400, 200, 200, 200]  # each of them was taken for 300 and more


# Circuits


def test_a_deadline_too_short_for_any_provider_opens_no_circuit_and_harms_no_health(
    world: ChatWorld, caller: httpx.Client
) -> None:
    world.stand_in.fault("silence", provider="openai", times=6)
    for _ in range(6):
        assert asks(caller, x_llm_timeout_ms="1000").status_code == 504  # 0.1 s to a first byte
    assert world.health.writes == 0
    assert asks(caller).status_code == 200


def test_a_silence_as_long_as_any_caller_would_wait_counts(world: ChatWorld, caller: httpx.Client) -> None:
    world.stand_in.fault("silence", provider="openai")
    assert asks(caller).status_code == 504
    assert world.health.writes == 1


def test_a_circuit_opens_after_five_failures_in_a_row_and_the_next_candidate_serves_at_once(
    world: ChatWorld, caller: httpx.Client
) -> None:
    world.stand_in.fault("status", provider="openai", status=500)
    for _ in range(3):
        assert asks(caller, f"{OPENAI},{ANTHROPIC}").headers["x-llm-model"] == ANTHROPIC
    assert len(world.stand_in.seen("openai")) == 5  # twice, twice, and once: then it was open
    answer = asks(caller, f"{OPENAI},{ANTHROPIC}")
    assert (answer.headers["x-llm-model"], answer.headers["x-llm-attempts"]) == (ANTHROPIC, "1")
    assert len(world.stand_in.seen("openai")) == 5
    plan = caller.post("/route", json=asking(f"{OPENAI},{ANTHROPIC}")).json()
    assert {each["model"]: each["reason"] for each in plan["excluded"]} == {OPENAI: "circuit_open"}
    alone = asks(caller)
    assert (alone.status_code, alone.json()["error"]["code"]) == (503, "no_candidate")
    assert int(alone.headers["retry-after"]) >= 1


@pytest.mark.parametrize("status", [500, 529])
def test_what_one_tenants_key_alone_meets_is_its_own_circuit(
    world: ChatWorld, caller: httpx.Client, status: int
) -> None:
    world.provider_key("openai", "sk-theirs", tenant=THEIRS)
    world.stand_in.fault("status", provider="openai", status=status, key="sk-theirs")
    with world.client(world.service_key(THEIRS)) as other:
        assert [asks(other).status_code for _ in range(2)] == [503 if status == 529 else 502] * 2
        for _ in range(5):
            asks(other)
        assert asks(other).json()["error"]["code"] == "no_candidate"
    assert len(world.stand_in.seen("openai")) == 5
    assert [asks(caller).status_code for _ in range(3)] == [200] * 3
    plan = caller.post("/route", json=asking(OPENAI)).json()
    assert not [each for each in plan["excluded"] if each["reason"] == "circuit_open"]


@pytest.mark.parametrize("status", [400, 401])
def test_what_is_wrong_with_a_request_or_a_key_opens_no_circuit(
    world: ChatWorld, caller: httpx.Client, status: int
) -> None:
    world.stand_in.fault("status", provider="openai", status=status, times=8)
    for number in range(8):
        world.provider_key("openai", f"sk-stand-in-openai-{number}")
    for _ in range(8):
        asks(caller)
    assert asks(caller).status_code == 200


# Keys


def test_of_two_keys_one_dies_mid_run_and_callers_notice_nothing(world: ChatWorld, caller: httpx.Client) -> None:
    spare = world.provider_key("openai", "sk-stand-in-openai-spare")
    statuses = [asks(caller).status_code for _ in range(3)]
    world.stand_in.fault("invalid_key", provider="openai", key="sk-stand-in-openai")
    statuses += [asks(caller).status_code for _ in range(3)]
    assert statuses == [200] * 6
    assert stream(caller, OPENAI).is_done
    keys = {key.key_id: key for key in world.provider_keys.of(OURS)[0] if key.provider == "openai"}
    assert keys.pop(spare.key_id).is_usable
    [dead] = keys.values()
    assert (dead.status, dead.status_reason) == (KeyStatus.INVALID, "a call was answered with 401")


@pytest.mark.parametrize("retry_after", ["10", "40"])
def test_after_a_rate_limit_on_one_key_the_tenants_next_key_is_asked_at_once(
    world: ChatWorld, caller: httpx.Client, retry_after: str
) -> None:
    spare = world.provider_key("openai", "sk-stand-in-openai-spare")
    limited = {"retry-after": retry_after}
    world.stand_in.fault("status", provider="openai", key="sk-stand-in-openai", status=429, headers=limited, times=9)
    assert asks(caller).status_code == 200
    assert [row.attempt.provider_key for row in world.rows()].count(spare.key_id) == 1
    assert len(world.stand_in.calls) == 2


def test_a_key_that_was_just_stored_is_used_at_once(world: ChatWorld) -> None:
    with world.client(world.service_key(THEIRS)) as other:
        assert asks(other).status_code == 402
        world.provider_key("openai", tenant=THEIRS)
        world.clock.pass_s(ANEW_FOR.total_seconds())
        assert asks(other).status_code == 200


def test_a_model_without_a_key_names_callable_ones_that_are_near_it(world: ChatWorld) -> None:
    world.provider_key("anthropic", tenant=THEIRS)
    with world.client(world.service_key(THEIRS)) as other:
        answer = asks(other)
        assert (answer.status_code, answer.json()["error"]["code"]) == (402, "no_usable_key")
        told = answer.json()["error"]["message"].partition("near it in quality, and callable, are ")[2].split(", ")
        assert told[0].startswith("anthropic/")
        assert [asks(other, each).status_code for each in told] == [200] * len(told)


def test_a_model_that_no_key_of_its_provider_allows_is_told_from_one_without_a_key(world: ChatWorld) -> None:
    with world.client(world.service_key(THEIRS)) as other:
        assert "the tenant has no key of openai that can be used for it" in asks(other).json()["error"]["message"]
        world.provider_key("openai", tenant=THEIRS, allowed_models=("gpt-4o",))
        world.clock.pass_s(ANEW_FOR.total_seconds())
        told = asks(other)
        assert (told.status_code, told.json()["error"]["code"]) == (402, "no_usable_key")
        said = f"{OPENAI}: no key of openai allows it: the allowed_models of each name others"
        assert told.json()["error"]["message"].startswith(said)


def test_a_model_without_a_key_names_no_other_where_none_can_be_called(world: ChatWorld) -> None:
    with world.client(world.service_key(THEIRS)) as other:
        assert "near it" not in asks(other).json()["error"]["message"]


def test_another_tenants_key_is_never_used(world: ChatWorld) -> None:
    with world.client(world.service_key(THEIRS)) as other:
        answer = asks(other)
    assert (answer.status_code, answer.json()["error"]["code"]) == (402, "no_usable_key")
    assert world.stand_in.calls == []


def test_no_word_of_ours_has_a_key_or_a_prompt_in_it(
    world: ChatWorld, caller: httpx.Client, capsys: pytest.CaptureFixture[str]
) -> None:
    canary, prompt = "sk-stand-in-openai-canary-0123456789", "the canary sings at midnight"
    world.provider_key("openai", canary)
    said = []
    for fault in ("invalid_key", "context_length", "error_200", "html", "reset", "content_filter", "status"):
        world.stand_in.faults.clear()
        world.stand_in.fault(fault, provider="openai", status=500)
        body = {"model": OPENAI, "messages": [{"role": "user", "content": prompt}]}
        answer = caller.post("/chat/completions", json=body)
        said += [answer.text, str(answer.headers)]
    ours = "".join(said) + capsys.readouterr().out + repr(world.rows())
    assert "canary-0123456789" not in ours
    assert prompt not in ours


# Headers


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x-llm-tags", "team"),
        ("x-llm-tags", "team=a,team=b"),
        ("x-llm-tags", "=a"),
        ("x-llm-max-cost-usd", "-1"),
        ("x-llm-max-cost-usd", "cheap"),
        ("x-llm-max-cost-usd", ""),
        ("x-llm-max-cost-usd", "NaN"),
        ("x-llm-max-cost-usd", "1e999999999"),
        ("x-llm-max-cost-usd", "1e-5"),
        ("x-llm-max-cost-usd", "1" * 31),
        ("x-llm-timeout-ms", "soon"),
        ("x-llm-timeout-ms", "0"),
        ("x-llm-timeout-ms", ""),
        ("x-llm-timeout-ms", "99999999999"),
        ("x-llm-stream-guard", "yes"),
    ],
)
def test_a_header_that_cannot_be_read_is_named(world: ChatWorld, caller: httpx.Client, name: str, value: str) -> None:
    answer = caller.post("/chat/completions", json=asking(OPENAI), headers={name: value})
    assert (answer.status_code, answer.json()["error"]["param"]) == (422, name)
    assert world.stand_in.calls == []


def test_tags_are_in_the_books(world: ChatWorld, caller: httpx.Client) -> None:
    asks(caller, x_llm_tags="team=search, feature=titles")
    assert [dict(row.attempt.tags) for row in world.rows()] == [{"team": "search", "feature": "titles"}]


def test_a_shorter_deadline_is_kept(world: ChatWorld, caller: httpx.Client) -> None:
    world.stand_in.fault("slow", ms=5_000)
    answer = asks(caller, x_llm_timeout_ms="1000")
    assert (answer.status_code, answer.json()["error"]["type"]) == (504, "upstream_error")
    assert answer.elapsed.total_seconds() < 3
