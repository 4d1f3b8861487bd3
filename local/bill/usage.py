"""What runs and calls use of AWS's services: counts that were measured, or bounds where they say so."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final


@dataclass(frozen=True, slots=True)
class UsageOfARun:
    """A scheduled run that finds nothing to do: seconds billed, DynamoDB's units, series of metrics, bytes of logs."""

    seconds: Decimal
    reads: int = 0
    writes: int = 0
    series: int = 0
    writes_series_daily: bool = False  # once a day, however often it runs; else in each run
    log_bytes: int = 800  # the platform's three lines, and one of ours
    key_requests: Decimal = Decimal(1)  # DynamoDB asks KMS for a table's key every five minutes


ANY: Final = "any function"

# Seconds are bounds at the deployed memory: nothing here ran in a real account.
IDLE_RUNS: Final[Mapping[tuple[str, str], UsageOfARun]] = {
    ("functions.byok.ledger.handler", "sweep"): UsageOfARun(Decimal("0.2"), reads=8, key_requests=Decimal("0.2")),
    ("functions.byok.ledger.handler", "prices"): UsageOfARun(Decimal("0.2"), reads=4),
    ("functions.byok.ledger.handler", "check"): UsageOfARun(
        Decimal("0.2"),
        reads=3,
        series=2,
        writes_series_daily=True,
        key_requests=Decimal(0),  # the sweep has asked
    ),
    ("functions.pricing.refresh.handler", "schedule"): UsageOfARun(Decimal(30), reads=2000, writes=240, series=5),
    ("functions.registry.sync.handler", "schedule"): UsageOfARun(Decimal(30), reads=500, writes=100),
    (ANY, "keep-awake"): UsageOfARun(Decimal(1)),
}


READS_AN_HOUR: Final = 12  # of a tenant's keys by a process in use: a plaintext stays in memory for five minutes
SEALED_BYTES: Final = 2_000  # a data key, and two versions of a tenant's ten keys


@dataclass(frozen=True, slots=True)
class UsageOfACall:
    """A call under two budgets with a service key that has limits, as docs/performance.md counts it.

    `waits` are the seconds that the provider takes, `cpu_seconds` those of a core that the call takes besides. Bytes
    leave for the provider and the caller. Rows that are written within the roll-up's window share a run of the ledger,
    a hundred at most, and the `writes_of_a_run` to the sums of its transaction.
    """

    waits: Decimal
    bytes_out: int
    cpu_seconds: Decimal = Decimal("0.007")
    writes: Decimal = Decimal(10)
    writes_of_a_run: Decimal = Decimal(8)
    reads: Decimal = Decimal(3)
    stored_bytes: int = 1000
    log_bytes: int = 1700  # the lines of the request and of its call, and API Gateway's
    platform_log_bytes: int = 400  # of a run of a function: its beginning, its end and its report
    ledger_log_bytes: int = 400  # the line of a run
    secret_reads: Decimal = Decimal(1) / 60
    ledger_seconds: Decimal = Decimal("0.2")
    ledger_seconds_a_row: Decimal = Decimal("0.02")
    series: int = 3  # of the group in use, for a month
    method_series: int = 5  # of the API's method in use, where the stage has metrics a method


WHOLE: Final = UsageOfACall(Decimal(5), bytes_out=6_000)
# 1,500 tokens, each an event of 220 bytes.
STREAMED: Final = UsageOfACall(Decimal(30), bytes_out=334_000)
ROWS_A_RUN: Final = 100  # the batch of infra/constructs/ledger_schedule.py
CORE_MB: Final = 1769  # of memory that come with a whole core (Lambda's guide, "Configure Lambda function memory")
UTILISED: Final = Decimal("0.7")  # of what is provisioned and scales by itself: DynamoDB's units, instances' cores
VOLUME: Final = 1_000_000_000  # calls a month: what "at volume" means, 380 a second
