"""Preferences: one suite for the store in memory and the one in DynamoDB."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from atom_llm.adapters.dynamodb.tiers.preferences import DynamoPreferences
from atom_llm.domain.core.errors import Conflict
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.tiers.preferences import DEFAULTS, Preferences
from atom_llm.domain.tiers.tier import Tier
from atom_llm.ports.tiers import PreferenceStore
from testing.audit import an_entry
from testing.fakes.preferences import PreferencesInMemory
from tests.contract.conftest import NewTable

ACME, OTHER = TenantId("acme"), TenantId("other")
EVERYTHING = Preferences(
    enabled=False,
    default_tier=Tier.HEAVY,
    min_tier=Tier.STANDARD,
    max_tier=Tier.HEAVY,
    preferred_providers=("mistral", "openai"),
    blocked_providers=("groq",),
    max_cost_per_request_usd=Decimal(0),
    monthly_budget_usd=Decimal("12.000000000001"),
    cache_aware=False,
    auto_escalation=False,
    prefer="quality",
)
NewStore = Callable[[], PreferenceStore]


@pytest.fixture(params=["in memory", "in DynamoDB"])
def new_store(request: pytest.FixtureRequest) -> NewStore:
    if request.param == "in memory":
        return PreferencesInMemory
    new_table: NewTable = request.getfixturevalue("new_table")
    return lambda: DynamoPreferences(new_table()[0])


@pytest.mark.parametrize("preferences", [DEFAULTS, EVERYTHING], ids=["defaults", "everything set"])
def test_they_come_back_as_they_were_set(new_store: NewStore, preferences: Preferences) -> None:
    store = new_store()
    assert store.of(ACME) is None
    store.create(ACME, preferences, an_entry())
    assert (store.of(ACME), store.of(OTHER)) == (preferences, None)


def test_the_second_to_create_them_is_told_of_the_first(new_store: NewStore) -> None:
    store = new_store()
    store.create(ACME, EVERYTHING, an_entry())
    with pytest.raises(Conflict):
        store.create(ACME, replace(EVERYTHING, prefer="cost"), an_entry())
    assert store.of(ACME) == EVERYTHING


def test_to_replace_them_takes_no_first_ones(new_store: NewStore) -> None:
    store = new_store()
    store.replace(ACME, EVERYTHING, an_entry())
    store.replace(ACME, DEFAULTS, an_entry())
    assert store.of(ACME) == DEFAULTS


def test_they_are_taken_away_once_and_another_tenants_stay(new_store: NewStore) -> None:
    store = new_store()
    for tenant in (ACME, OTHER):
        store.create(tenant, EVERYTHING, an_entry())
    assert [store.delete(ACME, an_entry()), store.delete(ACME, an_entry())] == [True, False]
    assert (store.of(ACME), store.of(OTHER)) == (None, EVERYTHING)
    store.create(ACME, DEFAULTS, an_entry())
    assert store.of(ACME) == DEFAULTS


def test_a_lost_answer_is_no_conflict(new_table: NewTable) -> None:
    table, traffic = new_table()
    store = DynamoPreferences(table)
    for write, after in (
        (lambda: store.create(ACME, EVERYTHING, an_entry()), EVERYTHING),
        (lambda: store.replace(ACME, DEFAULTS, an_entry()), DEFAULTS),
        (lambda: store.delete(ACME, an_entry()), None),
    ):
        traffic.lose_answer_to.add("TransactWriteItems")
        write()
        assert (store.of(ACME), traffic.lose_answer_to) == (after, set())
