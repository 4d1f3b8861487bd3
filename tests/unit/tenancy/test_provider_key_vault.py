"""The vault's writers in each other's way: a slow one and a quick one, at every step of the slow one."""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import count
from secrets import token_bytes

import pytest

from atom_llm.domain.core.audit import Actor
from atom_llm.domain.core.errors import Conflict, Unavailable, VaultUnavailable
from atom_llm.domain.core.ids import ProviderKeyId, ServiceKeyId, TenantId, ulid
from atom_llm.domain.core.plaintext import Plaintext
from atom_llm.domain.tenancy.provider_keys import MAX_KEYS, MAX_LENGTH, ProviderKey
from atom_llm.domain.tenancy.vault import VaultPointer
from atom_llm.services.tenancy.provider_key_vault import LEASE, WRITE_AT_MOST, ProviderKeyVault
from testing.audit import SOMEBODY
from testing.fakes.provider_keys import ProviderKeyBookInMemory, SecretsInMemory
from testing.fakes.service_keys import NOON, SetClock

OURS = TenantId("tenant-a")
OTHER = Actor(OURS, ServiceKeyId("anotherKey12"))
ACTS = ["store the first", "store", "rotate", "delete", "delete the last", "delete again", "erase"]


class Vault:
    """One tenant's vault; `meanwhile` happens once, at the step that was chosen."""

    def __init__(self) -> None:
        self.clock = SetClock()
        self.left: int | None = None
        self.meanwhile: Callable[[], object] = lambda: None
        self.secrets = SecretsInMemory(self.reached)
        self.book = ProviderKeyBookInMemory(self.reached)
        self.vault = ProviderKeyVault(self.book, self.secrets, self.clock, pause=lambda _: None)

    def reached(self, _: str) -> None:
        if self.left == 0:
            self.left = None
            self.meanwhile()
        elif self.left is not None:
            self.left -= 1

    def at(self, step: int, meanwhile: Callable[[], object]) -> None:
        """Something happens when the nth step from now on is reached."""
        self.left, self.meanwhile = step, meanwhile

    def came_so_far(self) -> bool:
        return self.left is None

    def new(self, plaintext: str) -> ProviderKey:
        now, mark = self.clock(), plaintext[::-1][:16]
        return ProviderKey(ProviderKeyId(ulid(now, token_bytes(10))), OURS, "openai", plaintext[-4:], mark, now)

    def store(self, plaintext: str, *, label: str | None = None) -> ProviderKey:
        return self.vault.store(replace(self.new(plaintext), label=label), Plaintext(plaintext), SOMEBODY)

    def rotate(self, key: ProviderKey, plaintext: str) -> ProviderKey:
        return self.vault.rotate(key, Plaintext(plaintext), plaintext[-4:], plaintext[::-1][:16], SOMEBODY)

    def plaintexts(self) -> list[str]:
        """Return the plaintexts in force, of keys that are not deleted."""
        keys, pointer = self.book.of(OURS)
        live = [key for key in keys if key.deleted_at is None]
        if pointer.secret is None or pointer.version is None:
            assert live == []
            return []
        content = self.secrets.get(pointer.secret, pointer.version)
        assert {str(key.key_id) for key in live} == content.keys()
        return sorted(content.values())

    def prepared(self, act: str) -> Callable[[], object]:
        """Everything that an act needs, and the act."""
        if act == "store the first":
            return lambda: self.store("sk-new-33333333")
        first = self.store("sk-one-11111111")
        if act == "delete the last":
            return lambda: self.vault.delete(first, SOMEBODY)
        second = self.store("sk-two-22222222")
        if act == "delete again":
            deleted = self.vault.delete(second, SOMEBODY)
            return lambda: self.vault.delete(deleted, SOMEBODY)
        acts: dict[str, Callable[[], object]] = {
            "store": lambda: self.store("sk-new-33333333"),
            "rotate": lambda: self.rotate(second, "sk-new-33333333"),
            "delete": lambda: self.vault.delete(second, SOMEBODY),
            "erase": lambda: self.vault.erase(OURS),
        }
        return acts[act]


class MakesAndRefuses(SecretsInMemory):
    """A vault that does what it is asked for and says that it did not."""

    def __init__(self, shared: SecretsInMemory, *, is_refusal: bool = True) -> None:
        super().__init__()
        self.all = shared.all
        self.is_refusal = is_refusal

    def create(self, name: str, content: Mapping[str, str]) -> str:
        super().create(name, content)
        raise VaultUnavailable("secrets manager: create_secret: InternalServiceError", is_refusal=self.is_refusal)


def nothing_else_is_kept(vault: Vault) -> None:
    in_force = vault.book.of(OURS)[1].secret
    assert set(vault.secrets.all) == ({in_force} if in_force else set())


@pytest.mark.parametrize("act", [act for act in ACTS if act != "erase"])
def test_a_writer_that_takes_over_from_a_slow_one_loses_nothing_and_neither_leaves_anything(act: str) -> None:
    for step in count():
        vault = Vault()
        do = vault.prepared(act)

        def another_takes_over(vault: Vault = vault) -> None:
            vault.clock.now += LEASE + timedelta(seconds=1)
            vault.store("sk-quick-4444444")

        vault.at(step, another_takes_over)
        with suppress(Unavailable):  # it was too slow; its caller asks again
            do()
        if not vault.came_so_far():
            return
        assert "sk-quick-4444444" in vault.plaintexts(), (act, step)
        vault.store("sk-later-5555555")
        nothing_else_is_kept(vault)


@pytest.mark.parametrize("act", ACTS)
def test_a_writer_that_is_too_slow_writes_no_secret_any_more(act: str) -> None:
    """A write that is not begun in time cannot end after another writer took over and cleaned up."""
    for step in count():
        vault = Vault()
        do = vault.prepared(act)

        def time_passes(vault: Vault = vault) -> None:
            vault.clock.now += LEASE - WRITE_AT_MOST + timedelta(seconds=1)
            vault.secrets.written = 0

        vault.at(step, time_passes)
        try:
            do()
        except Unavailable:
            assert vault.secrets.written == 0, (act, step)
        if not vault.came_so_far():
            return


def test_an_erasure_that_others_came_between_is_finished_by_repeating_it() -> None:
    for step in count():
        vault = Vault()
        erase = vault.prepared("erase")

        def another_takes_over(vault: Vault = vault) -> None:
            vault.clock.now += LEASE + timedelta(seconds=1)
            with suppress(Unavailable):  # what it would add to is gone
                vault.store("sk-quick-4444444")

        vault.at(step, another_takes_over)
        with suppress(Unavailable):
            erase()
        if not vault.came_so_far():
            return
        vault.clock.now += LEASE + timedelta(seconds=1)
        vault.vault.erase(OURS)
        assert (vault.secrets.all, vault.book.of(OURS)) == ({}, ([], VaultPointer())), step


def test_two_deletes_at_once_agree_on_when_it_was() -> None:
    for step in count():
        vault = Vault()
        key = vault.store("sk-one-11111111")
        vault.store("sk-two-22222222")
        times: list[object] = []

        def deleted_elsewhere(vault: Vault = vault, key: ProviderKey = key, times: list[object] = times) -> None:
            vault.clock.now += LEASE + timedelta(seconds=1)
            times.append(vault.vault.delete(key, SOMEBODY).deleted_at)

        vault.at(step, deleted_elsewhere)
        try:
            mine = vault.vault.delete(key, SOMEBODY).deleted_at
        except Unavailable:
            mine = vault.vault.delete(key, SOMEBODY).deleted_at
        if not vault.came_so_far():
            return
        assert times == [mine], step
        assert vault.plaintexts() == ["sk-two-22222222"]


def test_a_refused_write_gives_the_lease_back_at_once() -> None:
    vault = Vault()
    vault.store("sk-one-11111111")
    second = vault.store("sk-two-22222222")
    with pytest.raises(Conflict):
        vault.store("sk-one-11111111", label="the same one")
    with pytest.raises(Conflict):
        vault.rotate(second, "sk-one-11111111")
    assert vault.book.leases == {}


@pytest.mark.parametrize("act", ACTS)
def test_a_vault_that_refuses_holds_nobody_up_and_nothing_is_changed(act: str) -> None:
    vault = Vault()
    do = vault.prepared(act)
    before = vault.plaintexts()
    vault.secrets.is_down = True
    with suppress(VaultUnavailable):  # a key that was deleted before needs no vault
        do()
    vault.secrets.is_down = False
    assert (vault.book.leases, vault.plaintexts()) == ({}, before)
    vault.store("sk-later-5555555")
    nothing_else_is_kept(vault)


def test_a_secret_that_was_made_though_the_vault_refused_is_deleted_by_the_next_writer() -> None:
    vault = Vault()
    failing = MakesAndRefuses(vault.secrets)
    with pytest.raises(VaultUnavailable):
        ProviderKeyVault(vault.book, failing, vault.clock).store(
            vault.new("sk-one-11111111"), Plaintext("sk-one-11111111"), SOMEBODY
        )
    assert len(vault.secrets.all) == 1
    vault.store("sk-two-22222222")
    nothing_else_is_kept(vault)
    assert vault.plaintexts() == ["sk-two-22222222"]


def test_a_write_without_an_answer_keeps_others_out_until_it_can_no_longer_arrive() -> None:
    vault = Vault()
    silent = MakesAndRefuses(vault.secrets, is_refusal=False)
    with pytest.raises(VaultUnavailable):
        ProviderKeyVault(vault.book, silent, vault.clock).store(
            vault.new("sk-one-11111111"), Plaintext("sk-one-11111111"), SOMEBODY
        )
    with pytest.raises(Unavailable):
        vault.store("sk-two-22222222")
    vault.clock.now += LEASE + timedelta(seconds=1)
    vault.store("sk-two-22222222")
    nothing_else_is_kept(vault)


def test_a_rotation_that_is_repeated_happens_once() -> None:
    vault = Vault()
    stored = vault.store("sk-one-11111111")
    rotated = vault.rotate(stored, "sk-two-22222222")
    assert vault.rotate(stored, "sk-two-22222222") == rotated
    assert vault.book.leases == {}


def test_a_rotation_forgets_what_a_test_said_of_the_old_material() -> None:
    vault = Vault()
    stored = vault.store("sk-one-11111111")
    rotated = vault.rotate(stored, "sk-two-22222222")
    assert (rotated.probe, rotated.last4) == (None, "2222")


def test_the_order_of_a_new_key_is_behind_those_that_are_there_and_not_behind_tombstones() -> None:
    vault = Vault()
    first, second = vault.store("sk-one-11111111"), vault.store("sk-two-22222222")
    vault.vault.delete(second, SOMEBODY)
    assert (first.order, vault.store("sk-three-333333").order) == (1, 2)


def test_a_request_that_comes_again_finds_the_key_that_it_made_and_another_one_is_told_of_it() -> None:
    vault = Vault()
    made = vault.store("sk-one-11111111", label="first")
    vault.clock.now += timedelta(minutes=1)
    assert vault.store("sk-one-11111111", label="first") == made
    for about, by in (("first", OTHER), ("second", SOMEBODY), (None, SOMEBODY)):
        asked = replace(vault.new("sk-one-11111111"), label=about)
        with pytest.raises(Conflict):
            vault.vault.store(asked, Plaintext("sk-one-11111111"), by)
    assert [entry.subject for entry in vault.book.audit.all] == [made.key_id]
    assert vault.book.leases == {}


def test_a_key_whose_material_was_replaced_meanwhile_is_not_what_an_earlier_request_made() -> None:
    vault = Vault()
    made = vault.store("sk-one-11111111")
    vault.rotate(vault.rotate(made, "sk-new-33333333"), "sk-one-11111111")
    with pytest.raises(Conflict):
        vault.store("sk-one-11111111")


def test_refused_writes_leave_nothing_to_be_looked_for() -> None:
    vault = Vault()
    vault.store("sk-one-11111111")
    for _ in range(3):
        with pytest.raises(Conflict):
            vault.store("sk-one-11111111", label="the same one")
    assert vault.book.of(OURS)[1].drafts == ()


def test_as_many_of_the_longest_keys_as_a_tenant_may_have_fit_into_one_secret() -> None:
    awkward = '"' * MAX_LENGTH  # every character is escaped in JSON
    content = {ulid(NOON, bytes([number] * 10)): awkward for number in range(MAX_KEYS)}
    assert len(json.dumps(content)) <= 65_536  # Secrets Manager's limit
