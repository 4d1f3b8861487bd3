"""Requests that come again because their answer was lost: what they find, and what is none of them."""

import pytest

from atom_llm.domain.core.errors import StoreUnavailable
from atom_llm.domain.core.ids import ServiceKeyId
from atom_llm.services.tenancy.grant_service_key import MAX_LIVE_KEYS
from atom_llm.services.tenancy.issue_service_key import LAPSES_AFTER
from tests.functions.byok.byok_world import OPERATOR, OURS, PREFIX, THEIRS, ByokWorld
from tests.functions.http.sample_app import error_of
from tests.functions.pricing.pricing_world import data_of

pytestmark = pytest.mark.anyio

ISSUED, FIRST = {"scopes": ["chat"], "label": "app"}, {"Idempotency-Key": "first"}


async def test_a_service_key_that_is_asked_for_again_is_the_same_one_under_a_new_secret(byok: ByokWorld) -> None:
    client = byok.client()
    answers = [await client.post(f"{PREFIX}/service-keys", json=ISSUED, headers=FIRST) for _ in range(2)]
    lost, received = (data_of(answer) for answer in answers)
    assert [answer.status_code for answer in answers] == [201, 201]
    assert lost["id"] == received["id"]
    assert (await byok.client(key=lost["service_key"]).get(f"{PREFIX}/health")).status_code == 200  # needs no key
    assert (await byok.client(key=lost["service_key"]).get(f"{PREFIX}/budgets")).status_code == 401
    assert (await byok.client(key=received["service_key"]).get(f"{PREFIX}/budgets")).status_code == 403


async def test_a_service_key_that_was_used_is_not_given_again(byok: ByokWorld) -> None:
    client = byok.client()
    issued = data_of(await client.post(f"{PREFIX}/service-keys", json=ISSUED, headers=FIRST))
    await byok.client(key=issued["service_key"]).get(f"{PREFIX}/budgets")
    again = await client.post(f"{PREFIX}/service-keys", json=ISSUED, headers=FIRST)
    assert (again.status_code, error_of(again)["code"]) == (409, "idempotent_answer_not_kept")
    assert (await byok.client(key=issued["service_key"]).get(f"{PREFIX}/budgets")).status_code == 403


@pytest.mark.parametrize("other", [{"label": "another"}, {"scopes": ["chat", "admin"]}, {"requests_per_minute": 5}])
async def test_another_request_under_the_same_idempotency_key_is_refused(
    byok: ByokWorld, other: dict[str, object]
) -> None:
    client = byok.client()
    await client.post(f"{PREFIX}/service-keys", json=ISSUED, headers=FIRST)
    again = await client.post(f"{PREFIX}/service-keys", json=ISSUED | other, headers=FIRST)
    assert (again.status_code, error_of(again)["code"]) == (422, "idempotency_key_reused")


async def test_an_idempotency_key_is_its_callers_own(byok: ByokWorld) -> None:
    issued = [
        data_of(await byok.client(tenant).post(f"{PREFIX}/service-keys", json=ISSUED, headers=FIRST))
        for tenant in (OURS, OURS, THEIRS)
    ]
    assert len({each["id"] for each in issued}) == 3


@pytest.mark.parametrize("given", ["", "x" * 256, "not\tprintable"])
async def test_an_idempotency_key_is_printable_and_bounded(byok: ByokWorld, given: str) -> None:
    answer = await byok.client().post(f"{PREFIX}/service-keys", json=ISSUED, headers={"Idempotency-Key": given})
    assert answer.status_code == 422


async def test_the_last_key_that_a_tenant_may_have_can_be_asked_for_again(byok: ByokWorld) -> None:
    client = byok.client()
    made = byok.keys.stored[next(iter(byok.keys.stored))]
    for number in range(MAX_LIVE_KEYS - 2):
        byok.keys.stored[ServiceKeyId(f"{number:012d}")] = made
    answers = [await client.post(f"{PREFIX}/service-keys", json=ISSUED, headers=FIRST) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    other = await client.post(f"{PREFIX}/service-keys", json=ISSUED, headers={"Idempotency-Key": "second"})
    assert other.status_code == 409


async def test_a_key_that_could_not_be_handed_over_works_an_hour_and_for_good_once_it_is_used(byok: ByokWorld) -> None:
    client = byok.client()

    def silent(key_id: ServiceKeyId) -> None:
        raise StoreUnavailable("no answer")

    byok.keys.hand_over = silent  # type: ignore[method-assign]  # the write after the one that stores the key
    used, unused = [data_of(await client.post(f"{PREFIX}/service-keys", json=ISSUED)) for _ in range(2)]
    assert used["lapses_at"] == "2026-11-23T13:00:00Z"
    assert (await byok.client(key=used["service_key"]).get(f"{PREFIX}/budgets")).status_code == 403
    byok.clock.now += LAPSES_AFTER
    assert (await byok.client(key=used["service_key"]).get(f"{PREFIX}/budgets")).status_code == 403
    assert (await byok.client(key=unused["service_key"]).get(f"{PREFIX}/budgets")).status_code == 401


async def test_a_provider_key_that_its_caller_stores_again_is_the_one_that_is_there(byok: ByokWorld) -> None:
    client = byok.client()
    body = {"provider": "openai", "api_key": "sk-proj-0123456789-ABCD", "label": "production"}
    answers = [await client.post(f"{PREFIX}/keys", json=body) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert data_of(answers[0])["id"] == data_of(answers[1])["id"]
    assert (await client.post(f"{PREFIX}/keys", json=body | {"label": "another"})).status_code == 409
    assert (await byok.ask("POST", "/keys", json=body)).status_code == 409  # another service key
    assert [entry.action for entry in byok.audit.all] == ["provider_key.stored"]


async def test_a_tenant_that_is_made_again_is_the_one_that_is_there_until_it_changes(byok: ByokWorld) -> None:
    client = byok.client(OPERATOR)
    body = {"id": "acme", "name": "Acme", "time_zone": "Asia/Tokyo"}
    answers = [await client.post(f"{PREFIX}/tenants", json=body) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert data_of(answers[0]) == data_of(answers[1])
    assert (await client.post(f"{PREFIX}/tenants", json=body | {"name": "Other"})).status_code == 409
    await client.patch(f"{PREFIX}/tenants/acme", json={"name": "Changed"})
    assert (await client.post(f"{PREFIX}/tenants", json=body)).status_code == 409


async def test_tenants_without_an_id_are_told_apart_by_their_idempotency_keys(byok: ByokWorld) -> None:
    client = byok.client(OPERATOR)
    keys: list[dict[str, str]] = [FIRST, FIRST, {"Idempotency-Key": "second"}, {}, {}]
    made = [data_of(await client.post(f"{PREFIX}/tenants", json={"name": "Acme"}, headers=each)) for each in keys]
    assert made[0]["id"] == made[1]["id"]
    assert len({each["id"] for each in made}) == 4


async def test_a_repetition_that_changes_nothing_has_no_second_entry(byok: ByokWorld) -> None:
    client = byok.client()
    key_id, _ = await byok.issued(OURS)
    await client.put(f"{PREFIX}/budgets", json={"window": "day", "limit_usd": "1"})
    for _ in range(2):
        await client.put(f"{PREFIX}/budgets", json={"window": "day", "limit_usd": None})
        await client.delete(f"{PREFIX}/service-keys/{key_id}")
    assert [entry.action for entry in byok.audit.all] == ["budget.set", "budget.cleared", "service_key.revoked"]
