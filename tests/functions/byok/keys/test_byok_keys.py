"""Providers and their keys over HTTP: a key goes in, and nothing of it comes out."""

from typing import Any

import pytest

from atom_llm.domain.core.errors import NoUsableKey
from atom_llm.domain.core.providers import PROVIDERS
from atom_llm.domain.providers.failures import FailureKind
from atom_llm.domain.tenancy.provider_keys import MAX_KEYS, MAX_LENGTH
from atom_llm.domain.tenancy.service_keys import Scope
from tests.functions.byok.byok_world import OURS, THEIRS, ByokWorld
from tests.functions.pricing.pricing_world import data_of

pytestmark = pytest.mark.anyio

PLAINTEXT = "sk-proj-0123456789abcdefABCD"
OTHER = "sk-proj-9876543210fedcbaWXYZ"


async def stored(byok: ByokWorld, plaintext: str = PLAINTEXT, **more: Any) -> dict[str, Any]:
    return data_of(await byok.ask("POST", "/keys", json={"provider": "openai", "api_key": plaintext} | more))


async def test_a_stored_key_shows_its_last_four_characters_and_a_fingerprint(byok: ByokWorld) -> None:
    answer = await byok.ask("POST", "/keys", json={"provider": "openai", "api_key": PLAINTEXT, "label": "main"})
    key = data_of(answer)
    assert (answer.status_code, key["last4"], key["status"], key["label"]) == (201, "ABCD", "untested", "main")
    assert len(key["fingerprint"]) == 16
    assert PLAINTEXT[:-4] not in answer.text
    assert PLAINTEXT[:-4] not in (await byok.ask("GET", f"/keys/{key['id']}")).text
    assert key["warnings"] == []


async def test_the_same_key_has_another_fingerprint_with_another_tenant(byok: ByokWorld) -> None:
    ours = await stored(byok)
    body = {"provider": "openai", "api_key": PLAINTEXT}
    theirs = data_of(await byok.ask("POST", "/keys", tenant=THEIRS, json=body))
    assert ours["fingerprint"] != theirs["fingerprint"]


async def test_an_unusual_shape_is_a_warning_and_no_refusal(byok: ByokWorld) -> None:
    key = await stored(byok, "a-key-of-a-new-kind-12345")
    assert key["warnings"] == ["a key of openai usually begins with sk-; this one differs"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"provider": "nobody"}, "provider"),
        ({"api_key": "short"}, "api_key"),
        ({"api_key": "x" * (MAX_LENGTH + 1)}, "api_key"),
        ({"api_key": "with a blank inside"}, "api_key"),
        ({"api_key": "umlaut-ä-123456"}, "api_key"),
        ({"api_key": 12345678}, "api_key"),
        ({"allowed_models": []}, "allowed_models"),
        ({"allowed_models": ["openai/*"]}, "allowed_models.0"),
        ({"allowed_models": ["gpt-4o", "gpt-4o-mini "]}, "allowed_models.1"),
        ({"environment": "a b"}, "environment"),
        ({"order": 0}, "order"),
        ({"base_url": "https://example.com"}, "base_url"),
    ],
)
async def test_a_wrong_field_is_named_and_not_repeated(byok: ByokWorld, body: dict[str, Any], field: str) -> None:
    answer = await byok.ask("POST", "/keys", json={"provider": "openai", "api_key": PLAINTEXT} | body)
    assert answer.status_code == 422
    assert answer.json()["error"]["details"]["fields"][0]["field"] == field
    for value in body.values():
        assert not isinstance(value, str) or len(value) < 6 or value not in answer.text


@pytest.mark.parametrize("length", [8, MAX_LENGTH])
async def test_the_shortest_and_the_longest_key_are_taken(byok: ByokWorld, length: int) -> None:
    assert (await stored(byok, "k" * length))["last4"] == "kkkk"


async def test_the_same_key_twice_is_a_conflict_that_names_the_first(byok: ByokWorld) -> None:
    first = await stored(byok)
    again = await byok.ask("POST", "/keys", json={"provider": "openai", "api_key": PLAINTEXT})
    assert (again.status_code, again.json()["error"]["details"]) == (409, {"key_id": first["id"]})


async def test_a_tenant_has_a_bounded_number_of_keys(byok: ByokWorld) -> None:
    for number in range(MAX_KEYS):
        await stored(byok, f"sk-proj-0123456789-{number:04d}")
    body = {"provider": "openai", "api_key": OTHER}
    assert (await byok.ask("POST", "/keys", json=body)).status_code == 409


async def test_with_validate_a_key_is_tested_at_once(byok: ByokWorld) -> None:
    byok.prober.results[PLAINTEXT] = "invalid"
    key = await stored(byok, validate=True)
    assert (key["status"], key["is_active"], key["last_test"]["result"]) == ("invalid", False, "invalid")


@pytest.mark.parametrize(
    ("result", "status"),
    [("valid", "valid"), ("invalid", "invalid"), ("out_of_credit", "out_of_credit"), ("unreachable", "untested")],
)
async def test_a_test_says_what_came_of_it_and_what_the_key_is_now(byok: ByokWorld, result: Any, status: str) -> None:
    key = await stored(byok)
    byok.prober.results[PLAINTEXT] = result
    tested = data_of(await byok.ask("POST", f"/keys/{key['id']}/test"))
    assert (tested["last_test"]["result"], tested["status"]) == (result, status)
    assert byok.prober.asked == ["openai"]


async def test_a_rotated_key_keeps_its_id_and_is_untested(byok: ByokWorld) -> None:
    key = await stored(byok)
    await byok.ask("POST", f"/keys/{key['id']}/test")
    answer = await byok.ask("POST", f"/keys/{key['id']}/rotate", json={"api_key": OTHER})
    rotated = data_of(answer)
    assert (rotated["id"], rotated["last4"], rotated["status"]) == (key["id"], "WXYZ", "untested")
    assert OTHER[:-4] not in answer.text
    in_hand = byok.container.tenancy.provider_key_ring.keys_for(OURS, "openai", "openai/gpt-4o")
    assert [each.plaintext.reveal() for each in in_hand] == [OTHER]


async def test_a_deleted_key_leaves_a_tombstone_and_no_material(byok: ByokWorld) -> None:
    key = await stored(byok)
    for _ in range(2):
        assert data_of(await byok.ask("DELETE", f"/keys/{key['id']}"))["deleted_at"] is not None
    assert PLAINTEXT not in byok.secrets.everything()
    assert (await byok.read(f"/keys/{key['id']}"))["last4"] == "ABCD"
    assert (await byok.read("/keys"))["items"] == []
    assert len((await byok.read("/keys", include_deleted=True))["items"]) == 1


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("POST", "/rotate", {"api_key": OTHER}), ("POST", "/test", None), ("PATCH", "", {"label": "new"})],
)
async def test_a_tombstone_is_not_changed(byok: ByokWorld, method: str, path: str, body: Any) -> None:
    key = await stored(byok)
    await byok.ask("DELETE", f"/keys/{key['id']}")
    assert (await byok.ask(method, f"/keys/{key['id']}{path}", json=body)).status_code == 404


async def test_what_is_known_of_a_key_is_changed_and_its_order_decides_which_is_used(byok: ByokWorld) -> None:
    first, second = await stored(byok), await stored(byok, OTHER)
    await byok.ask("PATCH", f"/keys/{first['id']}", json={"order": 9, "label": "second choice"})
    in_hand = byok.container.tenancy.provider_key_ring.keys_for(OURS, "openai", "openai/gpt-4o")
    assert [each.key.key_id for each in in_hand] == [second["id"], first["id"]]
    assert (await byok.ask("PATCH", f"/keys/{first['id']}", json={})).status_code == 422


async def test_a_key_for_certain_models_is_used_for_no_other_until_that_is_lifted(byok: ByokWorld) -> None:
    key = await stored(byok, allowed_models=["gpt-4o-mini"])
    ring = byok.container.tenancy.provider_key_ring
    assert len(ring.keys_for(OURS, "openai", "openai/gpt-4o-mini")) == 1
    refused = {str(key["id"]): "model_not_allowed"}
    assert _reasons(byok, "openai/gpt-4o") == refused
    await byok.ask("PATCH", f"/keys/{key['id']}", json={"any_model": True})
    assert len(ring.keys_for(OURS, "openai", "openai/gpt-4o")) == 1


async def test_keys_are_listed_page_by_page(byok: ByokWorld) -> None:
    made = []
    for number in range(5):
        made.append((await stored(byok, f"sk-proj-0123456789-{number:04d}"))["id"])
        byok.clock.pass_s(0.001)
    seen: list[str] = []
    page: dict[str, Any] = {"next_cursor": None}
    while not seen or page["next_cursor"]:
        page = await byok.read("/keys", limit=2, cursor=page["next_cursor"])
        seen += [each["id"] for each in page["items"]]
    assert seen == made


async def test_the_eleven_providers_are_listed_with_what_is_known_and_nothing_that_is_not(byok: ByokWorld) -> None:
    await stored(byok)
    listed = {each["id"]: each for each in (await byok.read("/providers"))["items"]}
    assert list(listed) == [provider.id for provider in PROVIDERS]
    openai, groq = listed["openai"], listed["groq"]
    assert (openai["has_active_key"], openai["key_status"], openai["model_count"]) == (True, "untested", 6)
    assert "vision" in openai["capabilities"]
    assert (groq["has_active_key"], groq["key_status"], groq["model_count"]) == (False, None, 0)
    assert {each["health"] for each in listed.values()} == {"unknown"}


async def test_a_providers_health_is_what_everybodys_calls_say_and_unknown_where_they_are_too_few(
    byok: ByokWorld,
) -> None:
    told = byok.container.registry.health_recorder
    for _ in range(5):
        told.record(OURS, "openai", "gpt-4o", None, 800, 200)
        told.record(OURS, "groq", "llama-3.3-70b-versatile", FailureKind.SILENT, 800, None)
        told.record(OURS, "mistral", "mistral-small", FailureKind.RATE_LIMITED, 100, None)
        told.record(OURS, "cohere", "command-a-03-2025", FailureKind.KEY_INVALID, 100, None)
    for _ in range(4):
        told.record(OURS, "anthropic", "claude-haiku-4-5", None, 800, 200)
    listed = {each["id"]: each["health"] for each in (await byok.read("/providers"))["items"]}
    assert {provider: state for provider, state in listed.items() if state != "unknown"} == {
        "openai": "healthy",
        "groq": "unhealthy",
        "mistral": "rate_limited",
    }


async def test_providers_are_listed_without_their_health_while_it_cannot_be_read(byok: ByokWorld) -> None:
    for _ in range(5):
        byok.container.registry.health_recorder.record(OURS, "openai", "gpt-4o", None, 800, 200)
    byok.health.is_down = True
    assert {each["health"] for each in (await byok.read("/providers"))["items"]} == {"unknown"}


async def test_a_provider_whose_keys_all_fail_has_no_active_key(byok: ByokWorld) -> None:
    byok.prober.results[PLAINTEXT] = "out_of_credit"
    await stored(byok, validate=True)
    openai = next(each for each in (await byok.read("/providers"))["items"] if each["id"] == "openai")
    assert (openai["has_active_key"], openai["key_status"]) == (False, "out_of_credit")


async def test_reading_keys_and_writing_them_are_two_scopes(byok: ByokWorld) -> None:
    key = await stored(byok)
    for scope, reading, writing in ((Scope.KEYS_READ, 200, 403), (Scope.KEYS_WRITE, 403, 200)):
        assert (await byok.ask("GET", f"/keys/{key['id']}", scopes=(scope,))).status_code == reading
        assert (await byok.ask("POST", f"/keys/{key['id']}/test", scopes=(scope,))).status_code == writing


async def test_while_the_vault_is_down_nothing_is_stored_and_nobody_is_told_otherwise(byok: ByokWorld) -> None:
    byok.secrets.is_down = True
    answer = await byok.ask("POST", "/keys", json={"provider": "openai", "api_key": PLAINTEXT})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert PLAINTEXT not in answer.text
    byok.secrets.is_down = False
    assert (await byok.read("/keys"))["items"] == []


async def test_every_change_of_a_key_is_audited_without_its_value(byok: ByokWorld) -> None:
    key = await stored(byok)
    await byok.ask("PATCH", f"/keys/{key['id']}", json={"label": "x"})
    await byok.ask("POST", f"/keys/{key['id']}/rotate", json={"api_key": OTHER})
    await byok.ask("DELETE", f"/keys/{key['id']}")
    assert [each.action for each in byok.audit.all] == [
        "provider_key.stored",
        "provider_key.changed",
        "provider_key.rotated",
        "provider_key.deleted",
    ]
    assert {each.subject for each in byok.audit.all} == {key["id"]}


def _reasons(byok: ByokWorld, model: str) -> object:
    with pytest.raises(NoUsableKey) as none:
        byok.container.tenancy.provider_key_ring.keys_for(OURS, "openai", model)
    return none.value.details["reasons"]
