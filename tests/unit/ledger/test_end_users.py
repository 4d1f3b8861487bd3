"""Whom a request was made for: where its caller says so, and what the books have of it."""

import json
from typing import Any

import pytest

from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger.end_users import (
    MAX_END_USER,
    NOBODY,
    OTHERS,
    EndUser,
    bounded,
    end_user_of,
    hashed,
    session_of,
)
from atom_llm.domain.tenancy.tenants import Tenant
from atom_llm.services.tenancy.end_user_names import SETTING_KNOWN_FOR, EndUserNames
from testing.audit import an_entry
from testing.fakes.service_keys import NOON, PeppersInMemory, SetClock, TenantsInMemory

OURS, THEIRS = TenantId("tenant-a"), TenantId("tenant-b")
CLAUDE_CODE = json.dumps({"device_id": "d" * 64, "account_uuid": "", "session_id": "3f1c"})


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"user": "ann"}, EndUser("ann")),
        ({"safety_identifier": "ann", "user": "of old"}, EndUser("ann")),
        ({"metadata": {"user_id": "ann"}}, EndUser("ann")),
        ({"metadata": {"user_id": CLAUDE_CODE}}, EndUser("d" * 64, "3f1c")),
        ({"metadata": {"user_id": "{no JSON"}}, EndUser("{no JSON")),
        ({"prompt_cache_key": "s-1"}, EndUser(None, "s-1")),
        ({"user": "ann", "client_metadata": {"session_id": "s-2"}, "prompt_cache_key": "s-1"}, EndUser("ann", "s-2")),
        ({"user": 7, "metadata": ["user_id"], "client_metadata": None, "prompt_cache_key": ""}, NOBODY),
        ({}, NOBODY),
    ],
)
def test_a_request_names_its_end_user_where_its_dialect_has_room_for_it(body: dict[str, Any], named: EndUser) -> None:
    assert end_user_of(body) == named


def test_a_session_header_counts_before_the_body_and_a_client_request_id_is_no_session() -> None:
    assert session_of({"session-id": "h-1", "x-client-request-id": "r-1"}) == "h-1"
    assert session_of({"x-claude-code-session-id": "h-2"}) == "h-2"
    assert session_of({"x-client-request-id": "r-1"}) is None
    assert end_user_of({"prompt_cache_key": "s-1"}, "h-1") == EndUser(None, "h-1")


@pytest.mark.parametrize("name", ["a" * (MAX_END_USER + 1), "line\nbreak", OTHERS])
def test_a_name_that_the_books_cannot_have_is_its_hash_there(name: str) -> None:
    assert bounded(name).startswith("sha256-")
    assert len(bounded(name)) <= MAX_END_USER
    assert bounded(name) != bounded(name + "!")


def test_a_name_of_the_longest_length_stays() -> None:
    assert bounded("a" * MAX_END_USER) == "a" * MAX_END_USER


def test_a_hash_is_another_one_at_every_tenant_and_under_every_pepper() -> None:
    found = {hashed("ann", pepper, tenant) for pepper in (b"p", b"q") for tenant in (OURS, THEIRS)}
    assert len(found) == 4
    assert not any("ann" in each for each in found)


def test_a_tenants_setting_holds_from_the_next_minute_on_and_for_that_tenant_alone() -> None:
    clock, tenants, peppers = SetClock(), TenantsInMemory(), PeppersInMemory()
    for tenant in (OURS, THEIRS):
        tenants.add(Tenant(tenant, "T", "UTC", NOON), an_entry())
    names = EndUserNames(tenants, peppers, clock)
    given = EndUser("ann", "s-1")
    assert names.in_books(OURS, given) == given
    tenants.change(OURS, an_entry(), name=None, calendar=None, hashes_end_users=True)
    clock.now += SETTING_KNOWN_FOR
    kept = names.in_books(OURS, given)
    assert kept.user is not None
    assert kept.user.startswith("sha256-")
    assert {kept.user, "ann"} <= names.spellings(OURS, "ann")
    assert names.in_books(THEIRS, given) == given
