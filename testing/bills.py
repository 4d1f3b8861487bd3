"""Bills of providers as their APIs and consoles export them, made for tests from what was used."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

Page = dict[str, Any]


def seconds(day: date) -> int:
    """Return the first instant (UTC) of a day in seconds since 1970."""
    return int(datetime.combine(day, time(), UTC).timestamp())


def openai_cost(item: str, usd: float | str, quantity: float | None = None, **more: Any) -> dict[str, Any]:
    """Return a result of OpenAI's costs API, grouped by line item."""
    return {
        "object": "organization.costs.result",
        "amount": {"value": usd, "currency": "usd"},
        "line_item": item,
        "project_id": None,
        "user_id": None,
        "api_key_id": None,
        "quantity": quantity,
        "quantity_unit": None if quantity is None else "tokens",
        "api_source": None,
    } | more


def openai_usage(model: str, requests: int, tokens: tuple[int, int], cached: int = 0, **more: Any) -> dict[str, Any]:
    """Return a result of OpenAI's usage of completions, by model; `tokens` are input, `cached` included, and output."""
    whole, output = tokens
    return {
        "object": "organization.usage.completions.result",
        "input_tokens": whole,
        "input_uncached_tokens": whole - cached,
        "input_cached_tokens": cached,
        "input_cache_write_tokens": 0,
        "output_tokens": output,
        "num_model_requests": requests,
        "project_id": None,
        "user_id": None,
        "api_key_id": None,
        "model": model,
        "batch": False,
        "service_tier": None,
    } | more


def openai_pages(days: Mapping[date, Sequence[dict[str, Any]]]) -> list[Page]:
    """Return results by day as one page of OpenAI's."""
    buckets = [
        {
            "object": "bucket",
            "start_time": seconds(day),
            "end_time": seconds(day + timedelta(days=1)),
            "results": list(results),
        }
        for day, results in days.items()
    ]
    return [{"object": "page", "data": buckets, "has_more": False, "next_page": None}]


def anthropic_cost(cents: str, model: str | None, description: str, **more: Any) -> dict[str, Any]:
    """Return a result of Anthropic's cost report, grouped by description."""
    return {
        "amount": cents,
        "currency": "USD",
        "cost_type": "tokens",
        "token_type": None,
        "model": model,
        "service_tier": "standard",
        "context_window": "0-200k",
        "description": description,
        "workspace_id": None,
        "inference_geo": None,
    } | more


def anthropic_usage(model: str, uncached: int, output: int, **more: Any) -> dict[str, Any]:
    """Return a result of Anthropic's usage report of messages, grouped by model."""
    return {
        "uncached_input_tokens": uncached,
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
        "cache_read_input_tokens": 0,
        "output_tokens": output,
        "server_tool_use": {"web_search_requests": 0},
        "api_key_id": None,
        "workspace_id": None,
        "model": model,
        "service_tier": "standard",
        "context_window": "0-200k",
        "inference_geo": "not_available",
    } | more


def anthropic_pages(days: Mapping[date, Sequence[dict[str, Any]]]) -> list[Page]:
    """Return results by day as one page of Anthropic's."""
    buckets = [
        {
            "starting_at": f"{day}T00:00:00Z",
            "ending_at": f"{day + timedelta(days=1)}T00:00:00Z",
            "results": list(results),
        }
        for day, results in days.items()
    ]
    return [{"data": buckets, "has_more": False, "next_page": None}]
