"""A tour of every operation, in an order in which each finds what it needs: the examples of the reference."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from time import sleep
from typing import Any, Final, Protocol

HELLO = [{"role": "user", "content": "Say hello in one word."}]
SHORT = {"limit": 2}
LOOK_S: Final = 5  # between two looks at a file that is being written
SILENCE = b"RIFF$\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0@\x1f\0\0\x80>\0\0\2\0\x10\0data\0\0\0\0"


class Ask(Protocol):
    """Asks for an operation by its id, and returns the answer's body."""

    def __call__(
        self,
        operation: str,
        body: Any = None,
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        files: Mapping[str, Any] | None = None,
    ) -> Any:
        """Send it with these path and query parameters and this body, or this form."""
        ...


def tour(ask: Ask, now: datetime) -> None:
    """Ask for every operation once, of a service with stand-ins of the providers; `now` is the present instant."""
    _keys_and_tenants(ask)
    _calls(ask)
    _usage(ask, now)
    _budgets_and_prices(ask)
    _catalogue(ask)
    _tiers(ask)
    for group in ("chat", "byok", "pricing", "registry", "tiers"):
        ask(f"{group}_health")


def _keys_and_tenants(ask: Ask) -> None:
    ask("byok_providers")
    stored = ask(
        "byok_store_key", {"provider": "mistral", "api_key": "sk-example-of-the-reference-1", "label": "For the tour"}
    )["data"]
    key = {"key_id": stored["id"]}
    ask("byok_keys", query=SHORT)
    ask("byok_key", path=key)
    ask("byok_change_key", {"label": "Production"}, path=key)
    ask("byok_test_key", path=key)
    ask("byok_rotate_key", {"api_key": "sk-example-of-the-reference-2"}, path=key)
    ask("byok_delete_key", path=key)
    tenant = ask("byok_make_tenant", {"name": "Acme", "time_zone": "Europe/Berlin"})["data"]
    named = {"tenant_id": tenant["id"]}
    ask("byok_tenants", query=SHORT)
    ask("byok_tenant", path=named)
    ask("byok_change_tenant", {"name": "Acme Ltd"}, path=named)
    issued = ask("byok_issue_service_key", {"scopes": ["chat"], "label": "Support bot", "tenant": tenant["id"]})["data"]
    of_tenant = {"tenant": tenant["id"]}
    ask("byok_service_keys", query={**SHORT, **of_tenant})
    service_key = {"key_id": issued["id"]}
    ask("byok_change_service_key", {"own_names": {"claude-sonnet-4-5": "auto"}}, path=service_key, query=of_tenant)
    ask("byok_revoke_service_key", path=service_key, query=of_tenant)
    _team_and_issuers(ask, tenant["id"])
    ask("byok_caller")
    ask("byok_audit_log", query=SHORT)
    ask("byok_delete_tenant", path=named)


def _team_and_issuers(ask: Ask, tenant: str) -> None:
    team, of_tenant = {"team_id": "research"}, {"tenant": tenant}
    ask("byok_set_team", {"name": "Research", "people": ["ada@example.com"]}, path=team, query=of_tenant)
    ask("byok_teams", query=of_tenant)
    listed = {"scope": "team:research", "models": ["openai/*", "claude-haiku-*", "tier/micro"]}
    ask("byok_set_allow_list", listed, query=of_tenant)
    ask("byok_allow_lists", query=of_tenant)
    declared = {"teams": {"research": {"name": "Research"}}, "budgets": [{"window": "month", "limit_usd": "500"}]}
    ask("byok_declare", {"tenants": {tenant: declared}, "dry_run": True})
    ask("byok_set_allow_list", {**listed, "models": None}, query=of_tenant)
    ask("byok_delete_team", path=team, query=of_tenant)
    ask("byok_issuers")
    ask("byok_sign_in")


def _calls(ask: Ask) -> None:
    ask("chat_route", {"model": "gpt-4o-mini,claude-haiku-4-5", "messages": HELLO})
    ask("chat_completions", {"model": "gpt-4o-mini", "messages": HELLO, "max_completion_tokens": 50})
    ask("chat_messages", {"model": "claude-haiku-4-5", "messages": HELLO, "max_tokens": 50})
    ask("chat_count_tokens", {"model": "claude-haiku-4-5", "messages": HELLO})
    said = {"model": "gpt-4o-mini", "input": "Say hello in one word.", "max_output_tokens": 50, "store": True}
    kept = {"response_id": ask("chat_responses", said)["id"]}
    ask("chat_kept", path=kept)
    ask("chat_input_items", path=kept)
    ask("chat_forget", path=kept)
    ask("chat_input_tokens", {"model": "gpt-4o-mini", "input": "Say hello in one word."})
    ask("chat_embeddings", {"model": "text-embedding-3-small", "input": "hello"})
    ask("chat_me")
    ask("chat_models", query=SHORT)
    ask("chat_model", path={"model": "openai/gpt-4o-mini"})
    ask("chat_moderations", {"model": "omni-moderation-latest", "input": "hello"})
    ask("chat_images", {"model": "gpt-image-1-mini", "prompt": "A dot", "size": "1024x1024", "quality": "low"})
    ask("chat_speech", {"model": "gpt-4o-mini-tts", "input": "hello", "voice": "alloy"})
    ask("chat_transcriptions", {"model": "gpt-4o-mini-transcribe"}, files={"file": ("hello.wav", SILENCE, "audio/wav")})


def _usage(ask: Ask, now: datetime) -> None:
    day = {"from": (now - timedelta(days=1)).isoformat(), "to": (now + timedelta(days=1)).isoformat()}
    ask("byok_usage", query={"group_by": "model"})
    ask("byok_usage_by_tenant", query=SHORT)
    call = ask("byok_calls", query={"limit": 1, "model": "openai/gpt-4o-mini"})["data"]["items"][0]
    of_call = {"call_id": call["call_id"]}
    ask("byok_call", path=of_call)
    correction = {"amount_usd": "-0.000001", "reason": "Credited by the provider", "correction_id": "credit-1"}
    ask("byok_correction", correction, path=of_call)
    ask("byok_reprice", {**day, "models": ["openai/gpt-4.1-nano"]})
    ask("byok_reconcile", {"provider": "openai", "usage": {"pages": [_bill(now)]}})
    ask("byok_focus", query={"month": f"{now:%Y-%m}"})
    asked = ask("byok_ask_for_export", {"kind": "usage", "from": f"{now:%Y-%m-%d}", "group_by": ["hour", "tier"]})
    export = {"export_id": asked["data"]["id"]}
    while ask("byok_export", path=export)["data"]["state"] in ("waiting", "writing"):
        sleep(LOOK_S)
    ask("byok_exports")
    ask("byok_export_file", path=export)
    ask("byok_delete_export", path=export)


def _budgets_and_prices(ask: Ask) -> None:
    ask("byok_set_budget", {"window": "day", "limit_usd": "20", "alert_at": [50, 80, 100]})
    ask("byok_budgets")
    ask("byok_set_budget", {"window": "day", "limit_usd": None})
    price = ask("byok_set_price", {"models": "mistral/*", "discount_percent": "10", "note": "Contract 7"})["data"]
    ask("byok_prices")
    ask("byok_end_price", path={"price_id": price["id"]})
    ask("byok_narrowed")
    ask("byok_acknowledge", {"model": "openai/gpt-4o"})
    ask("byok_set_price_alerts", {"threshold_usd": "5"})
    ask("byok_price_alerts")
    ask("byok_reset_price_alerts")


def _catalogue(ask: Ask) -> None:
    ask("pricing_overview")
    ask("pricing_all_models")
    ask("pricing_model", path={"model": "openai/gpt-4o-mini"})
    ask("pricing_provider", path={"provider": "openai"}, query={**SHORT, "mode": "chat"})
    ask("pricing_estimate", {"model": "gpt-4o-mini", "input_tokens": 1200, "output_tokens": 300})
    ask("pricing_consensus", query=SHORT)
    ask("pricing_price_changes", query=SHORT)
    ask("pricing_price_history", path={"model": "openai/gpt-4o-mini"}, query=SHORT)
    ask("pricing_quarantine", query=SHORT)
    ask("pricing_refresh")
    ask("registry_providers", query=SHORT)
    ask("registry_provider_health", query={"providers": "openai,anthropic"})
    ask("registry_search", query={**SHORT, "query": "mini", "capabilities": "vision"})
    ask("registry_by_quality", query={**SHORT, "min_quality": 80})
    ask("registry_model", path={"model": "openai/gpt-4o-mini"})
    ask("registry_sync_quality")


def _tiers(ask: Ask) -> None:
    prompt = {"prompt": "Write a Python function that merges two sorted lists, with tests."}
    ask("tiers_classification", prompt)
    ask("tiers_estimate_cost", prompt)
    ask("tiers_compare")
    ask("tiers_create_preferences", {"default_tier": "standard", "blocked_providers": ["groq"]})
    ask("tiers_preferences")
    ask("tiers_replace_preferences", {"default_tier": "micro"})
    ask("tiers_reset_preferences")


def _bill(now: datetime) -> dict[str, Any]:
    """Return a day of OpenAI's usage by model."""
    begun = now.replace(hour=0, minute=0, second=0, microsecond=0)
    of_model = {
        "object": "organization.usage.completions.result",
        "model": "gpt-4o-mini",
        "input_tokens": 24,
        "input_cached_tokens": 0,
        "output_tokens": 8,
        "num_model_requests": 2,
        "batch": False,
    }
    bucket = {
        "object": "bucket",
        "start_time": int(begun.timestamp()),
        "end_time": int((begun + timedelta(days=1)).timestamp()),
        "results": [of_model],
    }
    return {"object": "page", "data": [bucket], "has_more": False, "next_page": None}
