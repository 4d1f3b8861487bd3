"""Authentication: one refusal for every reason, the same work for any id, and a memory that forgets."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from atom_llm.domain.core.errors import Conflict, StoreUnavailable, Unauthenticated
from atom_llm.domain.core.ids import ServiceKeyId, TenantId
from atom_llm.domain.tenancy.service_keys import ALL_SCOPES, Scope, spelt
from atom_llm.services.tenancy.authenticate import NOTED_EVERY, Authenticator
from atom_llm.services.tenancy.issue_service_key import IssuedServiceKey, ServiceKeyIssuer
from atom_llm.services.tenancy.known_service_keys import CACHED_KEYS, TRUSTED_FOR
from testing.audit import SOMEBODY, an_entry
from testing.fakes.service_keys import NOON, KeysInMemory, PeppersInMemory, SetClock

TENANT = TenantId("tenant-a")


@dataclass
class World:
    keys: KeysInMemory = field(default_factory=KeysInMemory)
    peppers: PeppersInMemory = field(default_factory=PeppersInMemory)
    clock: SetClock = field(default_factory=SetClock)

    def __post_init__(self) -> None:
        self.authenticator = Authenticator(self.keys, self.peppers, "dev", self.clock)
        self.issuer = ServiceKeyIssuer(self.keys, self.peppers, "dev", self.clock)

    def issued(self, **more: timedelta) -> IssuedServiceKey:
        expires_at = NOON + more["lives"] if "lives" in more else None
        return self.issuer.issue(TENANT, frozenset({Scope.CHAT}), SOMEBODY, expires_at=expires_at)

    def is_refused(self, shown: str | None) -> bool:
        try:
            self.authenticator.authenticate(shown)
        except Unauthenticated:
            return True
        return False


@pytest.fixture
def world() -> World:
    return World()


def wrong_secret(issued: IssuedServiceKey) -> str:
    return spelt("dev", issued.key.key_id, "x" * 32)


def unknown_id() -> str:
    return spelt("dev", ServiceKeyId("u" * 12), "x" * 32)


def test_a_key_opens_its_tenant_with_its_scopes(world: World) -> None:
    issued = world.issued()
    caller = world.authenticator.authenticate(issued.plaintext)
    assert (caller.tenant, caller.key_id, caller.scopes) == (TENANT, issued.key.key_id, frozenset({Scope.CHAT}))


def test_every_refusal_is_one_and_the_same(world: World) -> None:
    issued, revoked, expired = world.issued(), world.issued(), world.issued(lives=timedelta(0))
    world.keys.revoke(TENANT, revoked.key.key_id, NOON, an_entry())
    shown = (None, "", "hello", unknown_id(), wrong_secret(issued), revoked.plaintext, expired.plaintext)
    said = set()
    for each in shown:
        with pytest.raises(Unauthenticated) as refusal:
            world.authenticator.authenticate(each)
        said.add((refusal.value.code, refusal.value.message, str(refusal.value.details)))
    assert len(said) == 1


def test_a_typo_costs_no_read(world: World) -> None:
    assert world.is_refused(world.issued().plaintext[:-1] + "_")
    assert (world.keys.reads, world.peppers.asked) == (0, 1)  # the one pepper was for issuing


def test_an_unknown_id_costs_what_a_known_one_costs(world: World) -> None:
    issued, before = world.issued(), world.peppers.asked
    assert world.is_refused(wrong_secret(issued))
    known = (world.keys.reads, world.peppers.asked - before)
    assert world.is_refused(unknown_id())
    assert (world.keys.reads - known[0], world.peppers.asked - before - known[1]) == known == (1, 1)


def test_a_revocation_is_effective_after_five_seconds_at_most(world: World) -> None:
    issued = world.issued()
    world.authenticator.authenticate(issued.plaintext)
    world.keys.revoke(TENANT, issued.key.key_id, NOON, an_entry())
    world.clock.pass_s(TRUSTED_FOR.total_seconds() - 0.001)
    assert not world.is_refused(issued.plaintext)
    world.clock.pass_s(0.001)
    assert world.authenticator.remembered(issued.plaintext) is None
    assert world.is_refused(issued.plaintext)
    assert timedelta(seconds=5) >= TRUSTED_FOR


def test_an_expiry_is_effective_at_once_although_the_key_is_remembered(world: World) -> None:
    issued = world.issued(lives=timedelta(seconds=10))
    world.authenticator.authenticate(issued.plaintext)
    world.clock.pass_s(10)
    assert world.is_refused(issued.plaintext)


def test_a_remembered_key_is_not_read_again(world: World) -> None:
    issued = world.issued()
    for _ in range(3):
        world.authenticator.authenticate(issued.plaintext)
    assert world.keys.reads == 1


def test_a_remembered_key_still_needs_its_secret(world: World) -> None:
    issued = world.issued()
    world.authenticator.authenticate(issued.plaintext)
    assert world.is_refused(wrong_secret(issued))


def test_an_id_that_nobody_had_is_asked_for_again_soon(world: World) -> None:
    issued = world.issued()
    stored = world.keys.stored.pop(issued.key.key_id)
    assert world.is_refused(issued.plaintext)
    world.keys.add(stored, an_entry())
    assert world.is_refused(issued.plaintext)
    world.clock.pass_s(TRUSTED_FOR.total_seconds())
    assert not world.is_refused(issued.plaintext)


def test_guesses_do_not_fill_the_memory(world: World) -> None:
    issued = world.issued()
    world.authenticator.authenticate(issued.plaintext)
    for number in range(CACHED_KEYS):
        world.is_refused(spelt("dev", ServiceKeyId(f"{number:012d}"), "x" * 32))
    reads = world.keys.reads
    world.authenticator.authenticate(issued.plaintext)
    assert world.keys.reads == reads + 1  # the oldest was forgotten


def test_a_key_that_is_used_after_the_rotation_of_its_pepper_outlives_the_old_one(world: World) -> None:
    used, unused = world.issued(), world.issued()
    world.peppers.current_version = "v2"
    assert not world.is_refused(used.plaintext)
    assert [world.keys.stored[each.key.key_id].pepper_version for each in (used, unused)] == ["v2", "v1"]
    assert world.issued().key.pepper_version == "v2"
    del world.peppers.versions["v1"]
    world.clock.pass_s(TRUSTED_FOR.total_seconds())
    assert not world.is_refused(used.plaintext)
    assert world.is_refused(wrong_secret(used))
    assert world.is_refused(unused.plaintext)


def test_a_wrong_secret_rehashes_nothing(world: World) -> None:
    issued = world.issued()
    world.peppers.current_version = "v2"
    assert world.is_refused(wrong_secret(issued))
    assert world.keys.stored[issued.key.key_id] == issued.key


def test_a_key_that_another_process_rehashed_opens_though_it_is_remembered_under_a_retired_pepper(world: World) -> None:
    issued = world.issued()
    world.authenticator.authenticate(issued.plaintext)
    world.peppers.current_version = "v2"
    Authenticator(world.keys, world.peppers, "dev", world.clock).authenticate(issued.plaintext)
    del world.peppers.versions["v1"]
    assert not world.is_refused(issued.plaintext)


def test_a_table_that_takes_no_new_hash_turns_nobody_away(world: World) -> None:
    issued = world.issued()
    world.authenticator.authenticate(issued.plaintext)
    world.peppers.current_version = "v2"
    world.keys.fails_with = StoreUnavailable("the table does not answer")
    assert not world.is_refused(issued.plaintext)
    assert world.keys.stored[issued.key.key_id].pepper_version == "v1"


def test_a_key_that_was_rehashed_is_revoked_as_soon_as_any_other(world: World) -> None:
    issued = world.issued()
    world.authenticator.authenticate(issued.plaintext)
    world.clock.pass_s(TRUSTED_FOR.total_seconds() / 2)
    world.peppers.current_version = "v2"
    world.authenticator.authenticate(issued.plaintext)
    world.keys.revoke(TENANT, issued.key.key_id, NOON, an_entry())
    world.clock.pass_s(TRUSTED_FOR.total_seconds() / 2)
    assert world.is_refused(issued.plaintext)


def test_a_use_is_noted_once_an_hour_and_process(world: World) -> None:
    issued = world.issued()
    for seconds in (0, NOTED_EVERY.total_seconds() - 0.001, 0.001):
        world.clock.pass_s(seconds)
        for _ in range(3):
            world.authenticator.authenticate(issued.plaintext)
    assert world.keys.notes == 2
    assert world.keys.stored[issued.key.key_id].last_used_at == NOON + NOTED_EVERY


def test_a_use_that_another_process_noted_is_not_noted_again(world: World) -> None:
    issued = world.issued()
    world.authenticator.authenticate(issued.plaintext)
    world.clock.pass_s(NOTED_EVERY.total_seconds() - 1)
    Authenticator(world.keys, world.peppers, "dev", world.clock).authenticate(issued.plaintext)
    assert world.keys.notes == 1


def test_a_key_that_opens_nothing_is_not_noted_as_used(world: World) -> None:
    issued = world.issued()
    assert world.is_refused(wrong_secret(issued))
    world.keys.revoke(TENANT, issued.key.key_id, NOON, an_entry())
    world.clock.pass_s(60)
    assert world.is_refused(issued.plaintext)
    assert world.keys.notes == 0


def test_an_issued_key_is_stored_hashed_only(world: World) -> None:
    issued = world.issued()
    secret = issued.plaintext.split("_")[-1][:32]
    assert secret not in repr(world.keys.stored)
    assert secret not in repr(issued)
    assert issued.key.secret_hash != secret.encode()


def test_an_id_that_is_taken_is_not_overwritten(world: World) -> None:
    issuer = ServiceKeyIssuer(world.keys, world.peppers, "dev", world.clock, random_bytes=bytes)
    first = issuer.issue(TENANT, ALL_SCOPES, SOMEBODY)
    with pytest.raises(Conflict):
        issuer.issue(TenantId("tenant-b"), ALL_SCOPES, SOMEBODY)
    assert world.keys.stored[first.key.key_id].tenant == TENANT
