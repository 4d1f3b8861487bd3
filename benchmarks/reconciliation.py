"""`python -m benchmarks.reconciliation`: a month of a million calls matched with a provider's bill, on the emulator."""

import gc
import json
import os
import sys
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Final
from uuid import uuid4

from atom_llm.adapters.dynamodb import keys
from atom_llm.adapters.dynamodb.audit import AuditedWrites
from atom_llm.adapters.dynamodb.ledger.ledger import DynamoLedger
from atom_llm.adapters.dynamodb.ledger.sums import DynamoUsageSums
from atom_llm.adapters.dynamodb.table import Table, dynamodb_client
from atom_llm.adapters.seed import load_seed
from atom_llm.domain.catalogue.catalogue import ModelEntry
from atom_llm.domain.catalogue.own_prices import OwnPrices
from atom_llm.domain.core.ids import CallId, TenantId, ulid
from atom_llm.domain.core.money import EXACT, plain
from atom_llm.domain.ledger.exports.read_export import read_export
from atom_llm.domain.ledger.rows import LedgerRow
from atom_llm.domain.pricing.cost import cost
from atom_llm.domain.pricing.units import Unit
from atom_llm.domain.pricing.usage import Usage
from atom_llm.services.catalogue.read_catalogue import CatalogueReader
from atom_llm.services.ledger.reconciliation.reconcile_usage import ProviderBill, Reconciliation, UsageReconciler
from benchmarks.report import Figure, Row
from local.emulator import Emulator, client_environment
from local.processes import free_port
from testing.bills import Page, openai_cost, openai_pages, openai_usage
from testing.fakes.catalogue_store import BookInMemory
from testing.money_world import RETENTION, in_memory
from testing.tables import create_table, delete_table

TENANT: Final = TenantId("tenant-a")
FIRST: Final = date(2026, 10, 1)
DAYS: Final = 30
MODELS: Final = 40
CALLS: Final = 1_000_000
ROWS_OF_A_DAY: Final = 3_000  # of the days that differ; more are not read
REPEATS: Final = 5
DIFFERING: Final = (3, 14, 27)  # days of the month, one planted difference each


def main() -> int:
    """Write a month into tables of its own, match a bill with it, and print what it took; 1 where that is too much."""
    with TemporaryDirectory() as folder, Emulator(free_port(), Path(folder)) as emulator:
        os.environ |= client_environment(emulator.url)
        with tables() as (usage, others):
            rows = measured(usage, others, emulator.pid)
    print("\n".join(map(str, rows)))
    return 0 if all(row.is_met for row in rows) else 1


def measured(usage: Table, others: Table, emulator: int) -> list[Row]:
    """Return the figures, of the whole work from the uploaded text to the explained differences.

    `emulator` is the id of the emulator's process, whose processor time counts as well.
    """
    catalogue = CatalogueReader(BookInMemory(), load_seed, lambda: datetime(2026, 11, 5, tzinfo=UTC))
    pages = {content: json.dumps(given) for content, given in month(usage, others, catalogue).items()}
    reconciler = UsageReconciler(
        DynamoLedger(usage, AuditedWrites(others), RETENTION),
        DynamoUsageSums(usage, RETENTION),
        lambda: datetime(2026, 11, 5, tzinfo=UTC),
    )

    def work() -> Reconciliation:
        costs, counted = json.loads(pages["costs"]), json.loads(pages["usage"])
        bill = ProviderBill("openai", read_export("openai", "costs", costs), read_export("openai", "usage", counted))
        return reconciler.reconcile(TENANT, bill, catalogue, OwnPrices(()), drafts=True)

    found = work()
    causes = [str(each.cause) for group in found.groups for each in group.explanations]
    if causes != ["missing_call", "not_billed", "price_at_that_time"]:
        raise SystemExit(f"the planted differences were not found: {causes}")
    times, ours, both = [], [], []
    for _ in range(REPEATS):
        gc.collect()
        began, used, theirs = perf_counter(), process_time(), _processor_s(emulator)
        work()
        times.append((perf_counter() - began) * 1000)
        ours.append((process_time() - used) * 1000)
        both.append(ours[-1] + (_processor_s(emulator) - theirs) * 1000)
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    lines = f"{DAYS} × {MODELS} lines of usage and {2 * DAYS * MODELS} of costs"
    upload = f"{sum(map(len, pages.values())) / 1e6:.1f} MB of upload"
    return [
        Row(
            f"a month of a million calls matched with {lines}, three differences", Figure(tuple(times), "ms"), (), 2000
        ),
        Row("– processor time of it, the emulator's included", Figure(tuple(both), "ms"), (), 2000),
        Row("– without the emulator's", Figure(tuple(ours), "ms")),
        Row(f"– peak of what Python allocates for it, from {upload}", Figure((peak,), "MB")),
    ]


def _processor_s(process: int) -> float:
    """Return the processor time that a process has used, in seconds (Linux)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def month(usage: Table, others: Table, catalogue: CatalogueReader) -> dict[str, list[Page]]:
    """Write the sums of a month, and the rows of its days that differ; returns the bill by content."""
    in_force, chance = catalogue.current(), Random(7)
    openai = in_force.catalogue.by_provider["openai"]
    models = [entry for entry in openai if entry.mode == "chat" and "/" in entry.id and _is_priced(entry)][:MODELS]
    costs: dict[date, list[dict[str, object]]] = {}
    counted: dict[date, list[dict[str, object]]] = {}
    writes: list[tuple[tuple[str, str], dict[str, object]]] = []
    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        costs[day], counted[day] = [], []
        for entry in models:
            calls, name = CALLS // DAYS // MODELS, entry.id.partition("/")[2]
            units = {Unit.INPUT: 900 * calls + chance.randrange(1000), Unit.OUTPUT: 200 * calls}
            paid = cost(Usage(units, 0), in_force.catalogue.rates(entry))
            shards = range(keys.SUM_SHARDS)
            writes += [_sum_item(day, entry.id, shard, calls, paid.total, units) for shard in shards]
            by_unit = {line.unit: line.amount for line in paid.lines}
            billed_calls = calls
            if entry is models[0] and number == DIFFERING[0]:
                units[Unit.INPUT] += 900
                by_unit[Unit.INPUT] = EXACT.add(by_unit[Unit.INPUT], EXACT.multiply(paid.lines[0].rate, Decimal(900)))
                billed_calls += 1
            if entry is models[0] and number == DIFFERING[1]:
                continue
            factor = Decimal("1.25") if entry is models[0] and number == DIFFERING[2] else Decimal(1)
            costs[day] += [
                openai_cost(f"{name}, {word}", plain(EXACT.multiply(by_unit[unit], factor)), units[unit])
                for word, unit in (("input", Unit.INPUT), ("output", Unit.OUTPUT))
            ]
            counted[day].append(openai_usage(name, billed_calls, (units[Unit.INPUT], units[Unit.OUTPUT])))
    ledger = DynamoLedger(usage, AuditedWrites(others), RETENTION)
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda write: usage.put(*write), writes))
        for number in DIFFERING:
            list(pool.map(ledger.settle, _rows(FIRST + timedelta(days=number), models[0].id)))
    return {"costs": openai_pages(costs), "usage": openai_pages(counted)}


def _is_priced(entry: ModelEntry) -> bool:
    return {"input_cost_per_token", "output_cost_per_token"} <= (entry.published or {}).keys()


def _sum_item(
    day: date, model: str, shard: int, calls: int, paid: Decimal, units: dict[Unit, int]
) -> tuple[tuple[str, str], dict[str, object]]:
    """Return one of a model's items of a day: the first has all but a call's worth of it."""
    own = calls - 1 if shard == 0 else 1
    share = {unit: count - 1000 if shard == 0 else 1000 for unit, count in units.items()}
    spent = EXACT.subtract(paid, Decimal("0.001")) if shard == 0 else Decimal("0.001")
    item: dict[str, object] = {"day": day.day, "provider": "openai", "model": model, "calls": own, "cost": spent}
    item |= {"failed": 1} if day.day - 1 == DIFFERING[0] else {}
    item |= {f"u_{unit}": count for unit, count in share.items()}
    item |= {f"{kind}_{bucket}": 1 for kind in "lf" for bucket in range(20, 40)}
    return (keys.usage_month(TENANT, f"{day:%Y-%m}"), keys.model_sum(day.day, "openai", model, shard)), item


def _rows(day: date, model: str) -> Iterator[LedgerRow]:
    world, chance = in_memory(), Random(day.day)
    for number in range(ROWS_OF_A_DAY):
        world.clock.now = datetime.combine(day, time(), UTC) + timedelta(seconds=number * 28)
        call = CallId(ulid(world.clock.now, chance.randbytes(10)))
        attempt = world.attempt(tenant=TENANT, model=model, call_id=call)
        yield LedgerRow(attempt, world.settlement())


@contextmanager
def tables() -> Iterator[tuple[Table, Table]]:
    """Make the usage table and another one, and take them away again."""
    client, names = dynamodb_client(16), [f"table-{uuid4().hex}" for _ in range(2)]
    for name in names:
        create_table(client, name)
    yield Table(client, names[0]), Table(client, names[1])
    for name in names:
        delete_table(client, name)


if __name__ == "__main__":
    sys.exit(main())
