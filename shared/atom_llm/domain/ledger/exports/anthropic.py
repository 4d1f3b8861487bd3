"""Anthropic's exports: `cost_report` and `usage_report/messages`, as their pages and as CSV files of the console.

Shapes: the Admin API's reference, and the columns of the console's exports. The API's amounts are cents, the console's
dollars.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from atom_llm.domain.core.money import EXACT
from atom_llm.domain.ledger.exports.fields import (
    Fields,
    amount,
    count,
    day,
    day_of_instants,
    in_usd,
    mapping,
    refuse,
    rows_of_pages,
    rows_of_table,
    text,
)
from atom_llm.domain.ledger.exports.line import CountedClass, ExportedLine, LineKind, LinesByDay, kind_without_model

_CENTS: Final = Decimal("0.01")
BATCH: Final = "batch"

_COST_DIMENSIONS: Final = frozenset(
    {"currency", "cost_type", "token_type", "service_tier", "context_window", "workspace_id", "inference_geo", "speed"}
    | {"workspace", "usage_type", "list_price_usd", "api_key", "api_key_id", "api_key_status", "usage_date_utc"}
)
COST_FIELDS: Final = _COST_DIMENSIONS | {"amount", "cost_usd", "description", "model"}
USAGE_FIELDS: Final = frozenset(
    {"uncached_input_tokens", "cache_creation", "cache_read_input_tokens", "output_tokens", "server_tool_use"}
    | {"api_key_id", "workspace_id", "model", "service_tier", "context_window", "inference_geo", "speed"}
    | {"account_id", "service_account_id"}
)
USAGE_COLUMNS: Final = frozenset(
    {"usage_date_utc", "model_version", "api_key", "api_key_id", "workspace", "usage_type", "context_window"}
    | {"usage_input_tokens_no_cache", "usage_input_tokens_cache_write_5m", "usage_input_tokens_cache_write_1h"}
    | {"usage_input_tokens_cache_read", "usage_output_tokens", "web_search_count", "inference_geo", "speed"}
    | {"api_key_status"}
)
_NEEDED_OF_COSTS: Final = frozenset({"usage_date_utc", "model", "cost_usd", "token_type"})
_NEEDED_OF_USAGE: Final = frozenset(
    {"usage_date_utc", "model_version", "usage_input_tokens_no_cache", "usage_output_tokens"}
)


def costs_of_pages(pages: Sequence[Any], place: str) -> LinesByDay:
    """Read pages of the cost report, grouped by description."""
    for where, when, line in _results(pages, place):
        if line is None:
            yield when, None, frozenset()
            continue
        in_usd(line, where, "currency")
        billed = EXACT.multiply(amount(line, where, "amount"), _CENTS)
        model, wording = text(line, where, "model"), text(line, where, "description")
        kind_word = text(line, where, "cost_type")
        if model is None and wording is None and kind_word is None:
            refuse(where, "description", "is empty: group the report by description")
        described = wording or kind_word or str(model)
        yield when, _cost(line, where, when, model, described, billed), frozenset(line.keys() - COST_FIELDS)


def costs_of_table(content: str, place: str) -> LinesByDay:
    """Read the CSV file of the console's costs."""
    for where, line in rows_of_table(content, place, _NEEDED_OF_COSTS):
        when, billed, model = day(line, where, "usage_date_utc"), amount(line, where, "cost_usd"), line["model"]
        words = (text(line, where, name) for name in ("model", "token_type", "cost_type"))
        described = ", ".join(word for word in words if word)
        if not described:
            refuse(where, "model", "is empty, and so are token_type and cost_type")
        yield (
            when,
            _cost(line, where, when, model.strip() or None, described, billed),
            frozenset(line.keys() - COST_FIELDS),
        )


def usage_of_pages(pages: Sequence[Any], place: str) -> LinesByDay:
    """Read pages of the usage report of messages, grouped by model."""
    for where, when, line in _results(pages, place):
        if line is None:
            yield when, None, frozenset()
            continue
        written = mapping(line.get("cache_creation") or {}, f"{where}.cache_creation")
        tools = mapping(line.get("server_tool_use") or {}, f"{where}.server_tool_use")
        counts = {
            CountedClass.INPUT: count(line, where, "uncached_input_tokens"),
            CountedClass.CACHE_READ: count(line, where, "cache_read_input_tokens"),
            CountedClass.CACHE_WRITE: sum(count(written, f"{where}.cache_creation", name) for name in sorted(written)),
            CountedClass.OUTPUT: count(line, where, "output_tokens"),
            CountedClass.WEB_SEARCHES: count(tools, f"{where}.server_tool_use", "web_search_requests"),
        }
        is_batch = text(line, where, "service_tier") == BATCH
        unread = (line.keys() - USAGE_FIELDS) | (tools.keys() - {"web_search_requests"})
        yield when, _usage(line, where, when, "model", counts, is_batch), frozenset(unread)


def usage_of_table(content: str, place: str) -> LinesByDay:
    """Read the CSV file of the console's tokens."""
    for where, line in rows_of_table(content, place, _NEEDED_OF_USAGE):
        when = day(line, where, "usage_date_utc")
        written = (count(line, where, f"usage_input_tokens_cache_write_{age}") for age in ("5m", "1h"))
        counts = {
            CountedClass.INPUT: count(line, where, "usage_input_tokens_no_cache"),
            CountedClass.CACHE_READ: count(line, where, "usage_input_tokens_cache_read"),
            CountedClass.CACHE_WRITE: sum(written),
            CountedClass.OUTPUT: count(line, where, "usage_output_tokens"),
            CountedClass.WEB_SEARCHES: count(line, where, "web_search_count"),
        }
        is_batch = text(line, where, "usage_type") == BATCH
        yield (
            when,
            _usage(line, where, when, "model_version", counts, is_batch),
            frozenset(line.keys() - USAGE_COLUMNS),
        )


def _results(pages: Sequence[Any], place: str) -> Iterator[tuple[str, date, Fields | None]]:
    for spot, bucket, results in rows_of_pages(pages, place):
        when = day_of_instants(bucket, spot, "starting_at", "ending_at")
        if not results:
            yield spot, when, None
        for index, result in enumerate(results):
            where = f"{spot}.results.{index}"
            yield where, when, mapping(result, where)


def _cost(line: Fields, place: str, when: date, model: str | None, described: str, billed: Decimal) -> ExportedLine:
    key = text(line, place, "api_key_id") or text(line, place, "api_key")
    if model is None:
        return ExportedLine(place, when, kind_without_model(described, billed), described, key=key, amount=billed)
    is_batch = BATCH in (text(line, place, "service_tier"), text(line, place, "usage_type"))
    kind = LineKind.CREDIT if billed < 0 else LineKind.USAGE
    return ExportedLine(place, when, kind, described, model, key, billed, is_batch=is_batch)


def _usage(
    line: Fields, place: str, when: date, name: str, counts: Mapping[CountedClass, int], is_batch: bool
) -> ExportedLine:
    model = text(line, place, name)
    if model is None:
        refuse(place, name, "is empty: group the report by model")
    key = text(line, place, "api_key_id") or text(line, place, "api_key")
    exact = {counted: Decimal(number) for counted, number in counts.items()}
    return ExportedLine(place, when, LineKind.USAGE, model, model, key, counts=exact, is_batch=is_batch)
