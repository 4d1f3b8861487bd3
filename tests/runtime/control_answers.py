"""Every kind of answer that writes, of the functions beside `chat`: behind routes, and on schedules and streams."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from atom_llm.domain.core.money import exact_sum
from atom_llm.domain.ledger.budgets import TENANT_SCOPE, WindowRef
from atom_llm.domain.ledger.windows import BudgetCalendar, WindowKind
from testing import real_data
from testing.fakes.board_origin import dataset_rows
from testing.lambda_runtime.account import Account, CallingTenant
from testing.lambda_runtime.events import Event, stream_event
from tests.runtime.answer_kinds import AnswerKind, Caused, Events
from tests.runtime.chat_answers import OPENAI, SAYING
from tests.unit.registry import boards

KEYS: Final = "/api/byok/keys"
SECRET: Final = "sk-stand-in-mistral-0123456789"


def asks(method: str, path: str, body: object = None) -> Events:
    """One request."""
    return lambda _, tenant: [tenant.asks(method, path, body)]


def of_first_key(method: str, behind: str = "", body: object = None) -> Events:
    """A request about the tenant's first provider key."""

    def events(account: Account, tenant: CallingTenant) -> Sequence[Event]:
        key = account.services.ports.provider_keys.of(tenant.id)[0][0]
        return [tenant.asks(method, f"{KEYS}/{key.key_id}{behind}", body)]

    return events


def of_made_tenant(method: str, body: object = None) -> Events:
    """A request of the operator about a tenant that it has."""
    return lambda account, operator: [operator.asks(method, f"/api/byok/tenants/{account.tenant('openai').id}", body)]


def newest_action(account: Account, tenant: CallingTenant) -> str | None:
    """The last entry of a tenant's audit log."""
    entry = next(iter(account.services.ports.audit_log.entries(tenant.id, before=None, limit=1)), None)
    return None if entry is None else str(entry.action)


def first_keys_status(account: Account, tenant: CallingTenant) -> str:
    """The status of the tenant's first provider key."""
    return str(account.services.ports.provider_keys.of(tenant.id)[0][0].status)


def keys_in_vault(account: Account, tenant: CallingTenant) -> tuple[int, str | None]:
    """How many plaintexts the secret in force holds, and the last entry of the audit log."""
    _, pointer = account.services.ports.provider_keys.of(tenant.id)
    if pointer.secret is None or pointer.version is None:
        return 0, newest_action(account, tenant)
    return len(account.services.ports.secrets.get(pointer.secret, pointer.version)), newest_action(account, tenant)


def preferred(account: Account, tenant: CallingTenant) -> tuple[bool | None, int]:
    """Whether the tenant wants classification, and how many budgets it has."""
    found = account.services.ports.preferences.of(tenant.id)
    return None if found is None else found.enabled, len(account.services.ports.budget_settings.of(tenant.id))


def has_fetched_prices(account: Account, _: CallingTenant) -> bool:
    """Whether the prices in force came from their source, and not from the package."""
    account.services.catalogue.reader.forget()
    return not account.services.catalogue.reader.current().is_seed


def has_synced_scores(account: Account, _: CallingTenant) -> bool:
    """Whether a set of scores was brought into force."""
    return account.services.ports.quality_store.head() is not None


def rolled_up(account: Account, tenant: CallingTenant) -> tuple[bool, int, tuple[int, ...]]:
    """Whether the sums have what the budget counts, how many attempts are open, and which alerts were sent."""
    now, ports = datetime.now(UTC), account.services.ports
    ref = WindowRef(TENANT_SCOPE, BudgetCalendar(ZoneInfo("UTC")).window(WindowKind.DAY, now).name)
    window = ports.budget_windows.states([(tenant.id, ref)])[tenant.id, ref]
    summed = exact_sum(sums.cost for _, _, _, sums in ports.usage_sums.by_model(tenant.id, now.date(), now.date()))
    return (
        0 < summed == window.spent,
        len(ports.ledger.open_attempts_of(tenant.id)),
        tuple(sorted(window.fired)),
    )


def called_once(account: Account, tenant: CallingTenant) -> None:
    """Call a model, so that there is a row to be rolled up."""
    services = account.services
    caller = services.tenancy.authenticator.authenticate(tenant.service_key)

    async def call() -> None:
        executed = await services.calls.llm.complete(caller, {"model": OPENAI, **SAYING, "max_tokens": 20})
        await executed.settled

    asyncio.run(call())


def scheduled(body: object, before: Callable[[Account, CallingTenant], object] = lambda *_: None) -> Events:
    """An event that EventBridge makes by a rule's input."""

    def events(account: Account, tenant: CallingTenant) -> Sequence[Event]:
        before(account, tenant)
        return [dict(body)]  # type: ignore[call-overload]

    return events


def from_stream(account: Account, tenant: CallingTenant) -> Sequence[Event]:
    """The keys of what a call wrote into the usage table, as the table's stream hands them on."""
    called_once(account, tenant)
    table = account.functions["byok-ledger"].variables["ATOM_USAGE_TABLE"]
    return [stream_event(account.keys_of(table), table)]


def serve_prices(account: Account, _: CallingTenant) -> None:
    """Have the price source publish the file of a day."""
    account.prices.serve(real_data.body_of(real_data.NOVEMBER))


def serve_scores(account: Account, _: CallingTenant) -> None:
    """Have the leaderboard publish a day's scores."""
    account.board.serve(dataset_rows(boards.real(real_data.BOARD_APRIL)))


def behind(before: Callable[[Account, CallingTenant], object], events: Events) -> Events:
    """The same events, with something that comes before them."""

    def both(account: Account, tenant: CallingTenant) -> Sequence[Event]:
        before(account, tenant)
        return events(account, tenant)

    return both


def byok(name: str, status: int, events: Events, caused: Caused, expected: object, **more: Any) -> AnswerKind:
    """A kind of answer of `byok`."""
    return AnswerKind(name, "byok", status, events, caused, expected, providers=("openai",), **more)


def operators(name: str, status: int, events: Events, action: str) -> AnswerKind:
    """A kind of answer to the deployment's operator."""
    return replace(byok(name, status, events, newest_action_of_all, action), is_operators=True)


def newest_action_of_all(account: Account, operator: CallingTenant) -> str | None:
    """The newest of the last entries of all audit logs."""
    ports = account.services.ports
    entries = [
        entry for tenant in ports.tenants.all() for entry in ports.audit_log.entries(tenant.id, before=None, limit=1)
    ]
    return str(max(entries, key=lambda entry: entry.id).action) if entries else None


NEW_KEY: Final = {"provider": "mistral", "api_key": SECRET}
BUDGET: Final = {"window": "month", "limit_usd": "12", "alert_at": [50, 80]}
PREFERENCES: Final = {"enabled": False, "monthly_budget_usd": "20"}

BYOK_ANSWERS: Final = (
    byok("a key stored", 201, asks("POST", KEYS, NEW_KEY), keys_in_vault, (2, "provider_key.stored")),
    byok(
        "a key stored and tested",
        201,
        asks("POST", KEYS, {**NEW_KEY, "validate": True}),
        keys_in_vault,
        (2, "provider_key.tested"),
    ),
    byok(
        "a key that its caller stores again",
        201,
        lambda _, tenant: [tenant.asks("POST", KEYS, NEW_KEY)] * 2,
        keys_in_vault,
        (2, "provider_key.stored"),
    ),
    byok(
        "a key that is stored already",
        409,
        lambda _, tenant: [tenant.asks("POST", KEYS, each) for each in (NEW_KEY, {**NEW_KEY, "label": "another"})],
        keys_in_vault,
        (2, "provider_key.stored"),
    ),
    byok(
        "a key changed",
        200,
        of_first_key("PATCH", body={"label": "the first"}),
        newest_action,
        "provider_key.changed",
    ),
    byok(
        "a key rotated",
        200,
        of_first_key("POST", "/rotate", {"api_key": "sk-stand-in-openai-9876543210"}),
        keys_in_vault,
        (1, "provider_key.rotated"),
    ),
    byok("a key deleted", 200, of_first_key("DELETE"), keys_in_vault, (0, "provider_key.deleted")),
    byok("a key tested", 200, of_first_key("POST", "/test"), first_keys_status, "valid"),
    byok("a budget set", 200, asks("PUT", "/api/byok/budgets", BUDGET), preferred, (None, 2)),
    byok(
        "a budget cleared",
        200,
        asks("PUT", "/api/byok/budgets", {"window": "day", "limit_usd": None}),
        preferred,
        (None, 0),
    ),
    operators(
        "a service key issued", 201, asks("POST", "/api/byok/service-keys", {"scopes": ["chat"]}), "service_key.issued"
    ),
    operators("a tenant made", 201, asks("POST", "/api/byok/tenants", {"name": "Made"}), "tenant.created"),
    operators("a tenant changed", 200, of_made_tenant("PATCH", {"name": "Changed"}), "tenant.changed"),
    operators("a tenant deleted", 200, of_made_tenant("DELETE"), "tenant.deleted"),
    byok("a wrong field", 422, asks("PUT", "/api/byok/budgets", {**BUDGET, "window": "year"}), preferred, (None, 1)),
)

TIERS_ANSWERS: Final = (
    AnswerKind(
        "preferences set",
        "tiers",
        200,
        asks("PUT", "/api/cognitive-tiers/preferences", PREFERENCES),
        preferred,
        (False, 2),
    ),
    AnswerKind(
        "preferences reset", "tiers", 200, asks("DELETE", "/api/cognitive-tiers/preferences"), preferred, (None, 1)
    ),
    AnswerKind(
        "a prompt classified",
        "tiers",
        200,
        asks("POST", "/api/cognitive-tiers/classify", {"prompt": "Hello"}),
        preferred,
        (None, 1),
    ),
)

CATALOGUE_ANSWERS: Final = (
    AnswerKind(
        "prices refreshed",
        "pricing",
        200,
        behind(serve_prices, asks("POST", "/api/ai/pricing/refresh?force=true")),
        has_fetched_prices,
        True,
        needs=(real_data.NOVEMBER,),
        is_operators=True,
    ),
    AnswerKind(
        "a cost estimated",
        "pricing",
        200,
        asks("POST", "/api/ai/pricing/estimate", {"model": OPENAI, "input_tokens": 10, "output_tokens": 10}),
        has_fetched_prices,
        False,
    ),
    AnswerKind(
        "prices refreshed by schedule",
        "pricing-refresh",
        None,
        scheduled({"trigger": "schedule"}, serve_prices),
        has_fetched_prices,
        True,
        needs=(real_data.NOVEMBER,),
    ),
    AnswerKind(
        "scores synced",
        "registry",
        200,
        behind(serve_scores, asks("POST", "/api/llm-registry/sync-quality")),
        has_synced_scores,
        True,
        needs=(real_data.BOARD_APRIL,),
        is_operators=True,
    ),
    AnswerKind(
        "scores synced by schedule",
        "registry-sync",
        None,
        scheduled({"trigger": "schedule"}, serve_scores),
        has_synced_scores,
        True,
        needs=(real_data.BOARD_APRIL,),
    ),
)

LEDGER_ANSWERS: Final = tuple(
    AnswerKind(name, "byok-ledger", None, events, rolled_up, (True, 0, (1,)), budget="0.001")
    for name, events in (
        ("rows rolled up from their stream", from_stream),
        ("rows rolled up by the sweep", scheduled({"trigger": "sweep"}, called_once)),
    )
)

CONTROL_ANSWERS: Final = BYOK_ANSWERS + TIERS_ANSWERS + CATALOGUE_ANSWERS + LEDGER_ANSWERS
