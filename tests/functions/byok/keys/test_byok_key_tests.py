"""Testing keys over HTTP, from the route to a provider that answers, refuses, hangs up or leads elsewhere."""

import io
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from atom_llm.adapters.providers.other_addresses import OtherAddresses
from atom_llm.adapters.providers.probe import HttpKeyProber
from atom_llm.domain.core.plaintext import Plaintext
from atom_llm.domain.providers.key_verdict import ProbeResult
from atom_llm.domain.tenancy.provider_keys import KeyStatus
from testing.audit import SOMEBODY
from testing.fakes.provider_origin import (
    LISTS,
    ProviderOrigin,
    anthropic_error,
    google_error,
    openai_error,
    provider_origin,
)
from tests.functions.byok.byok_world import OURS, PREFIX, ByokWorld
from tests.functions.http.sample_app import error_of
from tests.functions.pricing.pricing_world import data_of

pytestmark = pytest.mark.anyio

KEYS = {
    "openai": "sk-proj-CANARY0123456789abcdef",
    "anthropic": "sk-ant-api03-CANARY_0123-456789",
    "google": "AIzaSyCANARY0123456789abcdefghijklmnopq",
    "cohere": "CANARYcohere0123456789abcdefghijklmnopqr",
}
REFUSALS: dict[str, tuple[int, Any, str]] = {
    "openai": (429, openai_error("no quota for {key}", "insufficient_quota", "insufficient_quota"), "out_of_credit"),
    "anthropic": (401, anthropic_error("authentication_error", "invalid x-api-key {key}"), "invalid"),
    "google": (400, google_error(400, "INVALID_ARGUMENT", "{key} is not valid", "API_KEY_INVALID"), "invalid"),
    "cohere": (401, {"message": "invalid api token {key}"}, "invalid"),
}


@pytest.fixture
def origin(byok: ByokWorld) -> Iterator[ProviderOrigin]:
    """All providers, on this machine."""
    with provider_origin() as serving:
        quick = httpx.Timeout(connect=8.0, read=2.0, write=8.0, pool=8.0)
        urls = dict.fromkeys(KEYS, f"{serving.url}/v2")
        byok.ports.key_prober = HttpKeyProber(OtherAddresses(urls), timeouts=quick)
        yield serving


async def stored(byok: ByokWorld, provider: str, **more: Any) -> dict[str, Any]:
    body = {"provider": provider, "api_key": KEYS[provider]} | more
    return data_of(await byok.ask("POST", "/keys", json=body))


@pytest.mark.parametrize("status", [200, 401, 503])
async def test_a_test_is_told_of_with_who_asked_for_it_whatever_came_of_it(
    byok: ByokWorld, origin: ProviderOrigin, status: int
) -> None:
    origin.answer(status, LISTS["openai"] if status == 200 else openai_error("no", "no", "no"))
    key = await stored(byok, "openai")
    byok.clock.pass_s(1)
    service_key, plaintext = await byok.issued(OURS)
    assert (await byok.client(key=plaintext).post(f"{PREFIX}/keys/{key['id']}/test")).status_code == 200
    assert [(told.action, told.subject) for told in byok.audit.all] == [
        ("provider_key.stored", key["id"]),
        ("provider_key.tested", key["id"]),
    ]
    assert (byok.audit.all[-1].actor, byok.audit.all[-1].origin) == (service_key, "203.0.113.9")


async def test_a_key_that_is_tested_as_it_is_stored_and_rotated_has_an_entry_for_each(
    byok: ByokWorld, origin: ProviderOrigin
) -> None:
    origin.answer(200, LISTS["openai"])
    key = await stored(byok, "openai", validate=True)
    body = {"api_key": "sk-proj-CANARY9876543210fedcba", "validate": True}
    assert (await byok.ask("POST", f"/keys/{key['id']}/rotate", json=body)).status_code == 200
    assert [told.action.partition(".")[2] for told in byok.audit.all] == ["stored", "tested", "rotated", "tested"]


async def test_a_test_of_material_that_was_rotated_meanwhile_changes_nothing_and_tells_of_nothing(
    byok: ByokWorld,
) -> None:
    key = await stored(byok, "openai")
    probe = byok.prober.probe

    def rotated_meanwhile(provider: str, plaintext: str) -> tuple[ProbeResult, str]:
        vault, found = byok.container.tenancy.provider_key_vault, byok.container.tenancy.provider_keys
        vault.rotate(found.find(OURS, key["id"]), Plaintext("sk-new-0123456789"), "6789", "f" * 16, SOMEBODY)
        return probe(provider, plaintext)

    byok.prober.probe = rotated_meanwhile  # type: ignore[method-assign]
    assert data_of(await byok.ask("POST", f"/keys/{key['id']}/test"))["status"] == "untested"
    assert [told.action for told in byok.audit.all] == ["provider_key.stored", "provider_key.rotated"]


@pytest.mark.parametrize("provider", KEYS)
async def test_a_key_that_works_is_valid(byok: ByokWorld, origin: ProviderOrigin, provider: str) -> None:
    origin.answer(200, LISTS[provider])
    key = await stored(byok, provider, validate=True)
    assert (key["status"], key["last_test"]["result"], key["is_active"]) == ("valid", "valid", True)
    assert len(origin.asked) == 1


@pytest.mark.parametrize("provider", KEYS)
async def test_a_key_that_is_refused_is_not_used_and_its_tenant_sees_why(
    byok: ByokWorld, origin: ProviderOrigin, log: io.StringIO, provider: str
) -> None:
    key = await stored(byok, provider)
    status, body, result = REFUSALS[provider]
    origin.answer(status, body)
    answer = await byok.ask("POST", f"/keys/{key['id']}/test")
    tested = data_of(answer)
    assert (tested["status"], tested["last_test"]["result"], tested["is_active"]) == (result, result, False)
    assert tested["status_reason"].startswith(f"the provider answered {status}")
    assert "CANARY" not in answer.text + log.getvalue() + repr(byok.provider_keys.keys)


async def test_what_the_provider_says_about_a_key_it_cannot_judge_changes_nothing(
    byok: ByokWorld, origin: ProviderOrigin
) -> None:
    origin.answer(200, LISTS["openai"])
    key = await stored(byok, "openai", validate=True)
    with provider_origin() as elsewhere:
        conducts: list[Callable[[], None]] = [
            lambda: origin.answer(500, {}),
            lambda: origin.answer(200, "<html>"),
            lambda: origin.redirect(elsewhere.url),
            lambda: origin.be_silent(3.0),
            origin.cut,
            origin.hang_up,
        ]
        for conduct in conducts:
            conduct()
            tested = data_of(await byok.ask("POST", f"/keys/{key['id']}/test"))
            assert (tested["status"], tested["last_test"]["result"]) == ("valid", "unreachable")
        assert elsewhere.asked == []


async def test_a_key_that_was_topped_up_comes_back_with_a_test(byok: ByokWorld, origin: ProviderOrigin) -> None:
    origin.answer(402, {})
    key = await stored(byok, "openai", validate=True)
    assert key["status"] == "out_of_credit"
    origin.answer(200, LISTS["openai"])
    assert data_of(await byok.ask("POST", f"/keys/{key['id']}/test"))["status"] == "valid"


async def test_a_new_key_is_not_sent_to_the_provider_unless_it_is_asked_for(
    byok: ByokWorld, origin: ProviderOrigin
) -> None:
    key = await stored(byok, "openai")
    await byok.ask("POST", f"/keys/{key['id']}/rotate", json={"api_key": "sk-proj-CANARYrotated456789"})
    assert origin.asked == []


async def test_a_test_after_a_rotation_shows_the_new_key(byok: ByokWorld, origin: ProviderOrigin) -> None:
    key = await stored(byok, "openai")
    body = {"api_key": "sk-proj-CANARYrotated456789", "validate": True}
    await byok.ask("POST", f"/keys/{key['id']}/rotate", json=body)
    await byok.ask("POST", f"/keys/{key['id']}/test")
    assert {headers["authorization"] for _, headers in origin.asked} == {"Bearer sk-proj-CANARYrotated456789"}


async def test_a_key_that_failed_in_a_call_says_so_to_its_tenant_and_the_next_one_is_active(byok: ByokWorld) -> None:
    first = await stored(byok, "openai")
    ring = byok.container.tenancy.provider_key_ring
    (in_hand,) = ring.keys_for(OURS, "openai", "openai/gpt-4o")
    ring.report_call(in_hand.key, "invalid", "the provider answered 401")
    failed = await byok.read(f"/keys/{first['id']}")
    assert (failed["status"], failed["status_reason"]) == (KeyStatus.INVALID, "the provider answered 401")
    openai = next(each for each in (await byok.read("/providers"))["items"] if each["id"] == "openai")
    assert (openai["has_active_key"], openai["key_status"]) == (False, "invalid")
    await byok.ask("POST", "/keys", json={"provider": "openai", "api_key": "sk-proj-the-next-one-0123456789"})
    openai = next(each for each in (await byok.read("/providers"))["items"] if each["id"] == "openai")
    assert (openai["has_active_key"], openai["key_status"]) == (True, "untested")


async def test_a_rotation_that_is_asked_for_twice_happens_once(byok: ByokWorld) -> None:
    key = await stored(byok, "openai")
    body = {"api_key": "sk-proj-CANARYrotated456789"}
    first, again = [data_of(await byok.ask("POST", f"/keys/{key['id']}/rotate", json=body)) for _ in range(2)]
    assert first == again


@pytest.mark.parametrize("field", ["label", "allowed_models"])
async def test_a_key_that_was_pasted_into_another_field_too_is_refused_and_stored_nowhere(
    byok: ByokWorld, field: str
) -> None:
    pasted: Any = f"mine {KEYS['openai']}"
    body = {"provider": "openai", "api_key": KEYS["openai"], field: [pasted] if field == "allowed_models" else pasted}
    answer = await byok.ask("POST", "/keys", json=body)
    assert (answer.status_code, error_of(answer)["details"]["fields"][0]["field"]) == (422, field)
    assert "CANARY" not in answer.text + repr(byok.provider_keys.keys) + byok.secrets.everything()


async def test_a_vault_that_is_down_is_told_without_a_word_of_whose_it_is(byok: ByokWorld) -> None:
    key = await stored(byok, "openai")
    byok.secrets.is_down = True
    for method, path, body in (
        ("POST", f"/keys/{key['id']}/rotate", {"api_key": "sk-proj-another-0123456789"}),
        ("POST", f"/keys/{key['id']}/test", None),
        ("DELETE", f"/keys/{key['id']}", None),
    ):
        byok.container.tenancy.provider_key_ring._opened.forget(OURS)
        answer = await byok.ask(method, path, json=body)
        assert (answer.status_code, error_of(answer)["code"]) == (503, "vault_unavailable")
        assert "secrets manager" not in answer.text
    byok.secrets.is_down = False
    assert (await byok.read(f"/keys/{key['id']}"))["deleted_at"] is None
    assert data_of(await byok.ask("DELETE", f"/keys/{key['id']}"))["deleted_at"] is not None
