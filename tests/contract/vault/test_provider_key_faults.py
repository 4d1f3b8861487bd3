"""Every AWS call of every write of provider keys, each with every fault: nothing is lost, and nothing is left."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from secrets import token_bytes
from uuid import uuid4

import pytest

from atom_llm.adapters.dynamodb.table import Table, dynamodb_client
from atom_llm.adapters.dynamodb.tenancy.provider_keys import DynamoProviderKeys
from atom_llm.domain.core.errors import Conflict, NotFound, NoUsableKey, SecretMissing, Unavailable
from atom_llm.domain.core.ids import ProviderKeyId, TenantId, ulid
from atom_llm.domain.core.plaintext import Plaintext
from atom_llm.domain.tenancy.provider_keys import ProviderKey
from atom_llm.domain.tenancy.vault import VaultPointer
from atom_llm.services.tenancy.provider_key_ring import KNOWN_FOR, ProviderKeyRing
from atom_llm.services.tenancy.provider_key_vault import LEASE, ProviderKeyVault
from testing.audit import SOMEBODY, an_entry
from testing.fakes.service_keys import SetClock
from testing.tables import items_of
from tests.contract.conftest import NewTable
from tests.contract.vault.places import Kept, NewVault, VaultOnEmulator
from tests.drills.faults import KINDS, Died, FailingClients, Kind

ONE, TWO, NEW, LATER = "sk-one-11111111", "sk-two-22222222", "sk-new-33333333", "sk-later-44444444"
ACTS = ["store the first", "store", "rotate", "delete", "delete the last", "erase"]
AFTER: dict[str, tuple[set[str], set[str]]] = {  # what calls are made with before an act, and after it
    "store the first": (set(), {NEW}),
    "store": ({ONE, TWO}, {ONE, TWO, NEW}),
    "rotate": ({ONE, TWO}, {ONE, NEW}),
    "delete": ({ONE, TWO}, {ONE}),
    "delete the last": ({ONE}, set()),
    "erase": ({ONE, TWO}, set()),
}


@dataclass
class Process:
    """One process of the service, at work for one tenant."""

    table: str
    place: VaultOnEmulator
    clock: SetClock
    clients: FailingClients
    tenant: TenantId = field(default_factory=lambda: TenantId(f"tenant-{uuid4().hex}"))

    def __post_init__(self) -> None:
        self.plan = self.clients.plan
        self.book = DynamoProviderKeys(Table(self.clients.dynamodb, self.table))
        self.secrets = self.place.store(self.clients, self.clock)
        self.vault = ProviderKeyVault(self.book, self.secrets, self.clock, pause=lambda _: None)
        self.ring = ProviderKeyRing(self.book, self.secrets, self.clock)

    def store(self, plaintext: str) -> ProviderKey:
        now = self.clock()
        new = ProviderKey(
            ProviderKeyId(ulid(now, token_bytes(10))), self.tenant, "openai", plaintext[-4:], plaintext[::-1][:16], now
        )
        return self.vault.store(new, Plaintext(plaintext), SOMEBODY)

    def rotate(self, key: ProviderKey, plaintext: str) -> ProviderKey:
        return self.vault.rotate(key, Plaintext(plaintext), plaintext[-4:], plaintext[::-1][:16], SOMEBODY)

    def elsewhere(self) -> "Process":
        """Another process, to which nothing happens."""
        return Process(self.table, self.place, self.clock, FailingClients(), self.tenant)

    def pointer(self) -> VaultPointer:
        """Return the pointer to the tenant's secret."""
        return self.book.of(self.tenant)[1]

    def usable(self) -> set[str]:
        """Return the keys for calls, read by a process that remembers nothing."""
        self.ring.forget(self.tenant)
        try:
            in_hand = self.ring.keys_for(self.tenant, "openai", "openai/gpt-4o")
        except NoUsableKey:
            return set()
        return {each.plaintext.reveal() for each in in_hand}

    def prepared(self, act: str) -> Callable[[], object]:
        """Everything that an act needs, and the act."""
        if act == "store the first":
            return lambda: self.store(NEW)
        first = self.store(ONE)
        if act == "delete the last":
            return lambda: self.vault.delete(first, SOMEBODY)
        second = self.store(TWO)
        acts: dict[str, Callable[[], object]] = {
            "store": lambda: self.store(NEW),
            "rotate": lambda: self.rotate(second, NEW),
            "delete": lambda: self.vault.delete(second, SOMEBODY),
            "erase": lambda: self.vault.erase(self.tenant),
        }
        return acts[act]

    def kept(self) -> Kept:
        """Every secret of the tenant that exists, with all that any of its versions holds."""
        return self.place.kept(self.tenant)


NewProcess = Callable[[], Process]


@pytest.fixture(params=["secrets manager", "envelopes"])
def new_process(new_table: NewTable, new_vault: NewVault, request: pytest.FixtureRequest) -> NewProcess:
    """Makes processes that share a table, a vault and their clients, each for a tenant of its own."""
    clock, place, clients = SetClock(datetime.now(UTC)), new_vault(request.param), FailingClients()
    table, _ = new_table()
    return lambda: Process(table._name, place, clock, clients)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("act", ACTS)
def test_after_a_fault_at_any_call_all_is_as_before_or_done_and_repeating_it_finishes(
    new_process: NewProcess, act: str, kind: Kind
) -> None:
    elsewhere = new_process().elsewhere()
    for countdown in range(40):
        process = new_process()
        elsewhere = Process(process.table, process.place, process.clock, elsewhere.clients, process.tenant)
        do = process.prepared(act)
        before, after = AFTER[act]
        process.plan.arm(kind, countdown)
        with suppress(Died, Unavailable, NotFound, Conflict):
            do()
        fired = process.plan.fired
        process.plan.disarm()
        process.clock.now += LEASE + timedelta(seconds=1)

        try:
            found = elsewhere.usable()
        except SecretMissing:
            assert act == "erase", (act, kind, countdown)  # the secrets go first, and the rest when it is repeated
        else:
            assert found in (before, after), (act, kind, countdown)

        do()  # its caller asks again
        assert elsewhere.usable() == after, (act, kind, countdown)
        elsewhere.store(LATER)
        assert elsewhere.usable() == after | {LATER}, (act, kind, countdown)
        _nothing_is_left(elsewhere, act, countdown)
        if not fired:
            return
    pytest.fail("the act takes more calls than were tried")


def _nothing_is_left(process: Process, act: str, countdown: int) -> None:
    """One secret exists, the one in force; and of a deleted key none of its versions holds anything."""
    kept, pointer = process.kept(), process.pointer()
    assert kept.keys() == {pointer.secret}, (act, countdown)
    assert (pointer.retired, pointer.drafts) == ((), ()), (act, countdown)
    if act in ("delete", "delete the last", "erase"):
        deleted = {"delete": TWO, "delete the last": ONE, "erase": ONE}[act]
        assert deleted not in str(kept), (act, countdown)


def test_many_versions_that_never_came_into_force_do_not_push_out_the_one_that_is(new_process: NewProcess) -> None:
    process = new_process()
    process.store(ONE)
    reader = process.elsewhere()
    for _ in range(4):
        pointer = process.pointer()
        assert pointer.secret is not None
        assert pointer.version is not None
        process.secrets.restore(pointer.secret, pointer.version)
        process.secrets.put(pointer.secret, {"x": "never in force"})
        assert reader.usable() == {ONE}
        reader.ring._opened.forget(reader.tenant)
    process.store(TWO)
    assert reader.usable() == {ONE, TWO}


def test_the_version_before_stays_readable_for_calls_under_way_during_a_rotation(new_process: NewProcess) -> None:
    process = new_process()
    stored = process.store(ONE)
    before = process.pointer()
    assert before.secret is not None
    assert before.version is not None
    process.rotate(stored, NEW)
    assert set(process.secrets.get(before.secret, before.version).values()) == {ONE}


def test_a_reader_never_finds_a_gap_while_keys_are_rotated_and_deleted(new_process: NewProcess) -> None:
    process = new_process()
    stored, extra = process.store(ONE), process.store(TWO)
    reader = process.elsewhere()
    for number in range(5):
        stored = process.rotate(stored, f"sk-turn-{number}-11111")
        assert len(reader.ring.keys_for(process.tenant, "openai", "openai/gpt-4o")) >= 1  # by what it remembers
        process.clock.now += KNOWN_FOR
        assert f"sk-turn-{number}-11111" in reader.usable()
    process.vault.delete(extra, SOMEBODY)
    assert reader.usable() == {"sk-turn-4-11111"}


def test_what_lies_in_the_table_holds_no_plaintext(new_process: NewProcess) -> None:
    process = new_process()
    stored = process.store(ONE)
    process.rotate(stored, NEW)
    process.vault.delete(process.store(TWO), SOMEBODY)
    table = Table(dynamodb_client(), process.table)
    items = str([table.get((pk, sk)) for pk, sk in _everything(process.table)])
    assert "provider-key" in items
    for plaintext in (ONE, TWO, NEW):
        assert plaintext not in items


def test_a_refusal_of_the_vault_says_which_operation_and_nothing_of_the_secret(new_process: NewProcess) -> None:
    process = new_process()
    process.store(ONE)
    process.plan.arm("throttled", 0)
    for ask in (
        lambda: process.secrets.create("x", {"id": ONE}),
        lambda: process.secrets.put("x", {"id": ONE}),
        lambda: process.secrets.get("x", str(uuid4())),
        lambda: process.secrets.delete("x"),
    ):
        with pytest.raises(Unavailable) as refused:
            ask()
        assert ONE not in f"{refused.value!r} {refused.value} {refused.value.details} {refused.value.__cause__!r}"
    process.plan.disarm()


def _everything(table: str) -> list[tuple[str, str]]:
    items = items_of(dynamodb_client(), table)
    return [(str(item["pk"]["S"]), str(item["sk"]["S"])) for item in items]


def test_a_change_whose_answer_was_lost_is_known_by_what_only_it_can_have_written(new_process: NewProcess) -> None:
    process = new_process()
    book, now = process.book, process.clock()
    stored = process.store(ONE)
    pointer = book.lease(process.tenant, "ours", "draft", now, now + LEASE)
    assert pointer is not None
    flipped = VaultPointer(pointer.secret, pointer.version, pointer.revision + 1)
    fields = {"fingerprint": "ours", "material": flipped.revision}
    entry = an_entry(process.tenant, "provider_key.rotated")
    asked = [book.flip(process.tenant, "ours", flipped, stored.key_id, fields, entry) for _ in range(2)]
    theirs = book.flip(
        process.tenant, "theirs", flipped, stored.key_id, {**fields, "fingerprint": "theirs"}, an_entry()
    )
    assert (asked, theirs) == ([True, True], False)
    found = book.find(process.tenant, stored.key_id)
    assert found is not None
    assert found.fingerprint == "ours"
