"""Pages: every item once, within the limits, and a cursor that is opaque and cannot be bent."""

import base64
import json

import pytest

from tests.functions.http.sample_app import World, error_of

pytestmark = pytest.mark.anyio


def forged(position: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode().rstrip("=")


@pytest.mark.parametrize("limit", [1, 3, 9, 10, 11, 200])
async def test_pages_hold_every_item_once(world: World, limit: int) -> None:
    client, seen, cursor = world.client(), "", None
    while True:
        page = await client.get("/names", params={"limit": limit} | ({"cursor": cursor} if cursor else {}))
        data = page.json()["data"]
        assert 1 <= len(data["items"]) <= limit
        seen, cursor = seen + "".join(data["items"]), data["next_cursor"]
        if cursor is None:
            break
    assert seen == "abcdefghij"


@pytest.mark.parametrize(("limit", "status"), [("0", 422), ("1", 200), ("200", 200), ("201", 422), ("x", 422)])
async def test_a_limit_has_two_sides(world: World, limit: str, status: int) -> None:
    answer = await world.client().get("/names", params={"limit": limit})
    assert answer.status_code == status
    if status == 422:
        assert error_of(answer)["details"]["fields"][0]["field"] == "limit"


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "%",
        "e",
        "é",
        "bm90IGpzb24",
        forged(None),
        forged([]),
        forged("a"),
        forged({}),
        forged({"name": 1}),
        forged({"name": True}),
        forged({"name": None}),
        forged({"name": ["a"]}),
        forged({"name": "a", "tenant": "tenant-b"}),
        forged({"pk": "a"}),
        "x" * 1001,
        base64.urlsafe_b64encode(b"[" * 700).decode(),
    ],
)
async def test_a_cursor_that_this_list_did_not_give_out_is_refused_by_name(world: World, cursor: str) -> None:
    answer = await world.client().get("/names", params={"cursor": cursor})
    assert (answer.status_code, error_of(answer)["details"]["fields"][0]["field"]) == (422, "cursor")


async def test_a_cursor_passes_through_an_address_as_it_is(world: World) -> None:
    given = (await world.client().get("/names?limit=2")).json()["data"]["next_cursor"]
    assert given.replace("-", "").replace("_", "").isalnum()
    rest = await world.client().get(f"/names?limit=2&cursor={given}")
    assert rest.json()["data"]["items"] == ["c", "d"]
