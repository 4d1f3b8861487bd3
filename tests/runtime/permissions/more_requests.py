"""What else functions are asked, beside the kinds of answers that freeze: every other change, and every read."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from testing.lambda_runtime.account import CallingTenant
from testing.lambda_runtime.events import Event

BYOK: Final = "/api/byok"
LEDGER_TRIGGERS: Final = ("sweep", "check", "prices")
PREFIXES: Final = {
    "byok": BYOK,
    "pricing": "/api/ai/pricing",
    "registry": "/api/llm-registry",
    "tiers": "/api/cognitive-tiers",
    "chat": "/v1",
}
MODEL: Final = "openai/gpt-4o-mini"
Ask = Callable[[Event], Any]
"""Gives an event to a function and returns its answer's body, read as JSON where it is some; raises for a 5xx."""


def changes(function: str, ask: Ask, operator: CallingTenant, caller: CallingTenant) -> None:
    """Ask a function for every change that is no kind of answer by itself."""
    asking = {"byok": _byok, "tiers": _tiers, "pricing": _pricing, "chat": _chat}.get(function)
    if asking is not None:
        asking(ask, operator, caller)


def reads(function: str, ask: Ask, operator: CallingTenant, caller: CallingTenant) -> None:
    """Ask for everything that a function's own document says can be got, as a tenant and as the operator."""
    document = ask(operator.asks("GET", f"{PREFIXES[function]}/openapi.json"))
    known = _known(function, ask, operator, caller)
    for path, operations in document["paths"].items():
        if "get" not in operations:
            continue
        asked = path
        for name, value in known.items():
            asked = asked.replace(f"{{{name}}}", value)
        for who in (caller, operator):
            ask(who.asks("GET", asked))


def _known(function: str, ask: Ask, operator: CallingTenant, caller: CallingTenant) -> Mapping[str, str]:
    named = {"model": MODEL, "provider": "openai", "tenant_id": str(caller.id)}
    if function == "byok":
        calls = ask(caller.asks("GET", f"{BYOK}/usage/calls"))["data"]["items"]
        named["call_id"] = calls[0]["call_id"] if calls else "01ARZ3NDEKTSV4RRFFQ69G5FAV"
        named["key_id"] = ask(caller.asks("GET", f"{BYOK}/keys"))["data"]["items"][0]["id"]
    return named


def _byok(ask: Ask, operator: CallingTenant, caller: CallingTenant) -> None:
    price = ask(caller.asks("POST", f"{BYOK}/prices", {"models": MODEL, "discount_percent": "10"}))["data"]
    ask(caller.asks("DELETE", f"{BYOK}/prices/{price['id']}"))
    ask(caller.asks("PUT", f"{BYOK}/price-alerts", {"threshold_usd": "1"}))
    ask(caller.asks("DELETE", f"{BYOK}/price-alerts"))
    issued = ask(caller.asks("POST", f"{BYOK}/service-keys", {"scopes": ["chat"]}))["data"]
    ask(caller.asks("PATCH", f"{BYOK}/service-keys/{issued['id']}", {"own_names": {"team": "a"}}))
    ask(caller.asks("DELETE", f"{BYOK}/service-keys/{issued['id']}"))
    ask(operator.asks("POST", f"{BYOK}/holds/narrowed/acknowledge", {"model": MODEL}))
    now = datetime.now(UTC)
    period = {"from": (now - timedelta(hours=1)).isoformat(), "to": now.isoformat(), "models": [MODEL]}
    ask(caller.asks("POST", f"{BYOK}/usage/reprice", period))
    for call in ask(caller.asks("GET", f"{BYOK}/usage/calls"))["data"]["items"][:1]:
        corrected = {"amount_usd": "-0.000001", "reason": "tried", "correction_id": "c-1"}
        path = f"{BYOK}/usage/calls/{call['call_id']}/corrections?tenant={caller.id}"
        ask(operator.asks("POST", path, corrected))


def _tiers(ask: Ask, operator: CallingTenant, caller: CallingTenant) -> None:
    ask(caller.asks("POST", "/api/cognitive-tiers/preferences", {"monthly_budget_usd": "20"}))
    ask(caller.asks("POST", "/api/cognitive-tiers/estimate-cost", {"prompt": "Hello"}))
    ask(caller.asks("PUT", "/api/cognitive-tiers/preferences", {"monthly_budget_usd": None}))


def _pricing(ask: Ask, operator: CallingTenant, caller: CallingTenant) -> None:
    ask(operator.asks("POST", "/api/ai/pricing/refresh?force=true&accept=*"))


def _chat(ask: Ask, operator: CallingTenant, caller: CallingTenant) -> None:
    said = {"messages": [{"role": "user", "content": "Hello"}]}
    ask(caller.asks("POST", "/v1/chat/completions", {"model": "auto", **said}))
    ask(caller.asks("POST", "/v1/route", {"model": "auto", **said}))
    ask(caller.asks("POST", "/v1/moderations", {"input": "Hello"}))
