"""What the envelope vault promises beyond every vault: contents bound to tenant and secret, data keys for an hour."""

from base64 import b64decode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from atom_llm.adapters.data_keys import OPEN_FOR, KmsDataKeys
from atom_llm.adapters.dynamodb.table import Table
from atom_llm.adapters.envelope import EnvelopeStore
from atom_llm.domain.core.errors import SecretMissing, VaultUnavailable
from testing.fakes.service_keys import SetClock
from tests.contract.vault.places import InEnvelopes, NewVault
from tests.drills.faults import FailingClients

CONTENT = {"key-1": "sk-one-11111111"}


@dataclass
class Counted:
    """KMS's client, and how often each operation was asked of it."""

    kms: Any
    asked: list[str]

    def __getattr__(self, operation: str) -> Any:
        self.asked.append(operation)
        return getattr(self.kms, operation)


@dataclass
class Vault:
    """A vault with its processes."""

    place: InEnvelopes
    table: Table
    clock: SetClock

    def process(self, environment: str = "tests", most: int = 10) -> tuple[EnvelopeStore, list[str]]:
        """A process's store, and what it asks of KMS."""
        asked: list[str] = []
        counted: Any = Counted(boto3.client("kms"), asked)
        data_keys = KmsDataKeys(lambda: counted, self.place.key_id, self.clock, most)
        return EnvelopeStore(self.table, data_keys, environment), asked


@pytest.fixture
def vault(new_vault: NewVault) -> Vault:
    place = new_vault("envelopes")
    assert isinstance(place, InEnvelopes)
    return Vault(place, Table(FailingClients().dynamodb, place.table), SetClock(datetime.now(UTC)))


def test_a_data_key_is_opened_once_in_an_hour_and_not_after_it(vault: Vault) -> None:
    version = vault.process()[0].create("acme/1", CONTENT)
    store, asked = vault.process()
    for _ in range(3):
        assert store.get("acme/1", version) == CONTENT
    assert asked == ["decrypt"]
    vault.clock.now += OPEN_FOR - timedelta(seconds=1)
    store.get("acme/1", version)
    assert asked == ["decrypt"]
    vault.clock.now += timedelta(seconds=1)
    store.get("acme/1", version)
    assert asked == ["decrypt", "decrypt"]


def test_a_rotation_seals_under_the_tenants_data_key_and_asks_for_none(vault: Vault) -> None:
    store, asked = vault.process()
    store.create("acme/1", CONTENT)
    version = store.put("acme/1", {"key-1": "sk-new-22222222"})
    assert store.get("acme/1", version) == {"key-1": "sk-new-22222222"}
    assert asked == ["generate_data_key"]


def test_no_more_data_keys_are_remembered_than_a_process_may(vault: Vault) -> None:
    store, asked = vault.process(most=2)
    versions = {name: store.create(name, CONTENT) for name in ("a/1", "b/1", "c/1")}
    for name in ("b/1", "c/1", "a/1"):
        store.get(name, versions[name])
    assert asked == ["generate_data_key"] * 3 + ["decrypt"]


def test_each_secret_has_a_data_key_of_its_own(vault: Vault) -> None:
    store, _ = vault.process()
    for name in ("acme/1", "acme/2", "other/1"):
        store.create(name, CONTENT)
    wrapped = [item["data_key"]["B"] for item in _items(vault) if "data_key" in item]
    assert len(set(wrapped)) == len(wrapped) == 3


@pytest.mark.parametrize("other", ["other/1", "acme/2"])
def test_a_secret_that_is_copied_to_another_name_or_tenant_opens_nothing(vault: Vault, other: str) -> None:
    version = vault.process()[0].create("acme/1", CONTENT)
    for item in _items(vault):
        vault.place.put({**item, "pk": {"S": f"secret#{other}"}})
    store, asked = vault.process()
    with pytest.raises(VaultUnavailable, match="kms: decrypt: InvalidCiphertextException"):
        store.get(other, version)
    assert asked == ["decrypt"]  # a refusal is not asked again


def test_what_another_environment_sealed_opens_nothing(vault: Vault) -> None:
    version = vault.process("prod")[0].create("acme/1", CONTENT)
    with pytest.raises(VaultUnavailable, match="InvalidCiphertextException"):
        vault.process("dev")[0].get("acme/1", version)


def test_a_version_that_is_put_in_another_ones_place_does_not_authenticate(vault: Vault) -> None:
    store, _ = vault.process()
    old = store.create("acme/1", CONTENT)
    new = store.put("acme/1", {"key-1": "sk-new-22222222"})
    sealed = {item["sk"]["S"]: item for item in _items(vault)}
    vault.place.put({**sealed[f"version#{old}"], "sk": {"S": f"version#{new}"}})
    with pytest.raises(VaultUnavailable, match="does not authenticate"):
        store.get("acme/1", new)


def test_a_write_to_a_secret_that_was_deleted_meanwhile_leaves_nothing(vault: Vault) -> None:
    store, _ = vault.process()
    store.create("acme/1", CONTENT)
    late, table = vault.process()[0], vault.table
    read = table.get
    slow: Any = _Slow(table, lambda: store.delete("acme/1"))
    late._table = slow
    with pytest.raises(VaultUnavailable):
        late.put("acme/1", {"key-1": "sk-late-33333333"})
    assert read(("secret#acme/1", "secret")) is None
    assert _items(vault) == []


def test_two_versions_are_kept_and_no_third(vault: Vault) -> None:
    store, _ = vault.process()
    versions = [store.create("acme/1", CONTENT), *(store.put("acme/1", {"k": str(number)}) for number in range(3))]
    assert len(_items(vault)) == 3
    assert store.get("acme/1", versions[2]) == {"k": "1"}
    with pytest.raises(SecretMissing):
        store.get("acme/1", versions[1])


def test_nothing_in_the_table_holds_a_plaintext_or_an_open_data_key(vault: Vault) -> None:
    store, _ = vault.process()
    store.create("acme/1", CONTENT)
    assert "sk-one" not in str(_items(vault))
    opened = [plain.value for _, plain in store._data_keys._opened._dated.items()]
    assert len(opened) == 1
    assert all(opened[0] not in value for item in _items(vault) for each in item.values() for value in [_raw(each)])
    assert opened[0].hex() not in repr(store._data_keys.new({}))


class _Slow:
    """A table whose client is so slow before a transaction that another writer acts meanwhile."""

    def __init__(self, table: Table, meanwhile: Any) -> None:
        self._table, self._meanwhile = table, meanwhile

    def transact(self, writes: Any) -> None:
        self._meanwhile()
        self._table.transact(writes)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._table, name)


def _items(vault: Vault) -> list[dict[str, Any]]:
    return vault.place.items()


def _raw(attribute: dict[str, Any]) -> bytes:
    ((kind, value),) = attribute.items()
    return b64decode(value) if kind == "B" else str(value).encode()
