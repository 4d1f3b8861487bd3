"""Exports of providers: each shape in the ledger's words, exact, and what is not as documented refused by its place."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.ledger.exports.line import CountedClass, LineKind
from atom_llm.domain.ledger.exports.read_export import ExportContent, read_export
from testing.bills import (
    anthropic_cost,
    anthropic_pages,
    anthropic_usage,
    openai_cost,
    openai_pages,
    openai_usage,
    seconds,
)

DAY, NEXT = date(2026, 11, 27), date(2026, 11, 28)
OPENAI_COSTS = (
    "start_time,end_time,start_time_iso,end_time_iso,amount_value,amount_currency,quantity,quantity_unit,line_item,"
    "user_id,api_key_id,project_id,organization_id,project_name,organization_name,user_email,api_source\n"
)


def counts(line: Any) -> dict[str, int]:
    return {str(counted): int(number) for counted, number in line.counts.items() if number}


def test_openais_costs_are_by_model_and_class_and_services_beside_them() -> None:
    results = [
        openai_cost("gpt-5-2025-08-07, input", 0.003, 1200),
        openai_cost("gpt-5-2025-08-07, cached input", "0.000200000000000000000000000000", 800),
        openai_cost("web search tool calls", 0.01),
        openai_cost("evals | gpt-5, input", 0.5, 10),
        openai_cost("Promotional credit", -2),
    ]
    found = read_export("openai", "costs", openai_pages({DAY: results, NEXT: []}))
    assert found.days == {DAY, NEXT}
    assert [(line.kind, line.model, line.amount) for line in found.lines] == [
        (LineKind.USAGE, "gpt-5-2025-08-07", Decimal("0.003")),
        (LineKind.USAGE, "gpt-5-2025-08-07", Decimal("0.0002")),
        (LineKind.SERVICE, None, Decimal("0.01")),
        (LineKind.SERVICE, None, Decimal("0.5")),
        (LineKind.CREDIT, None, Decimal("-2")),
    ]
    assert counts(found.lines[1]) == {"cache_read": 800}


@pytest.mark.parametrize(
    ("item", "model", "counted"),
    [
        ("gpt-5.4-2026-03-05, cached input, long context", "gpt-5.4-2026-03-05", "cache_read"),
        ("gpt-5.6-terra, cache writes", "gpt-5.6-terra", "cache_write"),
        ("priority | gpt-5.4-2026-03-05, output, long context", "gpt-5.4-2026-03-05", "output"),
        ("gpt-image-2-2026-04-21 text, input", "gpt-image-2-2026-04-21", "input"),
        ("gpt-image-1 image, output", "gpt-image-1", "output"),
        ("gpt-audio-mini-2025-12-15 audio, input", "gpt-audio-mini-2025-12-15", "input"),
        ("dall-e 3, standard, 1024x1024", "dall-e 3", None),
        ("whisper", "whisper-1", None),
        ("tts hd", "tts-1-hd", None),
        ("text-embedding-3-small", "text-embedding-3-small", None),
        ("web search tool calls", None, None),
        ("assistants api | file search", None, None),
        ("evals | gpt-5, input", None, None),
    ],
)
def test_openais_line_items_name_a_model_its_medium_its_tiers_and_a_class(
    item: str, model: str | None, counted: str | None
) -> None:
    (line,) = read_export("openai", "costs", openai_pages({DAY: [openai_cost(item, 1, 7)]})).lines
    assert (line.model, counts(line), line.is_batch) == (model, {counted: 7} if counted else {}, False)
    assert line.kind is (LineKind.SERVICE if model is None else LineKind.USAGE)


def test_what_openai_bills_of_its_batch_api_is_told_apart() -> None:
    items = [openai_cost("batch api | gpt-5-2025-08-07, input", 1, 7), openai_cost("batch api | gpt-image-1 image", 1)]
    lines = read_export("openai", "costs", openai_pages({DAY: items})).lines
    assert [(line.model, line.is_batch) for line in lines] == [("gpt-5-2025-08-07", True), ("gpt-image-1", True)]


def test_openais_usage_is_taken_apart_into_classes_that_do_not_overlap() -> None:
    line = openai_usage("gpt-5-2025-08-07", 4, (2400, 300), cached=800) | {
        "input_uncached_tokens": 1200,
        "input_cache_write_tokens": 400,
    }
    (found,) = read_export("openai", "usage", openai_pages({DAY: [line]})).lines
    assert counts(found) == {"input": 1200, "cache_read": 800, "cache_write": 400, "output": 300}
    assert (found.requests, found.is_batch) == (4, False)
    older = {name: value for name, value in line.items() if name != "input_uncached_tokens"}
    assert read_export("openai", "usage", openai_pages({DAY: [older]})).lines[0].counts == found.counts


def test_anthropics_costs_are_cents_and_its_consoles_are_dollars() -> None:
    results = [
        anthropic_cost("123.45", "claude-sonnet-4-5-20250929", "Claude Sonnet 4.5 Usage - Input Tokens"),
        anthropic_cost("2.00", None, "Web Search Usage", cost_type="web_search"),
    ]
    first, second = read_export("anthropic", "costs", anthropic_pages({DAY: results})).lines
    assert (first.amount, second.amount, second.kind) == (Decimal("1.2345"), Decimal("0.02"), LineKind.SERVICE)
    table = (
        "usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd,list_price_usd,cost_type,"
        "inference_geo,speed,api_key_id,api_key_status\n"
        "2026-11-27,Claude Haiku 4.5,Default,demo,message,,input_no_cache,1.2345,1.2345,token,,,apikey_01A,active\n"
    )
    (line,) = read_export("anthropic", "costs", table).lines
    assert (line.amount, line.model, line.key) == (Decimal("1.2345"), "Claude Haiku 4.5", "apikey_01A")


def test_anthropics_usage_counts_every_age_of_written_cache_and_searches() -> None:
    line = anthropic_usage("claude-sonnet-4-5", 1200, 300, service_tier="batch", cache_read_input_tokens=800) | {
        "cache_creation": {"ephemeral_5m_input_tokens": 400, "ephemeral_1h_input_tokens": 100},
        "server_tool_use": {"web_search_requests": 2},
    }
    (found,) = read_export("anthropic", "usage", anthropic_pages({DAY: [line]})).lines
    assert counts(found) == {"input": 1200, "cache_read": 800, "cache_write": 500, "output": 300, "web_searches": 2}
    assert found.is_batch
    assert CountedClass.WEB_SEARCHES in found.counts
    table = (
        "usage_date_utc,model_version,api_key,workspace,usage_type,context_window,usage_input_tokens_no_cache,"
        "usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,"
        "usage_output_tokens,web_search_count,inference_geo,speed\n"
        "2026-11-27,claude-sonnet-4-5,demo,Default,batch,≤ 200k,1200,400,100,800,300,2,not_available,\n"
    )
    (same,) = read_export("anthropic", "usage", table).lines
    assert (same.counts, same.is_batch) == (found.counts, True)


def test_a_console_file_of_openais_reads_as_its_api_and_days_without_cost_are_days() -> None:
    table = (
        OPENAI_COSTS + f"{seconds(DAY)},{seconds(NEXT)},2026-11-27,2026-11-28,,,,,,,,,,,,,\n"
        f"{seconds(NEXT)},{seconds(NEXT) + 86400},,,0.5,usd,1000,tokens,"
        '"gpt-5-nano, input_tokens",,key_1,proj_a,org,A,,mail@example.com,\n'
    )
    found = read_export("openai", "costs", table)
    assert found.days == {DAY, NEXT}
    (line,) = found.lines
    assert (line.model, line.key, line.amount, counts(line)) == ("gpt-5-nano", "key_1", Decimal("0.5"), {"input": 1000})


def test_fields_that_mean_nothing_here_are_named() -> None:
    found = read_export(
        "openai", "usage", openai_pages({DAY: [openai_usage("gpt-5", 1, (1, 1), input_smell_tokens=7)]})
    )
    assert found.unread == {"input_smell_tokens"}


def one_page_of(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    return openai_pages({DAY: [dict(result)]})


@pytest.mark.parametrize(
    ("content", "given", "field"),
    [
        ("costs", one_page_of(openai_cost("gpt-5, input", "a lot")), "results.0.amount_value"),
        (
            "costs",
            one_page_of(openai_cost("gpt-5, input", 1) | {"amount": {"value": 1, "currency": "eur"}}),
            "currency",
        ),
        ("costs", one_page_of(openai_cost("", 1)), "line_item"),
        ("costs", one_page_of(openai_cost("gpt-5, input", float(10**12))), "amount_value"),
        ("costs", [{"data": [{"start_time": 0, "end_time": 1, "results": []}], "has_more": False}], "start_time"),
        ("usage", one_page_of(openai_usage("gpt-5", -1, (1, 1))), "num_model_requests"),
        ("usage", one_page_of(openai_usage("gpt-5", 1, (1, 1)) | {"output_tokens": 1.5}), "output_tokens"),
        ("usage", one_page_of(openai_usage("gpt-5", 1, (1, 1)) | {"batch": "perhaps"}), "batch"),
        ("usage", one_page_of({"model": None}), "model"),
        ("usage", [{"data": "none", "has_more": False}], "usage.pages.0.data"),
        ("usage", [*openai_pages({DAY: []}), *openai_pages({NEXT: []})], "usage.pages.0.has_more"),
        ("usage", [{**openai_pages({DAY: []})[0], "has_more": True}, *openai_pages({DAY: []})], "pages.1.data.0"),
        ("usage", "start_time,end_time\n", "usage.csv.line_1"),
        ("costs", OPENAI_COSTS + "1,2\n", "costs.csv.line_2"),
        ("costs", f"{OPENAI_COSTS}1,2,,,1,usd,,,a,,,,,,,,\n", "costs.csv.line_2.start_time"),
        ("costs", OPENAI_COSTS + 2 * f"{seconds(DAY)},{seconds(NEXT)},,,1,usd,,,a,,,,,,,,\n", "costs.csv.line_3"),
    ],
)
def test_what_is_not_as_documented_is_refused_with_its_place(content: ExportContent, given: Any, field: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read_export("openai", content, given)
    assert field in refused.value.field


def test_a_bucket_of_more_than_a_day_is_refused() -> None:
    week = [
        {"data": [{"start_time": seconds(DAY), "end_time": seconds(DAY) + 7 * 86400, "results": []}], "has_more": 0}
    ]
    week[0]["has_more"] = False
    with pytest.raises(InvalidRequest, match="buckets of 1d"):
        read_export("openai", "costs", week)
