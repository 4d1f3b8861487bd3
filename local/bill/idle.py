"""What a deployment costs a month when nobody calls it: what stands, and what runs by schedule."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from local.bill.list_prices import ListPrices
from local.bill.synthesised import HOURS_A_MONTH, ScheduledRun, Template, memory_gb, properties_of, scheduled_runs
from local.bill.usage import ANY, IDLE_RUNS

GB: Final = Decimal(10**9)
WEB_ACL: Final = "web ACL"
CORES_OF_LARGE: Final = 2  # a c8g.large has two


@dataclass(frozen=True, slots=True)
class BillLine:
    """A line of a bill: the service's resource, how many or how much, and USD."""

    what: str
    quantity: str
    usd: Decimal


def idle_lines(templates: Sequence[Template], prices: ListPrices) -> list[BillLine]:
    """Return the lines of an idle month, the dearest first; raises `LookupError` for a run that nobody has measured."""
    lines = [*_standing(templates, prices), *(_run(run, prices) for run in scheduled_runs(templates))]
    return sorted((line for line in lines if line.usd), key=lambda line: (-line.usd, line.what))


def _standing(templates: Sequence[Template], prices: ListPrices) -> Iterator[BillLine]:
    for what, kind, price in (
        ("KMS key", "AWS::KMS::Key", "kms_key"),
        ("secret", "AWS::SecretsManager::Secret", "secret"),
        ("dashboard", "AWS::CloudWatch::Dashboard", "dashboard"),
    ):
        count = len(properties_of(templates, kind))
        yield BillLine(what, str(count), prices.of(price, count))
    watched = sum(_metrics(alarm) for alarm in properties_of(templates, "AWS::CloudWatch::Alarm").values())
    yield BillLine("alarms", f"{watched} metrics", prices.of("alarm_metric", watched))
    yield _snapshots(templates, prices)
    yield from _instances(templates, prices)
    acls = properties_of(templates, "AWS::WAFv2::WebACL").values()
    rules = sum(len(acl["Rules"]) for acl in acls)
    usd = prices.of("web_acl", len(acls)) + prices.of("web_acl_rule", rules)
    yield BillLine(WEB_ACL, f"{len(acls)} with {rules} rules", usd)


def _metrics(alarm: dict[str, object]) -> int:
    """Return how many metrics an alarm looks at: those of its expression, or its one."""
    asked = alarm.get("Metrics")
    return sum("MetricStat" in each for each in asked) if isinstance(asked, list) else 1


def _snapshots(templates: Sequence[Template], prices: ListPrices) -> BillLine:
    kept = [
        memory_gb(function)
        for function in properties_of(templates, "AWS::Lambda::Function").values()
        if function.get("SnapStart", {}).get("ApplyOn") == "PublishedVersions"
    ]
    usd = prices.of("snapshot_gb_second", sum(kept, Decimal(0)) * HOURS_A_MONTH * 3600)
    return BillLine("snapshots", f"{len(kept)} of {sum(kept, Decimal(0)).normalize()} GB", usd)


def _instances(templates: Sequence[Template], prices: ListPrices) -> Iterator[BillLine]:
    """Return what stands of instances: a core for each environment that does, and the gateways that lead out."""
    environments = sum(
        int(version.get("FunctionScalingConfig", {}).get("MinExecutionEnvironments", 0))
        for version in properties_of(templates, "AWS::Lambda::Version").values()
    )
    cores = core_second_price(prices) * HOURS_A_MONTH * 3600 * environments
    yield BillLine("instances", f"{environments} environments", cores)
    gateways = len(properties_of(templates, "AWS::EC2::NatGateway"))
    yield BillLine("NAT gateway", str(gateways), prices.of("nat_gateway_hour", HOURS_A_MONTH * gateways))


def core_second_price(prices: ListPrices) -> Decimal:
    """Return what a second of an instance's core costs, with Lambda's fee for managing it."""
    fee = 1 + prices.of("managed_instance_fee")
    return prices.of("c8g_large_hour") * fee / CORES_OF_LARGE / 3600


def _run(run: ScheduledRun, prices: ListPrices) -> BillLine:
    used = IDLE_RUNS.get((run.function, run.trigger)) or IDLE_RUNS.get((ANY, run.trigger))
    if used is None:
        raise LookupError(f"local/bill/usage.py does not say what {run.function} uses when {run.trigger!r} runs it")
    each = (
        prices.of("lambda_request")
        + prices.of(f"lambda_{run.architecture}_gb_second", run.memory_gb * used.seconds)
        + prices.of("dynamodb_read_unit", used.reads)
        + prices.of("dynamodb_write_unit", used.writes)
        + prices.of("log_gb", used.log_bytes / GB)
        + prices.of("kms_request", used.key_requests)
        + (prices.of("trace") if run.is_traced else 0)
    )
    # A series is charged for the hours in which it is written.
    hours = min(run.runs, HOURS_A_MONTH / 24 if used.writes_series_daily else HOURS_A_MONTH)
    series = prices.of("custom_metric", used.series * hours / HOURS_A_MONTH)
    return BillLine(f"{run.function} by {run.trigger}", f"{run.runs:,.0f} runs", each * run.runs + series)
