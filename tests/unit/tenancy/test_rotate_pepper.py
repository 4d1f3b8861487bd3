"""The rotation of the pepper: one at a time, an overlap of a day, and no key that works is ended unasked."""

from dataclasses import replace
from datetime import timedelta

import pytest

from atom_llm.domain.core.audit import OPERATOR
from atom_llm.domain.core.errors import BudgetExceeded, Conflict, Unauthenticated
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger.end_users import EndUser
from atom_llm.domain.ledger.scopes import Team
from atom_llm.domain.tenancy.peppers import (
    MIN_LENGTH,
    OVERLAP_AT_LEAST,
    Peppers,
    StoredPeppers,
    read_peppers,
    retired,
    rotated,
    written_peppers,
)
from atom_llm.domain.tenancy.service_keys import Scope
from atom_llm.domain.tenancy.tenants import Tenant
from atom_llm.services.tenancy.authenticate import Authenticator
from atom_llm.services.tenancy.end_user_names import EndUserNames
from atom_llm.services.tenancy.issue_service_key import IssuedServiceKey, ServiceKeyIssuer
from atom_llm.services.tenancy.rotate_pepper import PEPPER_LENGTH, PepperRotation
from testing.audit import SOMEBODY, an_entry
from testing.fakes.audit_log import AuditLogInMemory
from testing.fakes.service_keys import NOON, KeysInMemory, PepperStoreInMemory, SetClock, TenantsInMemory
from testing.money_world import in_memory, usd

TENANT = TenantId("tenant-a")
ONE = Peppers("v1", {"v1": "1" * MIN_LENGTH})
OF_NAMES = "0" * MIN_LENGTH
TWO = Peppers("v2", {"v1": "1" * MIN_LENGTH, "v2": "2" * MIN_LENGTH}, OF_NAMES)
ANN = EndUser("ann", "s-1")


SCOPES = {
    "person": "person:{user}",
    "session": "session:{session}",
    "team": "team:research",
    "person of a default": "person:*",
}


class World:
    """A deployment with one tenant and one pepper."""

    def __init__(self) -> None:
        self.clock, self.audit_log = SetClock(), AuditLogInMemory()
        self.keys, self.tenants = KeysInMemory(), TenantsInMemory()
        self.tenants.add(Tenant(TENANT, "A", "UTC", NOON, is_operator=True), an_entry())
        self.peppers = PepperStoreInMemory(self.clock, ONE)

    def rotation(self) -> PepperRotation:
        return PepperRotation(self.peppers, self.tenants, self.keys, self.audit_log, self.clock)

    def issued(self) -> IssuedServiceKey:
        return ServiceKeyIssuer(self.keys, self.peppers, "dev", self.clock).issue(TENANT, frozenset(Scope), SOMEBODY)

    def opens(self, issued: IssuedServiceKey) -> bool:
        try:
            Authenticator(self.keys, self.peppers, "dev", self.clock).authenticate(issued.plaintext)
        except Unauthenticated:
            return False
        return True

    def names(self) -> EndUserNames:
        """Return the names of a process that has just started."""
        return EndUserNames(self.tenants, self.peppers, self.clock)

    def pass_the_overlap(self) -> None:
        self.clock.pass_s(OVERLAP_AT_LEAST.total_seconds())


@pytest.fixture
def world() -> World:
    return World()


def test_what_is_written_is_read_again_and_shown_to_nobody() -> None:
    assert read_peppers(written_peppers(TWO)) == TWO
    assert read_peppers(written_peppers(ONE)) == ONE
    assert TWO.by_version["v1"] not in repr(TWO)
    assert OF_NAMES not in repr(TWO)


def test_a_new_version_has_the_next_number_whatever_the_others_are_called() -> None:
    pepper = "3" * MIN_LENGTH
    assert rotated(Peppers("v9", {"v9": "9" * MIN_LENGTH}), pepper).current == "v10"
    assert rotated(Peppers("first", {"first": "1" * MIN_LENGTH}), pepper).current == "v1"
    with pytest.raises(ValueError, match="32"):
        rotated(ONE, pepper[:-1])


def test_the_overlap_lasts_for_a_day_and_the_time_in_which_processes_notice() -> None:
    stored = StoredPeppers(TWO, "7", NOON)
    with pytest.raises(Conflict, match="v1 must stay until"):
        retired(stored, NOON + OVERLAP_AT_LEAST - timedelta(microseconds=1))
    assert retired(stored, NOON + OVERLAP_AT_LEAST) == Peppers("v2", {"v2": "2" * MIN_LENGTH}, OF_NAMES)
    assert timedelta(hours=24) < OVERLAP_AT_LEAST


def test_both_peppers_open_keys_during_the_overlap_and_new_keys_are_hashed_by_the_new(world: World) -> None:
    before = world.issued()
    peppers = world.rotation().rotate()
    after = world.issued()
    assert (peppers.current, peppers.former) == ("v2", ("v1",))
    assert len(peppers.by_version["v2"]) == PEPPER_LENGTH
    assert (before.key.pepper_version, after.key.pepper_version) == ("v1", "v2")
    assert world.opens(before)
    assert world.opens(after)


def test_a_rotation_ends_when_every_live_key_was_used_and_can_then_be_repeated(world: World) -> None:
    used, unused, revoked = world.issued(), world.issued(), world.issued()
    world.keys.revoke(TENANT, revoked.key.key_id, NOON, an_entry())
    rotation = world.rotation()
    rotation.rotate()
    world.pass_the_overlap()
    assert world.opens(used)
    with pytest.raises(Conflict, match="1 live service keys"):
        rotation.retire()
    assert world.opens(unused)
    assert rotation.live_keys() == {"v2": 2}
    assert rotation.retire().former == ()
    assert world.opens(used)
    assert world.opens(unused)
    assert rotation.rotate().current == "v3"


def test_keys_that_nobody_shows_end_with_their_pepper_where_that_is_asked_for(world: World) -> None:
    forgotten = world.issued()
    world.rotation().rotate()
    world.pass_the_overlap()
    world.rotation().retire(despite_keys=True)
    assert not world.opens(forgotten)


def test_the_books_spell_end_users_after_any_rotation_as_before_the_first(world: World) -> None:
    world.tenants.change(TENANT, an_entry(), name=None, calendar=None, hashes_end_users=True)
    found = [(world.names().in_books(TENANT, ANN), world.names().spellings(TENANT, "ann"))]
    for _ in range(2):
        world.rotation().rotate()
        found.append((world.names().in_books(TENANT, ANN), world.names().spellings(TENANT, "ann")))
        world.pass_the_overlap()
        world.rotation().retire()
        found.append((world.names().in_books(TENANT, ANN), world.names().spellings(TENANT, "ann")))
    assert found == found[:1] * 5


@pytest.mark.parametrize("scope", ["person", "session", "team", "person of a default"])
def test_a_hard_budget_of_whom_the_books_have_as_a_hash_binds_after_a_rotation(world: World, scope: str) -> None:
    """The new hash of the same person was another spelling: no budget concerned it, and a default's began anew."""
    world.tenants.change(TENANT, an_entry(), name=None, calendar=None, hashes_end_users=True)
    money, before = in_memory(), world.names().in_books(TENANT, ANN)
    assert before.user is not None
    money.teams.put(TENANT, Team("research", "Research", people=frozenset({before.user})), an_entry())
    money.budget("0.015", scope=SCOPES[scope].format(user=before.user, session=before.session))
    money.spending.hold(money.attempt(usd("0.01"), end_user=before))
    world.rotation().rotate()
    world.pass_the_overlap()
    world.rotation().retire()
    with pytest.raises(BudgetExceeded):
        money.spending.hold(money.attempt(usd("0.01"), end_user=world.names().in_books(TENANT, ANN)))


def test_the_pepper_of_names_opens_no_key(world: World) -> None:
    world.rotation().rotate()
    world.pass_the_overlap()
    assert world.rotation().retire().of_names == ONE.by_version["v1"]
    assert (world.peppers.pepper("v1"), world.peppers.pepper("end_users")) == (None, None)


def test_a_second_rotation_waits_for_the_end_of_the_first(world: World) -> None:
    world.rotation().rotate()
    with pytest.raises(Conflict, match="v1 still opens keys"):
        world.rotation().rotate()
    assert world.peppers.current()[0] == "v2"


def test_of_two_operators_at_once_one_is_told_and_the_other_s_pepper_stays(world: World) -> None:
    def rotate_too() -> None:
        world.rotation().rotate()

    world.peppers.meanwhile = rotate_too
    with pytest.raises(Conflict, match="somebody else"):
        world.rotation().rotate()
    stored = world.peppers.read().peppers
    assert (stored.current, stored.former) == ("v2", ("v1",))


def test_nothing_is_retired_where_there_was_no_rotation(world: World) -> None:
    world.pass_the_overlap()
    with pytest.raises(Conflict, match="no former pepper"):
        world.rotation().retire()


def test_each_step_stands_in_the_operators_audit_log_without_a_pepper(world: World) -> None:
    world.rotation().rotate()
    world.pass_the_overlap()
    world.rotation().retire()
    entries = list(world.audit_log.entries(TENANT, before=None, limit=10))
    told = [(each.actor, each.action, each.subject) for each in entries]
    assert told == [(OPERATOR, "pepper.retired", "v1"), (OPERATOR, "pepper.rotated", "v2")]
    assert world.peppers.read().peppers.by_version["v2"] not in repr(entries)


def test_a_key_that_was_changed_while_it_is_rehashed_stays_as_it_was_changed(world: World) -> None:
    issued = world.issued()
    world.keys.stored[issued.key.key_id] = replace(issued.key, secret_hash=bytes(32))
    world.keys.rehash(issued.key, bytes(range(32)), "v2")
    assert world.keys.stored[issued.key.key_id].secret_hash == bytes(32)
