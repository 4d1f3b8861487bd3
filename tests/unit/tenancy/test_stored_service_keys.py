"""Service keys in DynamoDB: what was stored comes back whole, and a taken id is left alone."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest
import requests
from moto import mock_aws

from atom_llm.adapters.aws.endpoint import Endpoint
from atom_llm.adapters.aws.json_client import DYNAMODB, JsonClient
from atom_llm.adapters.aws.signature import Credentials
from atom_llm.adapters.dynamodb.table import Table
from atom_llm.adapters.dynamodb.tenancy.service_keys import DynamoServiceKeys
from atom_llm.adapters.network.answer import HttpAnswer
from atom_llm.domain.core.errors import Conflict
from atom_llm.domain.core.ids import ServiceKeyId, TenantId
from atom_llm.domain.tenancy.service_keys import ALL_SCOPES, Scope, ServiceKey
from testing.audit import an_entry
from testing.fakes.service_keys import NOON
from testing.tables import create_table

KEY = ServiceKey(ServiceKeyId("a1B2c3D4e5F6"), TenantId("tenant-a"), ALL_SCOPES, bytes(range(32)), "v1", NOON)


MOTO = Endpoint("https://dynamodb.eu-west-1.amazonaws.com/", "eu-west-1")


class OverMoto:
    """Implements `Transport` with the library whose requests moto catches."""

    def post(self, headers: Mapping[str, str], body: bytes, timeout_s: float) -> HttpAnswer:
        answer = requests.post(MOTO.url, body, headers=headers, timeout=timeout_s)
        return HttpAnswer(answer.status_code, answer.headers, answer.content)


@pytest.fixture
def store() -> Iterator[DynamoServiceKeys]:
    with mock_aws():
        client = JsonClient(DYNAMODB, MOTO, lambda: Credentials("none", "none"), OverMoto())
        create_table(client, "keys")
        yield DynamoServiceKeys(Table(client, "keys"))


@pytest.mark.parametrize(
    "key",
    [
        KEY,
        replace(KEY, scopes=frozenset({Scope.CHAT})),
        replace(KEY, scopes=frozenset()),
        replace(KEY, label="CI", expires_at=NOON, revoked_at=NOON),
    ],
    ids=["every scope", "one scope", "no scope", "every field"],
)
def test_a_stored_key_comes_back_whole(store: DynamoServiceKeys, key: ServiceKey) -> None:
    store.add(key, an_entry())
    assert store.find(key.key_id) == key


def test_an_id_that_nobody_has_finds_nothing(store: DynamoServiceKeys) -> None:
    assert store.find(KEY.key_id) is None


def test_a_taken_id_is_left_alone(store: DynamoServiceKeys) -> None:
    store.add(KEY, an_entry())
    with pytest.raises(Conflict):
        store.add(replace(KEY, tenant=TenantId("tenant-b")), an_entry())
    found = store.find(KEY.key_id)
    assert found is not None
    assert found.tenant == "tenant-a"
