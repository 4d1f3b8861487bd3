"""What calls of `chat` cost by service, and what a tenant costs."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from local.bill.idle import GB, BillLine, core_second_price
from local.bill.list_prices import ListPrices
from local.bill.synthesised import HOURS_A_MONTH, Template, function_with, memory_gb, properties_of
from local.bill.usage import CORE_MB, READS_AN_HOUR, ROWS_A_RUN, SEALED_BYTES, UTILISED, UsageOfACall

CALLS: Final = 1_000_000
TABLE: Final = "AWS::DynamoDB::Table"
API_TIERS: Final = (("api_request", 333_000_000), ("api_request_2", 667_000_000), ("api_request_3", None))
DEFAULT_SHARE: Final = Decimal("0.05")  # of X-Ray's own rule, the first request of each second aside


def call_lines(
    templates: Sequence[Template], used: UsageOfACall, prices: ListPrices, calls: int = CALLS
) -> list[BillLine]:
    """Return what a million calls cost by service, the dearest first, in a month that has `calls` of them."""
    chat, ledger = function_with(templates, "functions.chat"), function_with(templates, "byok.ledger")
    runs = 1 / rows_a_run(templates, calls)
    of_ledger = memory_gb(ledger) * (used.ledger_seconds * runs + used.ledger_seconds_a_row)
    shares = [
        Decimal(str(rule["SamplingRule"]["FixedRate"]))
        for rule in properties_of(templates, "AWS::XRay::SamplingRule").values()
    ]
    share = max(shares, default=DEFAULT_SHARE)
    has_web_acl = bool(properties_of(templates, "AWS::WAFv2::WebACL"))
    tables = properties_of(templates, "AWS::DynamoDB::Table").values()
    backed_up = any(
        table.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled") for table in tables
    )
    log_bytes = used.log_bytes + used.platform_log_bytes * (1 + runs) + used.ledger_log_bytes * runs
    of_vault, reading = _reads_of_secrets(templates, used.secret_reads, prices)
    write, read = unit_prices(templates, prices)
    a_call = {
        **chat_costs(chat, used, prices),
        "Lambda, the ledger": prices.of("lambda_request", runs) + _gb_seconds(ledger, of_ledger, prices),
        "API Gateway": api_price(calls, prices),
        "DynamoDB, writes": write * (used.writes + used.writes_of_a_run * runs),
        "DynamoDB, reads": read * used.reads,
        "DynamoDB, rows of a month": prices.of("dynamodb_gb_month", used.stored_bytes / GB)
        + (prices.of("dynamodb_backup_gb_month", used.stored_bytes / GB) if backed_up else 0),
        "CloudWatch, logs": prices.of("log_gb", log_bytes / GB),
        "data out": prices.of("data_out_gb", used.bytes_out / GB),
        of_vault: reading,
        "X-Ray": prices.of("trace", share),
        "web ACL": prices.of("web_acl_request") if has_web_acl else Decimal(0),
    }
    if is_on_instances(chat):
        a_call["NAT gateway, data"] = prices.of("nat_gb", 2 * used.bytes_out / GB)
    lines = [BillLine(what, "", usd * CALLS) for what, usd in a_call.items()]
    stages = properties_of(templates, "AWS::ApiGateway::Stage").values()
    by_method = any(each.get("MetricsEnabled") for stage in stages for each in stage.get("MethodSettings", []))
    series = used.series + (used.method_series if by_method else 0)
    metrics = prices.of("custom_metric", series) * CALLS / calls
    lines.append(BillLine("CloudWatch, metrics", f"{series} series", metrics))
    return sorted((line for line in lines if line.usd), key=lambda line: (-line.usd, line.what))


def rows_a_run(templates: Sequence[Template], calls: int) -> Decimal:
    """Return how many rows share a run of the ledger, where a month's calls come evenly."""
    (mapping,) = properties_of(templates, "AWS::Lambda::EventSourceMapping").values()
    in_a_window = Decimal(mapping["MaximumBatchingWindowInSeconds"]) * calls / (HOURS_A_MONTH * 3600)
    return min(max(in_a_window, Decimal(1)), Decimal(ROWS_A_RUN))


def chat_costs(chat: Mapping[str, Any], used: UsageOfACall, prices: ListPrices) -> Mapping[str, Decimal]:
    """Return what a call's time in `chat` costs: memory while it waits, or its part of an instance."""
    if is_on_instances(chat):
        return {"Lambda, requests": prices.of("lambda_request"), "instances": _of_instances(chat, used, prices)}
    seconds = used.waits + used.cpu_seconds * CORE_MB / Decimal(chat["MemorySize"])
    usd = prices.of("lambda_request") + _gb_seconds(chat, memory_gb(chat) * seconds, prices)
    return {f"Lambda, chat at {chat['MemorySize']} MB": usd}


def is_on_instances(function: Mapping[str, Any]) -> bool:
    """Return whether a function runs on instances."""
    return "CapacityProviderConfig" in function


def unit_prices(templates: Sequence[Template], prices: ListPrices) -> tuple[Decimal, Decimal]:
    """Return what a write and a read unit of the usage table cost, on demand or of a provisioned capacity in use."""
    provisioned = any("ProvisionedThroughput" in table for table in properties_of(templates, TABLE).values())
    if not provisioned:
        return prices.of("dynamodb_write_unit"), prices.of("dynamodb_read_unit")
    hours = 1 / (3600 * UTILISED)
    return prices.of("dynamodb_write_capacity", hours), prices.of("dynamodb_read_capacity", hours)


def api_price(calls: int, prices: ListPrices) -> Decimal:
    """Return what a request costs on average, where a month has so many: each tier of the list has its price."""
    left, usd = Decimal(calls), Decimal(0)
    for tier, most in API_TIERS:
        part = left if most is None else min(left, Decimal(most))
        usd, left = usd + prices.of(tier, part), left - part
    return usd / calls


def _of_instances(chat: Mapping[str, Any], used: UsageOfACall, prices: ListPrices) -> Decimal:
    """Return a call's part of the instances, where they are as full as their places or their cores let them be."""
    settings = chat["CapacityProviderConfig"]["LambdaManagedInstancesCapacityProviderConfig"]
    places = Decimal(settings["PerExecutionEnvironmentMaxConcurrency"])
    core_seconds = max((used.waits + used.cpu_seconds) / places, used.cpu_seconds) / UTILISED
    return core_second_price(prices) * core_seconds


def tenant_lines(templates: Sequence[Template], prices: ListPrices) -> list[BillLine]:
    """Return what a tenant costs a month that stores provider keys, and whose calls keep one process busy throughout.

    Its other items are kilobytes.
    """
    reads, hours = HOURS_A_MONTH * READS_AN_HOUR, HOURS_A_MONTH
    if _has_envelopes(templates):
        return [
            BillLine("data key opened", f"{hours:,.0f} times", prices.of("kms_request", hours)),
            BillLine("keys read", f"{reads:,.0f} times", prices.of("dynamodb_read_unit", reads)),
            BillLine("sealed keys", f"{SEALED_BYTES:,} bytes", prices.of("dynamodb_gb_month", SEALED_BYTES / GB)),
        ]
    return [
        BillLine("secret", "1", prices.of("secret")),
        BillLine("secret read", f"{reads:,.0f} times", prices.of("secret_read", reads)),
    ]


def _has_envelopes(templates: Sequence[Template]) -> bool:
    variables = function_with(templates, "functions.chat")["Environment"]["Variables"]
    return bool(variables.get("ATOM_TENANT_VAULT") == "envelope")


def _reads_of_secrets(templates: Sequence[Template], reads: Decimal, prices: ListPrices) -> tuple[str, Decimal]:
    """Return the vault and what a call's share of reading its tenant's keys costs."""
    if _has_envelopes(templates):
        opened = reads / READS_AN_HOUR  # a data key is opened once an hour
        return "vault", prices.of("dynamodb_read_unit", reads) + prices.of("kms_request", opened)
    return "Secrets Manager", prices.of("secret_read", reads)


def total(lines: Sequence[BillLine]) -> Decimal:
    """Return the sum of lines, in USD."""
    return sum((line.usd for line in lines), Decimal(0))


def _gb_seconds(function: Mapping[str, Any], gb_seconds: Decimal, prices: ListPrices) -> Decimal:
    (architecture,) = function["Architectures"]
    return prices.of(f"lambda_{architecture}_gb_second", gb_seconds)
