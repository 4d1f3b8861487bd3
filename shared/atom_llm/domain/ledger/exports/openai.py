"""OpenAI's exports: `/organization/costs` and `/organization/usage/completions`, as their pages and as CSV files.

Shapes: `types/admin/organization` of OpenAI's own Python SDK 3.57, and the columns of its console's exports, which are
called as the fields of the API are.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from atom_llm.domain.ledger.exports.fields import (
    Fields,
    amount,
    count,
    day_of_seconds,
    flag,
    in_usd,
    mapping,
    quantity,
    refuse,
    rows_of_pages,
    rows_of_table,
    text,
)
from atom_llm.domain.ledger.exports.line import CountedClass, ExportedLine, LineKind, LinesByDay, kind_without_model
from atom_llm.domain.ledger.exports.openai_line_items import line_item

_TOKENS_OF: Final = {"tokens": Decimal(1), "1000_tokens": Decimal(1000)}
_COST_COLUMNS: Final = frozenset({"start_time", "end_time", "amount_value", "amount_currency", "line_item"})
_USAGE_COLUMNS: Final = frozenset({"start_time", "end_time", "model", "num_model_requests", "input_tokens"})

DIMENSIONS: Final = frozenset(  # which say of whom a line is, and are not asked
    {"object", "project_id", "user_id", "api_source", "service_tier", "start_time", "end_time", "start_time_iso"}
    | {"end_time_iso", "project_name", "organization_id", "organization_name", "user_email"}
)
COST_FIELDS: Final = DIMENSIONS | {"amount", "amount_value", "amount_currency", "line_item", "api_key_id"}
USAGE_FIELDS: Final = DIMENSIONS | {
    *("model", "api_key_id", "batch", "num_model_requests", "input_tokens", "output_tokens"),
    *("input_uncached_tokens", "input_cached_tokens", "input_cache_write_tokens"),
    # by medium, and part of the counts above
    *("input_text_tokens", "output_text_tokens", "input_cached_text_tokens", "input_audio_tokens"),
    *("input_cached_audio_tokens", "output_audio_tokens", "input_image_tokens", "input_cached_image_tokens"),
    "output_image_tokens",
}
COST_FIELDS_READ: Final = COST_FIELDS | {"quantity", "quantity_unit"}


def costs_of_pages(pages: Sequence[Any], place: str) -> LinesByDay:
    """Read pages of the costs API, grouped by line item."""
    for spot, bucket, results in rows_of_pages(pages, place):
        day = day_of_seconds(bucket, spot, "start_time", "end_time")
        if not results:
            yield day, None, frozenset()
        for index, result in enumerate(results):
            where = f"{spot}.results.{index}"
            line = mapping(result, where)
            money = mapping(line.get("amount"), f"{where}.amount")
            flat = {**line, "amount_value": money.get("value"), "amount_currency": money.get("currency")}
            yield day, _cost(flat, where, day), frozenset(line.keys() - COST_FIELDS_READ)


def costs_of_table(content: str, place: str) -> LinesByDay:
    """Read the CSV file of the console's costs."""
    for where, line in rows_of_table(content, place, _COST_COLUMNS):
        day = day_of_seconds(line, where, "start_time", "end_time")
        if not line["amount_value"] and not line["line_item"]:
            yield day, None, frozenset()  # a day on which nothing was billed
        else:
            yield day, _cost(line, where, day), frozenset(line.keys() - COST_FIELDS_READ)


def usage_of_pages(pages: Sequence[Any], place: str) -> LinesByDay:
    """Read pages of the usage API of completions, grouped by model."""
    for spot, bucket, results in rows_of_pages(pages, place):
        day = day_of_seconds(bucket, spot, "start_time", "end_time")
        if not results:
            yield day, None, frozenset()
        for index, result in enumerate(results):
            where = f"{spot}.results.{index}"
            line = mapping(result, where)
            yield day, _usage(line, where, day), frozenset(line.keys() - USAGE_FIELDS)


def usage_of_table(content: str, place: str) -> LinesByDay:
    """Read the CSV file of the console's usage of completions."""
    for where, line in rows_of_table(content, place, _USAGE_COLUMNS):
        day = day_of_seconds(line, where, "start_time", "end_time")
        if not line["model"] and not line["num_model_requests"]:
            yield day, None, frozenset()  # a day on which nothing was asked
        else:
            yield day, _usage(line, where, day), frozenset(line.keys() - USAGE_FIELDS)


def _cost(line: Fields, place: str, day: date) -> ExportedLine:
    in_usd(line, place, "amount_currency")
    billed, item = amount(line, place, "amount_value"), text(line, place, "line_item")
    if item is None:
        refuse(place, "line_item", "is empty: group the costs by line_item")
    key, tokens = text(line, place, "api_key_id"), quantity(line, place, "quantity")
    factor = _TOKENS_OF.get(text(line, place, "quantity_unit") or "")
    found = line_item(item)
    if found.model is None:
        return ExportedLine(place, day, kind_without_model(item, billed), item, key=key, amount=billed)
    counted = found.counted
    counts = {} if counted is None or tokens is None or factor is None else {counted: tokens * factor}
    kind = LineKind.CREDIT if billed < 0 else LineKind.USAGE
    return ExportedLine(place, day, kind, item, found.model, key, billed, counts, is_batch=found.is_batch)


def _usage(line: Fields, place: str, day: date) -> ExportedLine:
    model = text(line, place, "model")
    if model is None:
        refuse(place, "model", "is empty: group the usage by model")
    whole, cached = count(line, place, "input_tokens"), count(line, place, "input_cached_tokens")
    written = count(line, place, "input_cache_write_tokens")
    if line.get("input_uncached_tokens") in (None, ""):
        if cached + written > whole:
            refuse(place, "input_cached_tokens", "is more than input_tokens, which includes it")
        plain = whole - cached - written
    else:
        plain = count(line, place, "input_uncached_tokens")
    counts = {
        CountedClass.INPUT: Decimal(plain),
        CountedClass.CACHE_READ: Decimal(cached),
        CountedClass.CACHE_WRITE: Decimal(written),
        CountedClass.OUTPUT: Decimal(count(line, place, "output_tokens")),
    }
    return ExportedLine(
        place,
        day,
        LineKind.USAGE,
        model,
        model,
        text(line, place, "api_key_id"),
        counts=counts,
        requests=count(line, place, "num_model_requests"),
        is_batch=flag(line, place, "batch"),
    )
