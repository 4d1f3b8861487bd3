"""Authorization: keys in either header, scopes by route, and the caller's tenant from the key alone."""

from dataclasses import replace

import httpx
import pytest

from atom_llm.domain.core.errors import StoreUnavailable
from atom_llm.domain.core.ids import ServiceKeyId
from atom_llm.domain.tenancy.service_keys import ALL_SCOPES, ID_LENGTH, SECRET_LENGTH, Scope, spelt
from atom_llm.http.problems import Dialect
from testing.audit import an_entry
from testing.fakes.service_keys import NOON
from tests.functions.http.sample_app import PREFIX, TENANT, ErrorOf, World, error_of, openai_error_of

pytestmark = pytest.mark.anyio


def anonymous(world: World, dialect: Dialect = "control") -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(world.app(dialect)), base_url=f"http://sample{PREFIX}")


@pytest.mark.parametrize(
    ("header", "template"),
    [("authorization", "Bearer {}"), ("Authorization", "bearer {}"), ("x-api-key", "{}"), ("X-Api-Key", "{}")],
)
async def test_a_key_is_taken_from_either_header(world: World, header: str, template: str) -> None:
    answer = await anonymous(world).get("/me", headers={header: template.format(world.key())})
    assert (answer.status_code, answer.json()) == (200, {"tenant": "tenant-a"})


@pytest.mark.parametrize(("dialect", "read"), [("control", error_of), ("openai", openai_error_of)])
async def test_every_way_of_having_no_good_key_gives_one_answer(world: World, dialect: Dialect, read: ErrorOf) -> None:
    good, revoked, expired = world.key(), world.key(), world.key()
    for key_id, stored in list(world.keys.stored.items()):
        if key_id in revoked:
            world.keys.revoke(TENANT, key_id, NOON, an_entry())
        if key_id in expired:
            world.keys.stored[key_id] = replace(stored, expires_at=NOON)
    of_good, secret = ServiceKeyId(good.split("_")[2]), good.split("_")[3][:SECRET_LENGTH]
    tried: list[dict[str, str]] = [
        {},
        {"authorization": ""},
        {"authorization": "Bearer"},
        {"authorization": good},
        {"authorization": f"Basic {good}"},
        {"authorization": f"Bearer {good[:-1]}"},
        {"authorization": f"Bearer {good} x"},
        {"x-api-key": good.upper()},
        {"x-api-key": revoked},
        {"x-api-key": expired},
        {"x-api-key": spelt("prod", of_good, secret)},  # the very key, for another environment
        {"x-api-key": spelt("dev", of_good, "x" * SECRET_LENGTH)},
        {"x-api-key": spelt("dev", ServiceKeyId("u" * ID_LENGTH), secret)},
    ]
    answers = [await anonymous(world, dialect).get("/me", headers=headers) for headers in tried]
    assert {answer.status_code for answer in answers} == {401}
    assert {str(read(answer)) for answer in answers} == {str(read(answers[0]))}
    assert {answer.headers["www-authenticate"] for answer in answers} == {"Bearer"}


async def test_a_revoked_key_opens_nothing_after_a_minute(world: World) -> None:
    client = world.client(key=world.key())
    assert (await client.get("/me")).status_code == 200
    for key_id in world.keys.stored:
        world.keys.revoke(TENANT, key_id, NOON, an_entry())
    world.clock.pass_s(60)
    assert (await client.get("/me")).status_code == 401


async def test_a_key_in_the_address_opens_nothing(world: World) -> None:
    key = world.key()
    assert (await anonymous(world).get("/me", params={"api_key": key, "key": key})).status_code == 401


@pytest.mark.parametrize("scope", list(Scope))
async def test_a_route_opens_to_its_scope_and_to_no_other(world: World, scope: Scope) -> None:
    answer = await world.client(key=world.key(scope)).get("/admins")
    assert answer.status_code == (200 if scope is Scope.ADMIN else 403)
    others = await world.client(key=world.key(*(ALL_SCOPES - {Scope.ADMIN}))).get("/admins")
    assert (others.status_code, error_of(others)["code"]) == (403, "scope_missing")
    assert error_of(others)["details"] == {"scope": "admin"}


async def test_who_calls_is_checked_before_what_they_sent(world: World) -> None:
    answer = await anonymous(world).post("/bodies", json={"nonsense": 1})
    assert answer.status_code == 401


async def test_a_table_that_does_not_answer_is_not_a_bad_key(world: World) -> None:
    key = world.key()
    world.keys.fails_with = StoreUnavailable("keys-table: get_item: Throttling")
    answer = await world.client(key=key).get("/me")
    assert (answer.status_code, error_of(answer)["code"]) == (503, "store_unavailable")


async def test_health_and_the_document_need_no_key(world: World) -> None:
    for path in ("/health", "/openapi.json"):
        assert (await anonymous(world).get(path)).status_code == 200
