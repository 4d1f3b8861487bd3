"""Own names of a service key over HTTP: set at its issue, changed later, checked and audited."""

from typing import Any

import pytest

from atom_llm.domain.core.ids import ServiceKeyId
from tests.functions.byok.byok_world import OPERATOR, OURS, THEIRS, ByokWorld
from tests.functions.pricing.pricing_world import data_of

pytestmark = pytest.mark.anyio

NAMES = {"claude-sonnet-4-5": "auto", "gpt-5": "openai/gpt-4o, gpt-4o-mini", "*": "tier/heavy"}


async def issued(byok: ByokWorld, **more: Any) -> dict[str, Any]:
    return data_of(await byok.ask("POST", "/service-keys", json={"scopes": ["chat"], **more}))


async def test_a_key_is_issued_with_own_names_and_given_others_later(byok: ByokWorld) -> None:
    key = await issued(byok, own_names=NAMES)
    assert key["own_names"] == NAMES
    changed = data_of(await byok.ask("PATCH", f"/service-keys/{key['id']}", json={"own_names": {"gpt": "auto"}}))
    assert changed["own_names"] == {"gpt": "auto"}
    listed = (await byok.read("/service-keys"))["items"]
    assert [each["own_names"] for each in listed if each["id"] == key["id"]] == [{"gpt": "auto"}]
    cleared = data_of(await byok.ask("PATCH", f"/service-keys/{key['id']}", json={"own_names": {}}))
    assert cleared["own_names"] == {}
    actions = [each["action"] for each in (await byok.read("/audit"))["items"]]
    assert sorted(actions) == ["service_key.changed", "service_key.changed", "service_key.issued"]


@pytest.mark.parametrize(
    ("names", "field", "words"),
    [
        ({"gpt": "no-such-model-9"}, "own_names.gpt", "no-such-model-9"),
        ({"a": "auto", "gpt": "gpt-4o,no-such-model-9"}, "own_names.gpt", "no-such-model-9"),
        ({"*": "tier/enormous"}, "own_names.*", "tier/enormous"),
        ({"gpt-*": "auto"}, "own_names.gpt-*", "*"),
        ({"gpt": ",auto"}, "own_names.gpt", "empty"),
    ],
)
async def test_what_stands_for_nothing_that_is_known_is_refused_by_name(
    byok: ByokWorld, names: dict[str, str], field: str, words: str
) -> None:
    key = await issued(byok)
    for method, path in (("POST", "/service-keys"), ("PATCH", f"/service-keys/{key['id']}")):
        body = {"own_names": names} | ({"scopes": ["chat"]} if method == "POST" else {})
        refused = await byok.ask(method, path, json=body)
        assert refused.status_code == 422
        assert refused.json()["error"]["details"]["fields"] == [{"field": field}]
        assert words in refused.json()["message"]


async def test_a_revoked_key_and_one_of_another_tenant_are_not_changed(byok: ByokWorld) -> None:
    key = await issued(byok)
    path, body = f"/service-keys/{key['id']}", {"own_names": {"gpt": "auto"}}
    assert (await byok.ask("PATCH", path, tenant=THEIRS, json=body)).status_code == 404
    await byok.ask("DELETE", path)
    assert (await byok.ask("PATCH", path, json=body)).status_code == 409
    assert byok.keys.stored[ServiceKeyId(key["id"])].own_names.targets == {}


async def test_the_operator_changes_a_tenants_key_and_that_tenant_reads_of_it(byok: ByokWorld) -> None:
    key = await issued(byok)
    path = f"/service-keys/{key['id']}?tenant={OURS}"
    assert (await byok.ask("PATCH", path, tenant=OPERATOR, json={"own_names": {"gpt": "auto"}})).status_code == 200
    [entry] = [each for each in (await byok.read("/audit"))["items"] if each["action"] == "service_key.changed"]
    assert entry["by_operator"] is True
