"""Provider keys in a vault: on real tables and secrets, and on the fakes; writers at once, and deaths between any two
steps."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from secrets import token_bytes
from time import sleep

import pytest

from atom_llm.adapters.dynamodb.tenancy.provider_keys import DynamoProviderKeys
from atom_llm.domain.core.audit import Actor
from atom_llm.domain.core.errors import Conflict, NotFound, NoUsableKey, SecretMissing
from atom_llm.domain.core.ids import ProviderKeyId, ServiceKeyId, TenantId, ulid
from atom_llm.domain.core.plaintext import Plaintext
from atom_llm.domain.tenancy.provider_keys import KeyStatus, ProviderKey
from atom_llm.ports.tenancy import ProviderKeyBook, SecretStore
from atom_llm.services.tenancy.provider_key_ring import KEPT_FOR, KNOWN_FOR, ProviderKeyRing
from atom_llm.services.tenancy.provider_key_vault import LEASE, ProviderKeyVault
from testing.audit import SOMEBODY, an_entry
from testing.fakes.provider_keys import ProviderKeyBookInMemory, SecretsInMemory
from testing.fakes.service_keys import SetClock
from tests.contract.conftest import NewTable
from tests.contract.vault.places import NewVault
from tests.drills.faults import Died, FailingClients

OURS, THEIRS = TenantId("tenant-a"), TenantId("tenant-b")


@dataclass
class Keys:
    """One process's services over a book and secrets that others may share."""

    book: ProviderKeyBook
    secrets: SecretStore
    clock: SetClock

    def __post_init__(self) -> None:
        self.vault = ProviderKeyVault(self.book, self.secrets, self.clock, pause=lambda _: None)
        self.ring = ProviderKeyRing(self.book, self.secrets, self.clock)

    def elsewhere(self) -> "Keys":
        """Another process."""
        return Keys(self.book, self.secrets, self.clock)

    def new(self, tenant: TenantId = OURS, provider: str = "openai") -> ProviderKey:
        """A key that nothing was done for."""
        now = self.clock()
        return ProviderKey(ProviderKeyId(ulid(now, token_bytes(10))), tenant, provider, "last", "f" * 16, now)

    def store(
        self, plaintext: str, tenant: TenantId = OURS, provider: str = "openai", by: Actor = SOMEBODY
    ) -> ProviderKey:
        """Store a new one."""
        return self.vault.store(self.new(tenant, provider), Plaintext(plaintext), by)

    def plaintexts(self, tenant: TenantId = OURS, provider: str = "openai") -> list[str]:
        """Return the plaintexts that calls are made with."""
        try:
            in_hand = self.ring.keys_for(tenant, provider, "openai/gpt-4o")
        except NoUsableKey:
            return []
        return [each.plaintext.reveal() for each in in_hand]


@pytest.fixture(params=["secrets manager", "envelopes", "to envelopes", "memory"])
def keys(request: pytest.FixtureRequest) -> Keys:
    clock = SetClock(datetime.now(UTC))
    if request.param == "memory":
        return Keys(ProviderKeyBookInMemory(), SecretsInMemory(), clock)
    new_table: NewTable = request.getfixturevalue("new_table")
    new_vault: NewVault = request.getfixturevalue("new_vault")
    table, _ = new_table()
    secrets = new_vault(request.param).store(FailingClients(), clock)
    return Keys(DynamoProviderKeys(table), secrets, clock)


def test_keys_are_used_in_the_order_they_were_stored_in(keys: Keys) -> None:
    for plaintext in ("sk-one-11111111", "sk-two-22222222", "sk-three-333333"):
        keys.store(plaintext)
    assert keys.plaintexts() == ["sk-one-11111111", "sk-two-22222222", "sk-three-333333"]


def test_a_tenant_never_gets_another_tenants_key(keys: Keys) -> None:
    keys.store("sk-theirs-11111111", THEIRS)
    with pytest.raises(NoUsableKey):
        keys.ring.keys_for(OURS, "openai", "openai/gpt-4o")
    keys.store("sk-ours-22222222")
    assert keys.plaintexts() == ["sk-ours-22222222"]
    assert keys.plaintexts(THEIRS) == ["sk-theirs-11111111"]


def test_the_same_key_is_not_stored_twice_and_the_conflict_does_not_show_it(keys: Keys) -> None:
    first = keys.store("sk-one-11111111")
    assert keys.store("sk-one-11111111") == first  # the very same request, whose answer was lost
    with pytest.raises(Conflict) as conflict:
        keys.store("sk-one-11111111", by=Actor(OURS, ServiceKeyId("anotherKey12")))
    assert conflict.value.details == {"key_id": first.key_id}
    keys.store("sk-one-11111111", THEIRS)
    assert keys.store("sk-two-22222222").order == 2  # the lease was given back


def test_what_is_known_of_a_key_comes_back_as_it_was_stored(keys: Keys) -> None:
    stored = keys.store("sk-one-11111111")
    assert keys.book.find(OURS, stored.key_id) == stored
    assert keys.book.of(OURS)[0] == [stored]


def test_a_rotation_takes_effect_at_once_here_and_within_half_a_minute_elsewhere(keys: Keys) -> None:
    stored, elsewhere = keys.store("sk-old-11111111"), keys.elsewhere()
    assert elsewhere.plaintexts() == ["sk-old-11111111"]
    rotated = keys.vault.rotate(stored, Plaintext("sk-new-22222222"), "2222", "e" * 16, SOMEBODY)
    keys.ring.forget(OURS)
    assert (rotated.last4, rotated.status) == ("2222", KeyStatus.UNTESTED)
    assert keys.plaintexts() == ["sk-new-22222222"]
    assert elsewhere.plaintexts() == ["sk-old-11111111"]  # a call under way ends with it
    keys.clock.now += KNOWN_FOR
    assert elsewhere.plaintexts() == ["sk-new-22222222"]


def test_a_plaintext_is_read_again_after_five_minutes(keys: Keys) -> None:
    keys.store("sk-one-11111111")
    for _ in range(2):
        assert keys.plaintexts() == ["sk-one-11111111"]
        keys.clock.now += KEPT_FOR


def test_deleting_a_key_erases_its_material_and_leaves_the_others(keys: Keys) -> None:
    one, _ = keys.store("sk-one-11111111"), keys.store("sk-two-22222222")
    _, before = keys.book.of(OURS)
    deleted = keys.vault.delete(one, SOMEBODY)
    assert deleted.deleted_at is not None
    assert before.secret is not None
    assert before.version is not None
    with pytest.raises(SecretMissing):
        keys.secrets.get(before.secret, before.version)
    keys.ring.forget(OURS)
    assert keys.plaintexts() == ["sk-two-22222222"]
    assert keys.vault.delete(deleted, SOMEBODY) == deleted


def test_with_the_last_key_the_secret_goes(keys: Keys) -> None:
    keys.vault.delete(keys.store("sk-one-11111111"), SOMEBODY)
    _, pointer = keys.book.of(OURS)
    assert (pointer.secret, pointer.version, pointer.retired) == (None, None, ())
    keys.ring.forget(OURS)
    assert keys.plaintexts() == []
    keys.store("sk-two-22222222")
    keys.ring.forget(OURS)
    assert keys.plaintexts() == ["sk-two-22222222"]


def test_a_process_that_remembers_a_secret_that_moved_finds_the_new_one(keys: Keys) -> None:
    one, _ = keys.store("sk-one-11111111"), keys.store("sk-two-22222222")
    elsewhere = keys.elsewhere()
    elsewhere.book.of(OURS)
    listed = elsewhere.ring._read(OURS)  # it has listed the keys and not yet read the secret
    keys.vault.delete(one, SOMEBODY)
    assert listed.pointer.secret != keys.book.of(OURS)[1].secret
    assert elsewhere.plaintexts() == ["sk-two-22222222"]


@pytest.mark.parametrize("writers", [2, 8])
def test_writers_at_once_lose_nothing(keys: Keys, writers: int) -> None:
    patient = [Keys(keys.book, keys.secrets, keys.clock) for _ in range(writers)]
    for each in patient:
        each.vault = ProviderKeyVault(each.book, each.secrets, each.clock, pause=lambda _: sleep(0.01))
    plaintexts = [f"sk-{number:02d}-11111111" for number in range(writers)]
    with ThreadPoolExecutor(writers) as pool:
        list(pool.map(lambda each: each[0].store(each[1]), zip(patient, plaintexts, strict=True)))
    assert sorted(keys.plaintexts()) == plaintexts


def test_a_key_that_fails_in_a_call_gives_way_to_the_next_and_says_why(keys: Keys) -> None:
    one, two = keys.store("sk-one-11111111"), keys.store("sk-two-22222222")
    keys.ring.report(one, "invalid", "the provider answered 401", an_entry())
    assert keys.plaintexts() == ["sk-two-22222222"]
    keys.ring.report(two, "out_of_credit", "the provider answered 429: quota", an_entry())
    with pytest.raises(NoUsableKey) as none:
        keys.ring.keys_for(OURS, "openai", "openai/gpt-4o")
    assert none.value.details["reasons"] == {one.key_id: "invalid", two.key_id: "out_of_credit"}
    known = keys.book.find(OURS, one.key_id)
    assert known is not None
    assert (known.status, known.status_reason) == (KeyStatus.INVALID, "the provider answered 401")


def test_what_is_said_of_old_material_does_not_mark_the_new_one(keys: Keys) -> None:
    old = keys.store("sk-old-11111111")
    keys.vault.rotate(old, Plaintext("sk-new-22222222"), "2222", "e" * 16, SOMEBODY)
    assert keys.ring.report(old, "invalid", "the provider answered 401", an_entry()) is None
    assert keys.plaintexts() == ["sk-new-22222222"]


def test_a_provider_that_is_unreachable_has_said_nothing_about_a_key(keys: Keys) -> None:
    stored = keys.store("sk-one-11111111")
    told = keys.ring.report(stored, "unreachable", "the provider did not answer in time", an_entry())
    assert told is not None
    assert told.probe is not None
    assert (told.status, told.probe.result) == (KeyStatus.UNTESTED, "unreachable")


def test_a_deleted_key_is_not_rotated(keys: Keys) -> None:
    stored = keys.store("sk-one-11111111")
    keys.vault.delete(stored, SOMEBODY)
    with pytest.raises(NotFound):
        keys.vault.rotate(stored, Plaintext("sk-new-22222222"), "2222", "e" * 16, SOMEBODY)


def test_erasing_a_tenant_leaves_nothing_of_it_and_all_of_the_others(keys: Keys) -> None:
    keys.store("sk-one-11111111")
    keys.store("sk-theirs-11111111", THEIRS)
    assert keys.vault.erase(OURS) == {"provider_keys_deleted": 1, "secrets_deleted": 1}
    assert keys.vault.erase(OURS) == {"provider_keys_deleted": 0, "secrets_deleted": 0}
    keys.ring.forget(OURS)
    assert (keys.plaintexts(), keys.plaintexts(THEIRS)) == ([], ["sk-theirs-11111111"])


@pytest.mark.parametrize("act", ["store", "rotate", "delete"])
def test_after_a_death_between_any_two_steps_the_next_writer_finds_everything_in_order(act: str) -> None:
    for step in count():
        reached = Deadly(step)
        secrets, clock = SecretsInMemory(reached), SetClock()
        keys = Keys(ProviderKeyBookInMemory(reached), secrets, clock)
        reached.armed = False
        kept, other = keys.store("sk-kept-11111111"), keys.store("sk-other-22222222")
        reached.armed = True
        try:
            _do(act, keys, other)
        except Died:
            died = True
        else:
            died = False
        reached.armed = False
        clock.now += LEASE + timedelta(seconds=1)
        keys = keys.elsewhere()
        found = set(keys.plaintexts())
        assert "sk-kept-11111111" in found, (act, step)
        assert found - {"sk-kept-11111111"} <= {"sk-other-22222222", "sk-new-33333333"}, (act, step)
        keys.store("sk-later-44444444")
        keys.vault.delete(kept, SOMEBODY)
        in_force = keys.book.of(OURS)[1].secret
        assert set(secrets.all) == {in_force}, (act, step)
        assert "sk-kept-11111111" not in secrets.everything(), (act, step)
        assert secrets.everything().count("sk-later-44444444") == 1, (act, step)
        if not died:
            return


class Deadly:
    """Dies at the nth step, once it is armed."""

    def __init__(self, step: int) -> None:
        self.left = step
        self.armed = False

    def __call__(self, _: str) -> None:
        if not self.armed:
            return
        if self.left == 0:
            raise Died
        self.left -= 1


def _do(act: str, keys: Keys, other: ProviderKey) -> None:
    doing: dict[str, Callable[[], object]] = {
        "store": lambda: keys.store("sk-new-33333333"),
        "rotate": lambda: keys.vault.rotate(other, Plaintext("sk-new-33333333"), "3333", "e" * 16, SOMEBODY),
        "delete": lambda: keys.vault.delete(other, SOMEBODY),
    }
    doing[act]()
