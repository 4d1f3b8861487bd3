"""Exports of usage and their files: one suite for the store in memory and the one in DynamoDB."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from atom_llm.adapters.dynamodb.ledger.usage_exports import DynamoUsageExports
from atom_llm.domain.core.ids import TenantId, ulid
from atom_llm.domain.ledger.usage_exports import UsageExport
from atom_llm.ports.usage_exports import UsageExportStore
from testing.fakes.ledger.usage_exports import UsageExportsInMemory
from tests.contract.conftest import NewTable

NOW = datetime.now(UTC).replace(microsecond=0)  # tables forget by their own clock
DAY = date(2026, 11, 28)
ACME, OTHER = TenantId("acme"), TenantId("other")


@pytest.fixture(params=["in memory", "in DynamoDB"])
def store(request: pytest.FixtureRequest, new_table: NewTable) -> UsageExportStore:
    return UsageExportsInMemory() if request.param == "in memory" else DynamoUsageExports(new_table()[0])


def an_export(minutes: int = 0, tenant: TenantId = ACME) -> UsageExport:
    at = NOW + timedelta(minutes=minutes)
    return UsageExport(tenant, ulid(at, Random(minutes).randbytes(10)), "usage", DAY, DAY, ("day", "tier"))


def test_an_export_comes_back_as_it_was_put(store: UsageExportStore) -> None:
    export = an_export()
    store.put(export)
    assert store.get(ACME, export.export_id) == export
    assert store.get(OTHER, export.export_id) is None


def test_a_tenant_has_its_own_newest_first(store: UsageExportStore) -> None:
    first, second = an_export(1), an_export(2)
    for each in (second, first, an_export(3, OTHER)):
        store.put(each)
    assert store.of(ACME) == [second, first]


def test_those_that_have_not_ended_are_found_oldest_first_of_all_tenants(store: UsageExportStore) -> None:
    first, second, third = an_export(1), an_export(2, OTHER), an_export(3)
    for each in (third, second, first):
        store.put(each)
    assert store.unfinished(2) == [first, second]
    store.save(first.claimed(NOW).finished(NOW))
    store.delete(second)
    assert store.unfinished(5) == [third]


def test_how_far_it_came_comes_back_with_the_next_revision(store: UsageExportStore) -> None:
    export = an_export()
    store.put(export)
    reached = export.claimed(NOW).reaching(DAY, "place.1", pieces=2, lines=70)
    saved = store.save(reached)
    assert saved == store.get(ACME, export.export_id) == replace(reached, revision=1)


def test_of_two_processes_at_the_same_revision_one_goes_on(store: UsageExportStore) -> None:
    export = an_export()
    store.put(export)
    assert store.save(export.claimed(NOW)) is not None
    assert store.save(export.claimed(NOW)) is None


def test_one_that_was_deleted_is_not_written_on(store: UsageExportStore) -> None:
    export = an_export()
    store.put(export)
    store.delete(export)
    assert store.save(export.claimed(NOW)) is None
    assert store.get(ACME, export.export_id) is None


def test_a_piece_comes_back_whatever_is_in_it(store: UsageExportStore) -> None:
    export = an_export()
    store.put(export)
    large = "".join(chr(Random(7).randrange(32, 0xD7FF)) for _ in range(400_000))  # too much for an item, compressed
    for number, text in enumerate(("a,b\r\n1,ä\r\n", large), start=1):
        store.put_piece(export, number, text)
    assert [store.piece(export, number) for number in (1, 2, 3)] == ["a,b\r\n1,ä\r\n", large, None]


def test_a_piece_that_is_written_again_takes_the_place_of_the_first(store: UsageExportStore) -> None:
    export = an_export()
    store.put(export)
    noise = "".join(chr(Random(number).randrange(32, 0xD7FF)) for number in range(200_000))
    store.put_piece(export, 1, noise)
    store.put_piece(export, 1, "short")
    assert store.piece(export, 1) == "short"


def test_with_an_export_goes_its_file_and_what_a_dead_run_wrote_of_it(store: UsageExportStore) -> None:
    export = an_export()
    store.put(export)
    noted = store.save(export.reaching(DAY, None, pieces=1, lines=1))
    assert noted is not None
    for number in (1, 2):
        store.put_piece(noted, number, "text")
    store.delete(noted)
    assert [store.piece(noted, number) for number in (1, 2)] == [None, None]


def test_a_tenant_that_goes_leaves_no_export(store: UsageExportStore) -> None:
    kept = an_export(3, OTHER)
    for each in (an_export(1), an_export(2), kept):
        store.put(each)
        store.put_piece(each, 1, "text")
    assert store.erase(ACME) == {"usage_exports_deleted": 2}
    assert (store.of(ACME), store.unfinished(5)) == ([], [kept])
    assert store.erase(ACME) == {"usage_exports_deleted": 0}
