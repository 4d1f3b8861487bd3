"""The ring: which keys a call is made with, what it costs to look them up, and what a call says about its key."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from secrets import token_bytes

import pytest

from atom_llm.domain.core.errors import NoUsableKey, SecretMissing
from atom_llm.domain.core.ids import ProviderKeyId, TenantId, ulid
from atom_llm.domain.core.plaintext import Plaintext
from atom_llm.domain.providers.key_verdict import ProbeResult
from atom_llm.domain.tenancy.provider_keys import KeyStatus, ProviderKey
from atom_llm.services.tenancy.provider_key_ring import CACHED_TENANTS, KEPT_FOR, KNOWN_FOR, ProviderKeyRing
from atom_llm.services.tenancy.provider_key_vault import ProviderKeyVault
from testing.audit import SOMEBODY, an_entry
from testing.fakes.provider_keys import ProviderKeyBookInMemory, SecretsInMemory
from testing.fakes.service_keys import SetClock

OURS, THEIRS = TenantId("tenant-a"), TenantId("tenant-b")
MODEL = "openai/gpt-4o"


@dataclass
class World:
    """A ring, and a vault in another process that shares its stores."""

    clock: SetClock = field(default_factory=SetClock)
    opened: list[str] = field(default_factory=list)
    tenants: int = CACHED_TENANTS

    def __post_init__(self) -> None:
        self.book = ProviderKeyBookInMemory()
        self.secrets = SecretsInMemory(self._reached)
        self.vault = ProviderKeyVault(self.book, SecretsShared(self.secrets), self.clock, pause=lambda _: None)
        self.ring = ProviderKeyRing(self.book, self.secrets, self.clock, self.tenants)

    def _reached(self, step: str) -> None:
        if step == "get":
            self.opened.append(step)

    def store(self, plaintext: str, tenant: TenantId = OURS, provider: str = "openai", **more: object) -> ProviderKey:
        now = self.clock()
        key = ProviderKey(ProviderKeyId(ulid(now, token_bytes(10))), tenant, provider, "last", "f" * 16, now)
        return self.vault.store(replace(key, **more), Plaintext(plaintext), SOMEBODY)  # type: ignore[arg-type]

    def rotate(self, key: ProviderKey, plaintext: str) -> ProviderKey:
        return self.vault.rotate(key, Plaintext(plaintext), "last", "e" * 16, SOMEBODY)

    def plaintexts(self, model: str = MODEL, tenant: TenantId = OURS) -> list[str]:
        in_hand = self.ring.keys_for(tenant, model.partition("/")[0], model)
        return [each.plaintext.reveal() for each in in_hand]

    def known(self, key: ProviderKey) -> ProviderKey:
        found = self.book.find(key.tenant, key.key_id)
        assert found is not None
        return found

    def costs(self, act: Callable[[], object]) -> tuple[int, int]:
        """Return the numbers of lists and of secrets that an act has read."""
        lists, opened = self.book.reads, len(self.opened)
        act()
        return self.book.reads - lists, len(self.opened) - opened


class SecretsShared(SecretsInMemory):
    """The same secrets through another client, whose reads are not counted."""

    def __init__(self, shared: SecretsInMemory) -> None:
        super().__init__()
        self.all = shared.all


def test_a_call_reads_the_list_and_the_secret_once_and_the_next_ones_nothing() -> None:
    world = World()
    world.store("sk-one-11111111")
    assert world.costs(world.plaintexts) == (1, 1)
    assert world.costs(world.plaintexts) == (0, 0)


def test_the_list_is_read_again_after_half_a_minute_and_the_secret_is_not() -> None:
    world = World()
    world.store("sk-one-11111111")
    world.plaintexts()
    world.clock.now += KNOWN_FOR - timedelta(seconds=1)
    assert world.costs(world.plaintexts) == (0, 0)
    world.clock.now += timedelta(seconds=1)
    assert world.costs(world.plaintexts) == (1, 0)


def test_a_plaintext_is_in_memory_for_five_minutes_though_its_tenant_calls_no_more() -> None:
    world = World()
    world.store("sk-one-11111111")
    world.store("sk-theirs-1111111", THEIRS)
    world.plaintexts()
    world.clock.now += KEPT_FOR
    assert world.plaintexts(tenant=THEIRS) == ["sk-theirs-1111111"]
    assert OURS not in world.ring._opened


def test_of_many_tenants_the_oldest_is_forgotten_with_its_plaintexts() -> None:
    world = World(tenants=1)
    world.store("sk-one-11111111")
    world.store("sk-theirs-1111111", THEIRS)
    world.plaintexts()
    world.plaintexts(tenant=THEIRS)
    for known in (world.ring._listings, world.ring._opened):
        assert (OURS in known, THEIRS in known) == (False, True)


def test_keys_come_in_their_order_then_by_age_and_only_those_of_the_provider() -> None:
    world = World()
    world.store("sk-late-11111111", order=5)
    world.clock.pass_s(1)
    world.store("sk-first-2222222", order=1)
    world.clock.pass_s(1)
    world.store("sk-later-3333333", order=5)
    world.store("gsk_other-444444", provider="groq")
    assert world.plaintexts() == ["sk-first-2222222", "sk-late-11111111", "sk-later-3333333"]


def test_a_key_for_certain_models_is_passed_over_for_others() -> None:
    world = World()
    world.store("sk-mini-11111111", allowed_models=("openai/gpt-4o-mini",))
    second = world.store("sk-rest-22222222", allowed_models=("gpt-4o", "gpt-4.1"))
    assert world.plaintexts("openai/gpt-4o-mini") == ["sk-mini-11111111"]
    assert world.plaintexts("openai/gpt-4.1") == ["sk-rest-22222222"]
    with pytest.raises(NoUsableKey) as none:
        world.plaintexts("openai/o3")
    assert none.value.details["reasons"][second.key_id] == "model_not_allowed"  # type: ignore[index]
    assert none.value.message == "no key of openai allows openai/o3"


def test_a_tenant_without_a_key_is_told_so_and_nobody_elses_is_looked_at() -> None:
    world = World()
    world.store("sk-theirs-1111111", THEIRS)
    with pytest.raises(NoUsableKey) as none:
        world.plaintexts()
    assert (none.value.details["reasons"], world.opened) == ({}, [])


def test_a_new_key_is_found_at_once_by_a_process_that_knew_of_none() -> None:
    world = World()
    with pytest.raises(NoUsableKey):
        world.plaintexts()
    world.store("sk-one-11111111")
    assert world.plaintexts() == ["sk-one-11111111"]


def test_a_tenant_without_a_key_costs_one_read_a_call() -> None:
    def refused() -> None:
        with pytest.raises(NoUsableKey):
            world.plaintexts()

    world = World()
    assert world.costs(refused) == (1, 0)
    assert world.costs(refused) == (1, 0)


def test_a_secret_that_moves_between_the_two_reads_is_looked_for_once_more() -> None:
    world = World()
    first = world.store("sk-one-11111111")
    world.store("sk-two-22222222")
    moved: list[object] = []

    def moves_first(step: str) -> None:
        if step == "get" and not moved:
            moved.append(world.vault.delete(first, SOMEBODY))

    world.secrets.reached = moves_first
    assert world.plaintexts() == ["sk-two-22222222"]


def test_a_secret_that_is_gone_for_good_is_an_error_and_no_endless_search() -> None:
    world = World()
    world.store("sk-one-11111111")
    world.secrets.all.clear()
    with pytest.raises(SecretMissing):
        world.plaintexts()


def test_a_key_that_is_newer_than_the_pointer_is_not_used_with_the_material_of_the_old_one() -> None:
    """DynamoDB reads each item for itself: the list may show a rotation that the pointer does not show yet."""
    world = World()
    stored = world.store("sk-old-11111111")
    before = world.book.pointers[OURS]
    rotated = world.rotate(stored, "sk-new-22222222")
    world.book.pointers[OURS] = before
    with pytest.raises(NoUsableKey):
        world.plaintexts()
    assert rotated.material > before.revision


def test_threads_that_open_a_secret_at_once_all_find_their_key() -> None:
    world = World()
    world.store("sk-one-11111111")

    def call(number: int) -> list[str]:
        if number % 3 == 0:
            world.ring.forget(OURS)
            world.ring._opened.forget(OURS)
        return world.plaintexts()

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(call, range(400)))
    assert found == [["sk-one-11111111"]] * 400


@pytest.mark.parametrize("status", list(KeyStatus))
@pytest.mark.parametrize("result", ["valid", "invalid", "out_of_credit", "unreachable"])
def test_what_a_call_says_is_written_only_where_it_is_news(status: KeyStatus, result: ProbeResult) -> None:
    world = World()
    stored = world.store("sk-one-11111111")
    before = world.book.change(OURS, stored.key_id, {"status": status}, an_entry())
    assert before is not None
    writes = world.book.changes
    world.ring.report_call(before, result, "said so")
    after = {
        "valid": KeyStatus.VALID if status is KeyStatus.UNTESTED else status,
        "invalid": KeyStatus.INVALID,
        "out_of_credit": KeyStatus.OUT_OF_CREDIT,
        "unreachable": status,
    }[result]
    assert world.known(stored).status is after
    assert (world.book.changes > writes) is (after is not status)


def test_a_late_success_does_not_bring_a_key_back_that_failed_meanwhile() -> None:
    world = World()
    stored = world.store("sk-one-11111111")
    world.ring.report_call(stored, "out_of_credit", "the provider answered 402")
    assert world.ring.report_call(stored, "valid", "the provider answered 200") is None
    assert world.known(stored).status is KeyStatus.OUT_OF_CREDIT


def test_a_late_failure_of_old_material_does_not_mark_the_new_one() -> None:
    world = World()
    old = world.store("sk-old-11111111")
    rotated = world.rotate(old, "sk-new-22222222")
    assert world.ring.report_call(old, "invalid", "the provider answered 401") is None
    assert world.known(rotated).status is KeyStatus.UNTESTED


def test_a_key_that_fails_in_a_call_gives_way_at_once_and_says_why_and_when() -> None:
    world = World()
    first = world.store("sk-one-11111111")
    world.store("sk-two-22222222")
    (in_hand, _) = world.ring.keys_for(OURS, "openai", MODEL)
    world.ring.report_call(in_hand.key, "invalid", "the provider answered 401")
    assert world.plaintexts() == ["sk-two-22222222"]
    known = world.known(first)
    assert (known.status_reason, known.status_at, known.probe) == ("the provider answered 401", world.clock(), None)


def test_a_test_brings_a_failed_key_back() -> None:
    world = World()
    stored = world.store("sk-one-11111111")
    world.ring.report_call(stored, "out_of_credit", "the provider answered 402")
    world.ring.report(world.known(stored), "valid", "the provider answered 200", an_entry())
    assert world.plaintexts() == ["sk-one-11111111"]


def test_a_test_has_the_last_word_over_a_call_that_failed_while_it_ran() -> None:
    world = World()
    stored = world.store("sk-one-11111111")
    tested = world.ring.report(stored, "valid", "the provider answered 200", an_entry())
    assert tested is not None
    world.ring.report_call(tested, "invalid", "the provider answered 401")
    world.ring.report(tested, "valid", "the provider answered 200", an_entry())
    assert world.known(stored).status is KeyStatus.VALID


def test_a_deleted_key_hears_no_more() -> None:
    world = World()
    stored = world.store("sk-one-11111111")
    world.vault.delete(stored, SOMEBODY)
    assert world.ring.report(stored, "valid", "x", an_entry()) is None
    assert world.ring.report_call(stored, "invalid", "x") is None
    assert world.known(stored).status is KeyStatus.UNTESTED


def test_the_plaintext_of_a_failed_key_can_be_had_for_a_test_and_that_of_a_deleted_one_cannot() -> None:
    world = World()
    stored = world.store("sk-one-11111111")
    world.ring.report(stored, "invalid", "x", an_entry())
    assert world.ring.plaintext_of(stored).reveal() == "sk-one-11111111"
    world.vault.delete(stored, SOMEBODY)
    with pytest.raises(NoUsableKey):
        world.ring.plaintext_of(stored)


def test_what_is_in_hand_shows_no_plaintext() -> None:
    world = World()
    world.store("sk-one-11111111")
    world.plaintexts()
    (in_hand,) = world.ring.keys_for(OURS, "openai", MODEL)
    state: Mapping[str, object] = vars(world.ring)
    assert "sk-one" not in f"{in_hand} {in_hand!r} {state!r}"
