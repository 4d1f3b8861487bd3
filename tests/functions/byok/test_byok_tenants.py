"""Tenants and service keys: the operator manages all, an admin its own, and nobody else anything."""

import pytest

from atom_llm.domain.ledger.rows import AttemptStatus
from atom_llm.domain.tenancy.service_keys import Scope
from atom_llm.domain.tiers.preferences import DEFAULTS
from testing.audit import an_entry
from testing.money_world import usd
from tests.functions.byok.byok_world import OPERATOR, OURS, PREFIX, THEIRS, ByokWorld
from tests.functions.pricing.pricing_world import data_of

pytestmark = pytest.mark.anyio
DAY_S = 24 * 60 * 60


async def test_the_operator_makes_a_tenant_and_gives_it_its_first_key(byok: ByokWorld) -> None:
    made = await byok.ask(
        "POST", "/tenants", tenant=OPERATOR, json={"id": "acme", "name": "Acme", "time_zone": "Asia/Tokyo"}
    )
    assert (made.status_code, data_of(made)["time_zone"]) == (201, "Asia/Tokyo")
    body = {"tenant": "acme", "scopes": ["chat", "admin"], "label": "first"}
    issued = await byok.ask("POST", "/service-keys", tenant=OPERATOR, json=body)
    assert issued.status_code == 201
    own = byok.client(key=data_of(issued)["service_key"])
    assert [key["label"] for key in data_of(await own.get(f"{PREFIX}/service-keys"))["items"]] == ["first"]


async def test_without_an_id_one_is_drawn(byok: ByokWorld) -> None:
    made = data_of(await byok.ask("POST", "/tenants", tenant=OPERATOR, json={"name": "Acme"}))
    assert (await byok.read(f"/tenants/{made['id']}", tenant=OPERATOR))["name"] == "Acme"


async def test_an_id_is_not_given_twice_not_even_after_its_tenant_is_gone(byok: ByokWorld) -> None:
    for _ in range(2):
        again = await byok.ask("POST", "/tenants", tenant=OPERATOR, json={"id": THEIRS, "name": "Other"})
        assert again.status_code == 409
        await byok.ask("DELETE", f"/tenants/{THEIRS}", tenant=OPERATOR)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"id": "A"}, "id"),
        ({"id": "-a-b"}, "id"),
        ({"time_zone": "Europe"}, "time_zone"),
        ({"time_zone": "../etc/passwd"}, "time_zone"),
        ({"name": " "}, "name"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_a_wrong_field_of_a_tenant_is_named(byok: ByokWorld, body: dict[str, str], field: str) -> None:
    answer = await byok.ask("POST", "/tenants", tenant=OPERATOR, json={"name": "Acme"} | body)
    assert answer.status_code == 422
    assert answer.json()["error"]["details"]["fields"][0]["field"] == field


async def test_an_ordinary_admin_knows_its_own_tenant_alone(byok: ByokWorld) -> None:
    assert [each["id"] for each in (await byok.read("/tenants"))["items"]] == [OURS]
    assert (await byok.read(f"/tenants/{OURS}"))["id"] == OURS
    foreign = await byok.ask("GET", f"/tenants/{THEIRS}")
    nobody = await byok.ask("GET", "/tenants/nobody")
    assert (foreign.status_code, nobody.status_code) == (404, 404)
    refused = await byok.ask("POST", "/tenants", json={"name": "Mine"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "operator_only")


async def test_a_tenant_is_changed_by_the_operator_and_by_its_own_admin_alone(byok: ByokWorld) -> None:
    for caller, name, status in ((OPERATOR, "By the operator", 200), (THEIRS, "By itself", 200), (OURS, "By us", 404)):
        changed = await byok.ask("PATCH", f"/tenants/{THEIRS}", tenant=caller, json={"name": name})
        assert changed.status_code == status
    assert (await byok.read(f"/tenants/{THEIRS}", tenant=OPERATOR))["name"] == "By itself"
    assert [entry.action for entry in byok.audit.all] == ["tenant.changed"] * 2


async def test_a_change_of_nothing_or_of_what_is_gone_is_refused(byok: ByokWorld) -> None:
    assert (await byok.ask("PATCH", f"/tenants/{OURS}", json={})).status_code == 422
    await byok.ask("DELETE", f"/tenants/{THEIRS}", tenant=OPERATOR)
    gone = await byok.ask("PATCH", f"/tenants/{THEIRS}", tenant=OPERATOR, json={"name": "Back again"})
    assert gone.status_code == 409


@pytest.mark.parametrize("tenant", [OURS, THEIRS, "nobody"])
async def test_an_ordinary_admin_deletes_no_tenant_not_even_its_own(byok: ByokWorld, tenant: str) -> None:
    error = (await byok.ask("DELETE", f"/tenants/{tenant}")).json()["error"]
    assert (error["code"], error["message"]) == (
        "operator_only",
        "only the operator of this deployment may delete a tenant: what is erased cannot be brought back",
    )
    assert [each["deleted_at"] for each in (await byok.read("/tenants", tenant=OPERATOR))["items"]] == [None] * 3
    assert byok.audit.all == []


async def test_a_deletion_is_complete_when_no_process_remembers_a_key_any_more(byok: ByokWorld) -> None:
    byok.key(OURS)
    done = data_of(await byok.ask("DELETE", f"/tenants/{OURS}", tenant=OPERATOR))
    assert (done["erased"]["service_keys_revoked"], done["complete"]) == (1, False)
    byok.clock.pass_s(90)
    again = data_of(await byok.ask("DELETE", f"/tenants/{OURS}", tenant=OPERATOR))
    assert (set(again["erased"].values()), again["complete"]) == ({0}, True)


async def test_the_operator_sees_every_tenant_page_by_page(byok: ByokWorld) -> None:
    first = await byok.read("/tenants", tenant=OPERATOR, limit=2)
    rest = await byok.read("/tenants", tenant=OPERATOR, limit=2, cursor=first["next_cursor"])
    assert [each["id"] for each in first["items"] + rest["items"]] == [OPERATOR, OURS, THEIRS]
    assert rest["next_cursor"] is None


async def test_a_tenants_time_zone_decides_when_its_budgets_reset(byok: ByokWorld) -> None:
    await byok.ask("PUT", "/budgets", json={"window": "day", "limit_usd": "1"})
    assert (await byok.read("/budgets"))["items"][0]["resets_at"] == "2026-11-24T00:00:00Z"
    changed = await byok.ask("PATCH", f"/tenants/{OURS}", json={"time_zone": "Asia/Tokyo"})
    assert changed.status_code == 200
    assert (await byok.read("/budgets"))["items"][0]["resets_at"] == "2026-11-24T00:00:00Z"
    byok.clock.pass_s(DAY_S)
    assert (await byok.read("/budgets"))["items"][0]["resets_at"] == "2026-11-25T15:00:00Z"


async def test_two_changes_of_zone_bring_no_day_budget_anew(byok: ByokWorld) -> None:
    await byok.ask("PUT", "/budgets", json={"window": "day", "limit_usd": "1"})
    byok.money.spend(usd("0.6"), tenant=OURS)
    for zone in ("Pacific/Kiritimati", "Etc/GMT+12", "UTC"):
        assert (await byok.ask("PATCH", f"/tenants/{OURS}", json={"time_zone": zone})).status_code == 200
        byok.clock.pass_s(60)
        (present,) = (await byok.read("/budgets"))["items"]
        assert (present["spent_usd"], present["window_id"]) == ("0.6", "day:2026-11-23")


async def test_deleting_a_tenant_erases_what_is_its_own_and_says_so(byok: ByokWorld) -> None:
    byok.key(THEIRS)
    byok.preferences.replace(THEIRS, DEFAULTS, an_entry())
    byok.money.budget("1", tenant=THEIRS)
    agreed = {"models": "openai/gpt-4o", "discount_percent": "10"}
    assert (await byok.ask("POST", "/prices", tenant=THEIRS, json=agreed)).status_code == 201
    assert (await byok.ask("PUT", "/price-alerts", tenant=THEIRS, json={"threshold_usd": "5"})).status_code == 200
    assert (await byok.ask("PUT", "/teams/data", tenant=THEIRS, json={"name": "Data"})).status_code == 200
    listed = {"scope": "team:data", "models": ["openai/*"]}
    assert (await byok.ask("PUT", "/allow-lists", tenant=THEIRS, json=listed)).status_code == 200
    byok.money.spend(usd("0.01"), tenant=THEIRS)
    byok.money.spend(usd("0.01"), tenant=OURS)
    byok.money.roll_up.run()
    done = data_of(await byok.ask("DELETE", f"/tenants/{THEIRS}", tenant=OPERATOR))
    assert done["erased"] == {
        "service_keys_revoked": 5,
        "budgets_deleted": 1,
        "provider_keys_deleted": 0,
        "secrets_deleted": 0,
        "idempotent_answers_deleted": 0,
        "young_budgets_deleted": 1,
        "preferences_deleted": 1,
        "own_prices_deleted": 1,
        "price_alert_settings_deleted": 1,
        "price_alerts_deleted": 0,
        "teams_deleted": 1,
        "allow_lists_deleted": 1,
        "usage_exports_deleted": 0,
        "ledger_rows_deleted": 1,
        "end_user_sums_deleted": 0,
        "budget_scopes_deleted": 0,
    }
    assert (byok.money.rows(THEIRS), len(byok.money.rows(OURS))) == ([], 1)
    again = data_of(await byok.ask("DELETE", f"/tenants/{THEIRS}", tenant=OPERATOR))
    assert set(again["erased"].values()) == {0}
    assert again["deleted_at"] == done["deleted_at"]


async def test_what_is_under_way_when_a_tenant_is_deleted_is_erased_by_repeating_it(byok: ByokWorld) -> None:
    held = byok.money.spending.hold(byok.money.attempt(tenant=THEIRS))
    first = data_of(await byok.ask("DELETE", f"/tenants/{THEIRS}", tenant=OPERATOR))
    assert first["calls_under_way"] == 1
    row = byok.money.spending.settle(held, byok.money.settlement())
    byok.money.roll_up.run()
    assert row.settlement.status is AttemptStatus.SUCCEEDED
    second = data_of(await byok.ask("DELETE", f"/tenants/{THEIRS}", tenant=OPERATOR))
    assert (second["calls_under_way"], second["erased"]["ledger_rows_deleted"]) == (0, 1)


async def test_the_operators_tenant_cannot_be_deleted(byok: ByokWorld) -> None:
    assert (await byok.ask("DELETE", f"/tenants/{OPERATOR}", tenant=OPERATOR)).status_code == 409


async def test_a_deleted_tenants_keys_open_nothing_after_five_seconds(byok: ByokWorld) -> None:
    client = byok.client(THEIRS)
    assert (await client.get(f"{PREFIX}/budgets")).status_code == 200
    await byok.ask("DELETE", f"/tenants/{THEIRS}", tenant=OPERATOR)
    byok.clock.pass_s(5)
    assert (await client.get(f"{PREFIX}/budgets")).status_code == 401


async def test_a_key_is_shown_once_and_never_again(byok: ByokWorld) -> None:
    issued = data_of(await byok.ask("POST", "/service-keys", json={"scopes": ["chat"], "label": "app"}))
    secret = issued["service_key"].split("_")[3]
    listed = await byok.ask("GET", "/service-keys")
    assert secret not in listed.text
    assert "hash" not in listed.text
    assert issued["id"] in listed.text


async def test_a_key_is_revoked_for_good(byok: ByokWorld) -> None:
    key_id, plaintext = await byok.issued(OURS, Scope.USAGE_READ)
    revoked = data_of(await byok.ask("DELETE", f"/service-keys/{key_id}"))
    byok.clock.pass_s(5)
    again = data_of(await byok.ask("DELETE", f"/service-keys/{key_id}"))
    assert again["revoked_at"] == revoked["revoked_at"]
    assert (await byok.client(key=plaintext).get(f"{PREFIX}/budgets")).status_code == 401


async def test_a_key_gives_no_scope_that_it_has_not(byok: ByokWorld) -> None:
    for tenant, status in ((OURS, 403), (OPERATOR, 201)):
        body = {"scopes": ["chat"]}
        answer = await byok.ask("POST", "/service-keys", tenant=tenant, scopes=(Scope.ADMIN,), json=body)
        assert answer.status_code == status


async def test_a_key_that_is_born_expired_is_refused(byok: ByokWorld) -> None:
    for when, status in (("2026-11-23T12:00:00Z", 422), ("2026-11-23T12:00:01Z", 201)):
        answer = await byok.ask("POST", "/service-keys", json={"scopes": ["chat"], "expires_at": when})
        assert answer.status_code == status


async def test_no_key_is_issued_to_a_deleted_tenant(byok: ByokWorld) -> None:
    await byok.ask("DELETE", f"/tenants/{THEIRS}", tenant=OPERATOR)
    body = {"scopes": ["chat"], "tenant": THEIRS}
    assert (await byok.ask("POST", "/service-keys", tenant=OPERATOR, json=body)).status_code == 409


async def test_the_last_admin_key_of_the_operator_stays(byok: ByokWorld) -> None:
    key_id, plaintext = await byok.issued(OPERATOR)
    client = byok.client(key=plaintext)
    assert (await client.delete(f"{PREFIX}/service-keys/{key_id}")).status_code == 409
    byok.key(OPERATOR)
    assert (await client.delete(f"{PREFIX}/service-keys/{key_id}")).status_code == 200


async def test_a_keys_last_use_is_noted_once_an_hour(byok: ByokWorld) -> None:
    client = byok.client()
    for _ in range(3):
        await client.get(f"{PREFIX}/budgets")
    assert byok.keys.notes == 1
    byok.clock.pass_s(3600)
    await client.get(f"{PREFIX}/budgets")
    assert byok.keys.notes == 2
    used = [key["last_used_at"] for key in (await byok.read("/service-keys"))["items"]]
    assert "2026-11-23T13:00:00Z" in used


async def test_every_change_is_audited_with_who_and_from_where(byok: ByokWorld) -> None:
    key_id, plaintext = await byok.issued(OURS)
    client = byok.client(key=plaintext)
    await client.put(f"{PREFIX}/budgets", json={"window": "day", "limit_usd": "1"})
    byok.clock.pass_s(1)
    await client.put(f"{PREFIX}/budgets", json={"window": "day", "limit_usd": None})
    items = (await byok.read("/audit"))["items"]
    assert [(each["action"], each["subject"]) for each in items] == [
        ("budget.cleared", "tenant day"),
        ("budget.set", "tenant day"),
    ]
    assert {(each["actor"], each["origin"]) for each in items} == {(key_id, "203.0.113.9")}


async def test_the_audit_log_is_paged(byok: ByokWorld) -> None:
    for _ in range(3):
        await byok.ask("PUT", "/budgets", json={"window": "day", "limit_usd": "1"})
        byok.clock.pass_s(1)
    first = await byok.read("/audit", limit=2)
    rest = await byok.read("/audit", limit=2, cursor=first["next_cursor"])
    assert (len(first["items"]), len(rest["items"]), rest["next_cursor"]) == (2, 1, None)


async def test_another_tenants_audit_log_is_for_the_operator(byok: ByokWorld) -> None:
    await byok.ask("PUT", "/budgets", tenant=THEIRS, json={"window": "day", "limit_usd": "1"})
    byok.clock.pass_s(1)  # entries of one millisecond stand in any order
    assert (await byok.ask("GET", "/audit", params={"tenant": THEIRS})).status_code == 404
    seen = data_of(await byok.ask("GET", "/audit", tenant=OPERATOR, params={"tenant": THEIRS}))
    assert [each["action"] for each in seen["items"]] == ["operator.read", "budget.set"]
