"""The refresh journal: one suite for the one in memory and the one in DynamoDB."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from atom_llm.adapters.dynamodb.catalogue.refresh_journal import INLINE_BYTES
from atom_llm.domain.catalogue.errors import LeaseLost
from atom_llm.domain.catalogue.refresh import RefreshState, SourceState, Validators
from atom_llm.ports.catalogue import RefreshJournal
from testing.catalogue_tables import refresh_journal_on
from testing.fakes.catalogue_store import JournalInMemory
from tests.contract.conftest import NewTable

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
LEASE_S = 100.0
HASHES = [sha256(bytes([number])).hexdigest() for number in range(4)]  # as long, and as random, as sources' tags are
STATE = RefreshState(
    whole_refreshes=7,
    attempted_at=NOW,
    succeeded_at=NOW,
    sources={
        "litellm": SourceState("fresh", NOW, NOW, None, Validators('W/"abc"', "yesterday"), "a" * 32, None, 4551),
        "openrouter": SourceState("unavailable", NOW, None, NOW, Validators(), None, "b" * 32, 0, "timeout: read"),
        "genai-prices": SourceState("unchanged", NOW, NOW, None, Validators(HASHES[0]), HASHES[1][:32], None, 760),
        "models.dev": SourceState("fresh", NOW, NOW, None, Validators(HASHES[2]), HASHES[3][:32], None, 561),
    },
)
NewJournal = Callable[[], RefreshJournal]


@pytest.fixture(params=["in memory", "in DynamoDB"])
def new_journal(request: pytest.FixtureRequest, new_table: NewTable) -> NewJournal:
    if request.param == "in memory":
        return JournalInMemory
    return lambda: refresh_journal_on(new_table()[0])


def test_before_the_first_refresh_the_state_is_empty(new_journal: NewJournal) -> None:
    journal = new_journal()
    assert journal.state() == RefreshState()
    assert journal.quarantine() == b""


def test_a_state_comes_back_as_it_was_written(new_journal: NewJournal) -> None:
    journal = new_journal()
    assert journal.begin("one", NOW, LEASE_S) == RefreshState()
    journal.finish("one", STATE)
    assert journal.state() == STATE
    assert journal.begin("two", NOW, LEASE_S) == STATE


def test_while_a_lease_is_valid_nobody_else_gets_it(new_journal: NewJournal) -> None:
    journal = new_journal()
    journal.begin("one", NOW, LEASE_S)
    assert journal.begin("two", NOW + timedelta(seconds=LEASE_S - 0.001), LEASE_S) is None


def test_a_lease_that_ran_out_is_taken_over_and_its_holder_cannot_finish(new_journal: NewJournal) -> None:
    journal = new_journal()
    journal.begin("one", NOW, LEASE_S)
    assert journal.begin("two", NOW + timedelta(seconds=LEASE_S), LEASE_S) is not None
    with pytest.raises(LeaseLost):
        journal.finish("one", STATE)
    journal.finish("two", STATE)
    assert journal.state() == STATE


def test_a_finished_refresh_gives_the_lease_back(new_journal: NewJournal) -> None:
    journal = new_journal()
    journal.begin("one", NOW, LEASE_S)
    journal.finish("one", STATE)
    assert journal.begin("two", NOW, LEASE_S) is not None


@pytest.mark.parametrize("size", [1, INLINE_BYTES, INLINE_BYTES + 1, 600_000])
def test_a_quarantine_of_any_size_replaces_the_one_before(new_journal: NewJournal, size: int) -> None:
    journal = new_journal()
    for content in (b"a" * 300_000, b"b" * size, b""):
        journal.put_quarantine(content)
        assert journal.quarantine() == content


@pytest.mark.parametrize("size", [1, INLINE_BYTES + 1])
def test_what_lists_say_is_kept_beside_the_quarantine(new_journal: NewJournal, size: int) -> None:
    journal = new_journal()
    assert journal.lists() == b""
    journal.put_quarantine(b"held")
    for content in (b"a" * 300_000, b"b" * size, b""):
        journal.put_lists(content)
        assert (journal.lists(), journal.quarantine()) == (content, b"held")


def test_of_refreshes_that_begin_together_one_holds_the_lease(new_table: NewTable) -> None:
    journal = refresh_journal_on(new_table()[0])
    with ThreadPoolExecutor(16) as pool:
        begun = list(pool.map(lambda holder: journal.begin(f"holder-{holder}", NOW, LEASE_S), range(16)))
    assert sum(state is not None for state in begun) == 1


@pytest.mark.parametrize("operation", ["begin", "finish"])
def test_a_write_whose_answer_is_lost_has_happened_once(new_table: NewTable, operation: str) -> None:
    table, traffic = new_table()
    journal = refresh_journal_on(table)
    if operation == "begin":
        traffic.lose_answer_to.add("UpdateItem")
    assert journal.begin("one", NOW, LEASE_S) is not None
    if operation == "finish":
        traffic.lose_answer_to.add("UpdateItem")
    journal.finish("one", STATE)
    assert journal.state() == STATE


def test_beginning_and_finishing_cost_one_write_unit_each(new_table: NewTable) -> None:
    table, traffic = new_table()
    journal = refresh_journal_on(table)
    journal.begin("0" * 26, NOW, LEASE_S)
    journal.finish("0" * 26, STATE)
    assert traffic.write_units == 2
