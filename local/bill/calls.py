"""What calls of `chat` cost by service, and what a tenant costs."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from local.bill.idle import GB, BillLine
from local.bill.list_prices import ListPrices
from local.bill.synthesised import HOURS_A_MONTH, Template, function_with, memory_gb, properties_of
from local.bill.usage import READS_AN_HOUR, SEALED_BYTES, UsageOfACall

CALLS: Final = 1_000_000
DEFAULT_SHARE: Final = Decimal("0.05")  # of X-Ray's own rule, the first request of each second aside


def call_lines(templates: Sequence[Template], used: UsageOfACall, prices: ListPrices) -> list[BillLine]:
    """Return what a million calls cost in a month, by service, the dearest first."""
    chat, ledger = function_with(templates, "functions.chat"), function_with(templates, "byok.ledger")
    gb_seconds = memory_gb(chat) * used.seconds
    of_ledger = memory_gb(ledger) * used.ledger_seconds * used.ledger_runs
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
    of_vault, reading = _reads_of_secrets(templates, used.secret_reads, prices)
    a_call = {
        f"Lambda, chat at {chat['MemorySize']} MB": _lambda(chat, gb_seconds, prices),
        "Lambda, the ledger": _lambda(ledger, of_ledger, prices),
        "API Gateway": prices.of("api_request"),
        "DynamoDB, writes": prices.of("dynamodb_write_unit", used.writes),
        "DynamoDB, reads": prices.of("dynamodb_read_unit", used.reads),
        "DynamoDB, rows of a month": prices.of("dynamodb_gb_month", used.stored_bytes / GB)
        + (prices.of("dynamodb_backup_gb_month", used.stored_bytes / GB) if backed_up else 0),
        "CloudWatch, logs": prices.of("log_gb", used.log_bytes / GB),
        "data out": prices.of("data_out_gb", used.bytes_out / GB),
        of_vault: reading,
        "X-Ray": prices.of("trace", share),
        "web ACL": prices.of("web_acl_request") if has_web_acl else Decimal(0),
    }
    lines = [BillLine(what, "", usd * CALLS) for what, usd in a_call.items()]
    stages = properties_of(templates, "AWS::ApiGateway::Stage").values()
    by_method = any(each.get("MetricsEnabled") for stage in stages for each in stage.get("MethodSettings", []))
    series = used.series + (used.method_series if by_method else 0)
    lines.append(BillLine("CloudWatch, metrics", f"{series} series", prices.of("custom_metric", series)))
    return sorted((line for line in lines if line.usd), key=lambda line: (-line.usd, line.what))


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


def _lambda(function: Mapping[str, Any], gb_seconds: Decimal, prices: ListPrices) -> Decimal:
    (architecture,) = function["Architectures"]
    return prices.of("lambda_request") + prices.of(f"lambda_{architecture}_gb_second", gb_seconds)
