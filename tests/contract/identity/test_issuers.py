"""Stored issuers: one suite for the store in memory and the one in DynamoDB."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from atom_llm.adapters.dynamodb.tenancy.trusted_issuers import DynamoIssuers
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.tenancy.identity.key_sets import KeySet
from atom_llm.domain.tenancy.identity.trusted_issuers import ACCOUNT, ClaimRule, TrustedIssuer
from atom_llm.domain.tenancy.service_keys import Scope
from atom_llm.ports.tenancy import IssuerStore
from testing.audit import an_entry
from testing.fakes.issuers import IssuersInMemory
from testing.fakes.service_keys import NOON
from tests.contract.conftest import NewTable

RULES = (
    ClaimRule(
        frozenset({Scope.CHAT, Scope.ADMIN}),
        tenant=TenantId("acme"),
        when=(("groups", ("a", "b")), ("org", ("acme",))),
        scopes_claim="scope",
        team="research",
        person_claim="email",
    ),
    ClaimRule(frozenset({Scope.CHAT}), tenant_claim="org", team_claim="department"),
)
FULL = TrustedIssuer(
    "https://login.example.com",
    ("api://atom", "other"),
    RULES,
    NOON,
    NOON + timedelta(days=1),
    "revision-1",
    algorithms=("RS256", "EdDSA"),
    jwks_uri="https://login.example.com/keys",
    longest_life_s=3_600,
    sign_in_client="console",
)
NewStore = Callable[[], IssuerStore]
KEYS = KeySet(({"kty": "OKP", "crv": "Ed25519", "x": "x", "kid": "1"},), NOON)


@pytest.fixture(params=["in memory", "in DynamoDB"])
def store(request: pytest.FixtureRequest) -> IssuerStore:
    if request.param == "in memory":
        return IssuersInMemory()
    new_table: NewTable = request.getfixturevalue("new_table")
    return DynamoIssuers(new_table()[0])


def test_an_issuer_comes_back_as_it_was_stored(store: IssuerStore) -> None:
    assert store.find(FULL.url) is None
    assert store.save(FULL, [an_entry(), an_entry(TenantId("acme"))], before=None)
    assert store.find(FULL.url) == FULL
    assert store.all() == [FULL]


def test_one_that_is_there_is_no_new_one(store: IssuerStore) -> None:
    store.save(FULL, [an_entry()], before=None)
    assert not store.save(replace(FULL, audiences=("x",), revision="2"), [an_entry()], before=None)
    assert store.find(FULL.url) == FULL


def test_only_the_revision_that_was_seen_is_written_over_or_removed(store: IssuerStore) -> None:
    store.save(FULL, [an_entry()], before=None)
    second = replace(FULL, audiences=("x",), revision="revision-2")
    assert not store.save(second, [an_entry()], before="another")
    assert store.save(second, [an_entry()], before=FULL.revision)
    assert not store.remove(FULL, [an_entry()])
    assert store.remove(second, [an_entry()])
    assert store.all() == []


def test_the_newest_keys_are_kept_and_go_with_their_issuer(store: IssuerStore) -> None:
    store.save(FULL, [an_entry()], before=None)
    assert store.last_keys(FULL.url) is None
    newer = replace(KEYS, read_at=NOON + timedelta(minutes=5))
    for read in (KEYS, newer, KEYS):
        store.keep_keys(FULL.url, read)
    assert store.last_keys(FULL.url) == newer
    store.remove(FULL, [an_entry()])
    assert store.last_keys(FULL.url) is None


def test_the_account_is_kept_like_an_issuer(store: IssuerStore) -> None:
    role = ("role", ("arn:aws:iam::123456789012:role/deploy",))
    rule = ClaimRule(frozenset({Scope.CHAT}), tenant=TenantId("acme"), when=(role,), person_claim="session")
    account = TrustedIssuer(ACCOUNT, (), (rule,), NOON, NOON, "revision-1", algorithms=())
    assert store.save(account, [an_entry()], before=None)
    assert store.find(ACCOUNT) == account
