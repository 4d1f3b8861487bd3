"""Service keys given and taken: how many, to whom, by whom, and what becomes of those of a tenant that is going."""

import io
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from atom_llm.domain.core.audit import AuditEntry
from atom_llm.domain.core.errors import Conflict, StoreUnavailable
from atom_llm.domain.core.ids import ServiceKeyId, TenantId
from atom_llm.domain.tenancy.service_keys import ALL_SCOPES, Scope, ServiceKey
from atom_llm.services.tenancy.grant_service_key import MAX_LIVE_KEYS
from testing.audit import SOMEBODY, an_entry
from testing.fakes.service_keys import NOON, KeysInMemory
from tests.functions.byok.byok_world import OPERATOR, OURS, PREFIX, THEIRS, ByokWorld
from tests.functions.pricing.pricing_world import data_of

pytestmark = pytest.mark.anyio


def fill(byok: ByokWorld, wanted: int, *, expires_at: datetime | None = None) -> None:
    """Give our tenant so many keys."""
    for number in range(wanted):
        key_id = ServiceKeyId(f"{len(byok.keys.stored):08d}{number:04d}")
        byok.keys.add(ServiceKey(key_id, OURS, ALL_SCOPES, bytes(32), "v1", NOON, expires_at=expires_at), an_entry())


async def test_as_many_keys_as_may_work_and_not_one_more(byok: ByokWorld) -> None:
    client = byok.client()
    fill(byok, MAX_LIVE_KEYS - 2)
    fill(byok, 5, expires_at=NOON)  # they work no longer
    answers = [await client.post(f"{PREFIX}/service-keys", json={"scopes": ["chat"]}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 409]
    assert len(list(byok.keys.of(OURS))) == MAX_LIVE_KEYS + 5, "what is refused leaves nothing behind"
    revoked = data_of(answers[0])["id"]
    await client.delete(f"{PREFIX}/service-keys/{revoked}")
    assert (await client.post(f"{PREFIX}/service-keys", json={"scopes": ["chat"]})).status_code == 201


async def test_of_keys_that_are_issued_at_once_none_works_beyond_the_limit(byok: ByokWorld) -> None:
    fill(byok, MAX_LIVE_KEYS - 1)
    raced = _Raced(byok)
    byok.container.tenancy.service_key_granter._keys = raced
    with pytest.raises(Conflict):
        byok.container.tenancy.service_key_granter.grant(
            OURS, ALL_SCOPES, SOMEBODY, ALL_SCOPES, label=None, expires_at=None
        )
    assert sum(key.is_usable(NOON) for key in byok.keys.of(OURS)) == MAX_LIVE_KEYS


class _Raced(KeysInMemory):
    """Somebody else issues a key right after the first look."""

    def __init__(self, byok: ByokWorld) -> None:
        super().__init__()
        self.byok, self.stored = byok, byok.keys.stored
        self.looks = 0

    def of(
        self,
        tenant: TenantId,
        *,
        after: ServiceKeyId | None = None,
        limit: int | None = None,
        exchanged: bool = False,
    ) -> Iterator[ServiceKey]:
        found = super().of(tenant, after=after, limit=limit, exchanged=exchanged)
        self.looks += 1
        if self.looks == 1:
            fill(self.byok, 1)
        return found


async def test_a_remembered_admin_of_a_deleted_tenant_gives_itself_no_new_key(byok: ByokWorld) -> None:
    client = byok.client(THEIRS)
    assert (await client.get(f"{PREFIX}/service-keys")).status_code == 200
    await byok.ask("DELETE", f"/tenants/{THEIRS}", tenant=OPERATOR)
    answer = await client.post(f"{PREFIX}/service-keys", json={"scopes": ["admin"]})
    assert answer.status_code == 409
    assert not any(key.is_usable(byok.clock()) for key in byok.keys.of(THEIRS))


async def test_a_key_that_is_issued_while_its_tenant_is_deleted_opens_nothing(byok: ByokWorld) -> None:
    def add(key: ServiceKey, entry: AuditEntry, *, over: ServiceKey | None = None) -> None:
        """The deletion comes between the look at the tenant and the key."""
        theirs = byok.tenants.find(THEIRS)
        assert theirs is not None
        byok.container.tenant_eraser.erase(theirs, SOMEBODY)
        byok.keys.stored[key.key_id] = key

    operator = byok.client(OPERATOR)
    byok.keys.add = add  # type: ignore[method-assign]  # as somebody else's timing would have it
    answer = await operator.post(f"{PREFIX}/service-keys", json={"scopes": ["chat"], "tenant": THEIRS})
    assert answer.status_code == 409
    assert "service_key" not in answer.text
    assert not any(key.is_usable(byok.clock()) for key in byok.keys.of(THEIRS))


async def test_keys_are_listed_page_by_page(byok: ByokWorld) -> None:
    client = byok.client()
    fill(byok, 4)
    seen, following = [], None
    while True:
        params = {"limit": "2"} | ({"cursor": following} if following else {})
        page = data_of(await client.get(f"{PREFIX}/service-keys", params=params))
        seen += [key["id"] for key in page["items"]]
        following = page["next_cursor"]
        if following is None:
            break
    assert seen == sorted(seen)
    assert len(set(seen)) == len(seen) == 5


async def test_the_operator_lists_and_revokes_for_another_tenant(byok: ByokWorld) -> None:
    key_id, plaintext = await byok.issued(THEIRS)
    listed = await byok.read("/service-keys", tenant=OPERATOR)
    assert key_id not in str(listed)
    theirs = data_of(await byok.ask("GET", "/service-keys", tenant=OPERATOR, params={"tenant": THEIRS}))
    assert [(key["id"], key["tenant"]) for key in theirs["items"]] == [(key_id, THEIRS)]
    path = f"/service-keys/{key_id}"
    assert (await byok.ask("DELETE", path, tenant=OPERATOR)).status_code == 404
    revoked = data_of(await byok.ask("DELETE", path, tenant=OPERATOR, params={"tenant": THEIRS}))
    assert revoked["revoked_at"] is not None
    assert (await byok.client(key=plaintext).get(f"{PREFIX}/budgets")).status_code == 401
    (entry,) = [each for each in byok.audit.all if each.action == "service_key.revoked"]
    assert (entry.tenant, entry.subject, entry.by_operator) == (THEIRS, key_id, True)


async def test_a_caller_may_revoke_the_very_key_it_calls_with(byok: ByokWorld) -> None:
    key_id, plaintext = await byok.issued(OURS)
    client = byok.client(key=plaintext)
    assert (await client.delete(f"{PREFIX}/service-keys/{key_id}")).status_code == 200
    byok.clock.pass_s(60)
    assert (await client.get(f"{PREFIX}/budgets")).status_code == 401


async def test_keys_that_do_not_work_or_may_not_administer_do_not_save_the_last_operator_key(byok: ByokWorld) -> None:
    key_id, plaintext = await byok.issued(OPERATOR)
    byok.key(OPERATOR, Scope.CHAT)
    expired, _ = await byok.issued(OPERATOR)
    byok.keys.stored[expired] = ServiceKey(
        expired, OPERATOR, ALL_SCOPES, bytes(32), "v1", NOON - timedelta(days=1), expires_at=NOON
    )
    assert (await byok.client(key=plaintext).delete(f"{PREFIX}/service-keys/{key_id}")).status_code == 409


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"scopes": []}, "scopes"),
        ({}, "scopes"),
        ({"scopes": ["root"]}, "scopes.0"),
        ({"scopes": ["chat"], "label": ""}, "label"),
        ({"scopes": ["chat"], "label": "x" * 81}, "label"),
        ({"scopes": ["chat"], "expires_at": "2026-11-24T12:00:00"}, "expires_at"),
        ({"scopes": ["chat"], "tenant": "Not An Id"}, "tenant"),
        ({"scopes": ["chat"], "secret": "mine"}, "secret"),
    ],
)
async def test_a_wrong_field_of_a_key_is_named(byok: ByokWorld, body: dict[str, object], field: str) -> None:
    answer = await byok.ask("POST", "/service-keys", json=body)
    assert answer.status_code == 422
    assert answer.json()["error"]["details"]["fields"][0]["field"] == field


async def test_a_use_that_cannot_be_noted_fails_no_call_and_is_logged(byok: ByokWorld, log: io.StringIO) -> None:
    key_id, plaintext = await byok.issued()
    client = byok.client(key=plaintext)

    def refused(key_id: ServiceKeyId, at: datetime) -> None:
        raise StoreUnavailable("a key's last use: AccessDeniedException")

    byok.keys.used = refused  # type: ignore[method-assign]  # a role that may not write
    for _ in range(3):
        assert (await client.get(f"{PREFIX}/budgets")).status_code == 200
    told = [line for line in log.getvalue().splitlines() if "a key's use was not noted" in line]
    assert len(told) == 1, "it is tried once an hour, not at every call"
    assert key_id in told[0]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/service-keys"),
        ("POST", "/service-keys"),
        ("DELETE", "/service-keys/nobodysKey12"),
        ("GET", "/audit"),
        ("GET", "/tenants"),
        ("POST", "/tenants"),
        ("GET", f"/tenants/{OURS}"),
        ("PATCH", f"/tenants/{OURS}"),
        ("DELETE", f"/tenants/{OURS}"),
    ],
)
async def test_administration_takes_the_scope_admin_and_no_other_will_do(
    byok: ByokWorld, method: str, path: str
) -> None:
    others = tuple(ALL_SCOPES - {Scope.ADMIN})
    for tenant in (OURS, OPERATOR):
        answer = await byok.ask(method, path, tenant=tenant, scopes=others, json={"scopes": ["chat"], "name": "A"})
        error = answer.json()["error"]
        assert (answer.status_code, error["code"], error["details"]) == (403, "scope_missing", {"scope": "admin"})


@pytest.mark.parametrize(
    ("expires_at", "status"),
    [("2026-12-01T00:00:00Z", 201), ("2026-12-01T00:00:01Z", 422), (None, 422)],
)
async def test_a_key_that_expires_makes_none_that_outlives_it(
    byok: ByokWorld, expires_at: str | None, status: int
) -> None:
    body = {"scopes": ["admin"], "expires_at": "2026-12-01T00:00:00Z"}
    expiring = data_of(await byok.ask("POST", "/service-keys", json=body))["service_key"]
    answer = await byok.client(key=expiring).post(f"{PREFIX}/service-keys", json=body | {"expires_at": expires_at})
    assert answer.status_code == status
    if status == 422:
        assert answer.json()["error"]["details"]["fields"] == [{"field": "expires_at"}]


async def test_a_key_of_any_scope_learns_its_tenant_and_what_it_may_do(byok: ByokWorld) -> None:
    key = byok.key(OURS, Scope.CHAT)
    told = data_of(await byok.client(key=key).get(f"{PREFIX}/caller"))
    assert (told["tenant"], told["scopes"], told["is_operator"]) == (OURS, ["chat"], False)
    assert told["service_key"] in key
    assert key not in str(told), "the id of a key opens nothing; the key itself is never told"


async def test_a_key_of_the_operator_learns_that_it_is_one(byok: ByokWorld) -> None:
    told = data_of(await byok.client(OPERATOR).get(f"{PREFIX}/caller"))
    assert told["is_operator"] is True
    assert told["scopes"] == sorted(ALL_SCOPES)


async def test_without_a_key_nothing_is_told(byok: ByokWorld) -> None:
    answer = await byok.client(key="atom_local_nobody").get(f"{PREFIX}/caller")
    assert answer.status_code == 401
