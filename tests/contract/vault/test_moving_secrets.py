"""Provider keys on their way from one vault to another: every fault at every call, and nothing is lost or left."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from atom_llm.adapters.dynamodb.tenancy.tenants import DynamoTenants
from atom_llm.domain.core.audit import OPERATOR, Actor
from atom_llm.domain.core.errors import Unavailable
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.tenancy.tenants import Tenant
from atom_llm.services.tenancy.move_secrets import SecretsMover
from atom_llm.services.tenancy.provider_key_vault import LEASE
from testing.audit import SOMEBODY, an_entry
from testing.fakes.service_keys import SetClock
from tests.contract.conftest import NewTable
from tests.contract.vault.places import NewVault, OnTheMove
from tests.contract.vault.test_provider_key_faults import LATER, NEW, ONE, TWO, Process
from tests.drills.faults import KINDS, Died, FailingClients, Kind

NewMove = Callable[[], tuple[Process, Process]]
WAYS = ["to envelopes", "to secrets manager"]


@pytest.fixture(params=WAYS)
def new_move(new_table: NewTable, new_vault: NewVault, request: pytest.FixtureRequest) -> NewMove:
    """Makes a process from before the move, which stored the keys, and one that moves them; each pair has a tenant."""
    place, clock, clients = new_vault(request.param), SetClock(datetime.now(UTC)), FailingClients()
    assert isinstance(place, OnTheMove)
    table, _ = new_table()

    def make() -> tuple[Process, Process]:
        before = Process(table._name, place.former, clock, FailingClients())
        return before, Process(table._name, place, clock, clients, before.tenant)

    return make


@pytest.mark.parametrize("kind", KINDS)
def test_after_a_fault_at_any_call_of_a_move_all_keys_are_there_and_repeating_it_finishes(
    new_move: NewMove, kind: Kind
) -> None:
    for countdown in range(40):
        before, moving = new_move()
        for plaintext in (ONE, TWO):
            before.store(plaintext)
        moving.plan.arm(kind, countdown)
        with suppress(Died, Unavailable):
            moving.vault.move(moving.tenant, Actor(moving.tenant, OPERATOR))
        fired = moving.plan.fired
        moving.plan.disarm()
        moving.clock.now += LEASE + timedelta(seconds=1)
        elsewhere = moving.elsewhere()
        assert elsewhere.usable() == {ONE, TWO}, countdown
        moving.vault.move(moving.tenant, Actor(moving.tenant, OPERATOR))
        assert _is_all_at_home(elsewhere), countdown
        assert elsewhere.usable() == {ONE, TWO}, countdown
        if not fired:
            return
    pytest.fail("a move takes more calls than were tried")


@pytest.mark.parametrize("act", ["store", "rotate", "delete"])
def test_a_change_of_a_tenants_keys_takes_them_along(new_move: NewMove, act: str) -> None:
    before, moving = new_move()
    kept, other = before.store(ONE), before.store(TWO)
    doing: dict[str, Callable[[], object]] = {
        "store": lambda: moving.store(NEW),
        "rotate": lambda: moving.rotate(other, NEW),
        "delete": lambda: moving.vault.delete(other, SOMEBODY),
    }
    doing[act]()
    assert moving.usable() == {"store": {ONE, TWO, NEW}, "rotate": {ONE, NEW}, "delete": {ONE}}[act]
    assert _is_all_at_home(moving)
    moving.vault.delete(kept, SOMEBODY)
    moving.store(LATER)
    assert ONE not in str(moving.kept())


def test_a_tenant_whose_keys_never_moved_is_erased_where_they_are(new_move: NewMove) -> None:
    before, moving = new_move()
    before.store(ONE)
    assert moving.vault.erase(moving.tenant) == {"provider_keys_deleted": 1, "secrets_deleted": 1}
    assert moving.kept() == {}


def test_all_tenants_are_moved_once_and_one_that_fails_keeps_its_keys_and_stops_no_other(
    new_move: NewMove, new_table: NewTable
) -> None:
    pairs = [new_move() for _ in range(3)]
    book = DynamoTenants(new_table()[0])
    for before, _ in pairs:
        book.add(Tenant(before.tenant, "Acme", "UTC", before.clock()), an_entry())
        before.store(ONE)
    book.add(Tenant(TenantId("without-keys"), "None", "UTC", pairs[0][0].clock()), an_entry())
    busy, mover = pairs[1][1], SecretsMover(book, pairs[0][1].vault)
    pointer = busy.book.lease(busy.tenant, "somebody", "draft", busy.clock(), busy.clock() + LEASE)
    assert pointer is not None
    fates = {move.tenant: move.fate for move in mover.move_all()}
    others = {pairs[0][0].tenant: "moved", pairs[2][0].tenant: "moved", TenantId("without-keys"): "was there"}
    assert fates == {busy.tenant: "failed", **others}
    assert busy.elsewhere().usable() == {ONE}
    busy.clock.now += LEASE + timedelta(seconds=1)
    again = {move.tenant: move.fate for move in mover.move_all()}
    assert again == {busy.tenant: "moved", **dict.fromkeys(others, "was there")}
    assert all(_is_all_at_home(moving) for _, moving in pairs)


def test_an_altered_copy_never_takes_its_original_s_place(new_move: NewMove, monkeypatch: pytest.MonkeyPatch) -> None:
    before, moving = new_move()
    before.store(ONE)
    create = moving.secrets.create
    monkeypatch.setattr(moving.secrets, "create", lambda name, content: create(name, {**content, "more": "x"}))
    with pytest.raises(Unavailable, match="something else"):
        moving.vault.move(moving.tenant, Actor(moving.tenant, OPERATOR))
    monkeypatch.undo()
    assert before.usable() == {ONE}
    assert moving.vault.move(moving.tenant, Actor(moving.tenant, OPERATOR))
    assert _is_all_at_home(moving)


def _is_all_at_home(process: Process) -> bool:
    """Return whether one secret exists, the one in force, in the vault that things move to."""
    place, pointer = process.place, process.pointer()
    assert isinstance(place, OnTheMove)
    home = replace(process, place=place.home, clients=FailingClients())
    return (
        home.kept().keys() == {pointer.secret}
        and place.former.kept(process.tenant) == {}
        and (pointer.retired, pointer.drafts) == ((), ())
    )
