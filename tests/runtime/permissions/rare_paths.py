"""What functions do seldom: where a process died amid, somebody else was faster, or something is there already."""

from collections.abc import Callable, Mapping, Set
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from atom_llm.adapters.dynamodb.table import Table, dynamodb_client
from atom_llm.domain.core.ids import CallId
from atom_llm.domain.ledger.narrowing import ExcessBill, Narrowing
from atom_llm.domain.tenancy.service_keys import ALL_SCOPES
from testing import real_data
from testing.audit import SOMEBODY
from testing.fakes.board_origin import dataset_rows
from testing.lambda_runtime.account import Account, CallingTenant
from testing.lambda_runtime.events import Event
from testing.money_world import on_tables, usd
from tests.runtime.permissions.more_requests import BYOK, MODEL
from tests.unit.registry import boards

AskOf = Callable[[str, Event], Any]
"""Gives a function an event and returns the body of its answer, or what it returned."""

SAYING: Final = {"model": MODEL, "max_tokens": 20, "messages": [{"role": "user", "content": "Hello"}]}
NEW_KEY: Final = {"provider": "mistral", "api_key": "sk-stand-in-mistral-0123456789"}
DAYS: Final = (real_data.MARCH, real_data.NOVEMBER, real_data.NEWEST)  # between which much is held
SCHEDULED: Final = {"trigger": "schedule"}


def rare_paths(account: Account, functions: Set[str], ask: AskOf) -> None:
    """Take those of the functions that are asked for."""
    paths: Mapping[str, Callable[[Account, AskOf], None]] = {
        "chat": _refused_twice,
        "byok": _keys_and_ends,
        "byok-ledger": _died,
        "pricing": _refreshed_on_demand,
        "pricing-refresh": _prices,
        "registry-sync": _scores,
    }
    for function, path in paths.items():
        if function in functions:
            path(account, ask)


def _refused_twice(account: Account, ask: AskOf) -> None:
    """Call by two keys into a budget that is full: the second refusal is taken back without a row."""
    tenant = account.tenant("openai", budget=Decimal("0.000001"))
    issuer = account.services.tenancy.service_key_issuer
    for _ in range(6):
        other = CallingTenant(tenant.id, issuer.issue(tenant.id, ALL_SCOPES, SOMEBODY).plaintext)
        ask("chat", other.asks("POST", "/v1/chat/completions", SAYING))


def _keys_and_ends(account: Account, ask: AskOf) -> None:
    """Store a tenant's first key, and one behind a writer that died; end a narrowed hold, and a tenant that called."""
    operator, tenant = account.operator(), account.tenant()
    ask("byok", tenant.asks("POST", f"{BYOK}/keys", {"provider": "openai", "api_key": "sk-stand-in-openai-0123456789"}))
    _, pointer = account.services.ports.provider_keys.of(tenant.id)
    account.services.ports.secrets.put(str(pointer.secret), {"never": "in force"})
    ask("byok", tenant.asks("POST", f"{BYOK}/keys", NEW_KEY))
    bill = ExcessBill(tenant.id, CallId("c"), "1", datetime.now(UTC), usd("1"), usd("2"), Decimal(2))
    account.services.ports.narrowings.save(Narrowing(MODEL, bill.at, [bill], "1"), before="")
    ask("byok", operator.asks("POST", f"{BYOK}/holds/narrowed/acknowledge", {"model": MODEL}))
    now = datetime.now(UTC)
    period = {
        "from": (now - timedelta(hours=1)).isoformat(),
        "to": now.isoformat(),
        "at_least_as_good": {"may_lose": 5},
    }
    ask("byok", tenant.asks("POST", f"{BYOK}/usage/reprice", period))
    kept = {"Idempotency-Key": "once"}
    ask("chat", tenant.asks("POST", "/v1/chat/completions", SAYING, kept))
    ask("byok", operator.asks("DELETE", f"{BYOK}/tenants/{tenant.id}"))


def _died(account: Account, ask: AskOf) -> None:
    """Sweep a call whose process died an hour ago."""
    variables, tenant = account.functions["byok-ledger"].variables, account.tenant()
    client = dynamodb_client()
    money = on_tables(Table(client, variables["ATOM_KEYS_TABLE"]), Table(client, variables["ATOM_USAGE_TABLE"]))
    opened = datetime.now(UTC) - timedelta(hours=1)
    died = money.attempt(usd("0.1"), tenant=tenant.id)
    money.clock.now = opened
    money.spending.hold(replace(died, opened_at=opened, deadline=opened + timedelta(minutes=5)))
    ask("byok-ledger", {"trigger": "sweep"})


def _prices(account: Account, ask: AskOf) -> None:
    """Refresh from nothing, from another day's list while somebody else is faster, and from a third day's."""
    if not all(map(real_data.is_present, DAYS)):
        return
    account.forget_what_tenants_share()
    for day in DAYS:
        account.prices.serve(real_data.body_of(day))
        if day == DAYS[1]:
            account.relay.lose_a_race()
        ask("pricing-refresh", SCHEDULED)


def _refreshed_on_demand(account: Account, ask: AskOf) -> None:
    """Refresh on three days: what was held on the second is replaced on the third."""
    if not all(map(real_data.is_present, DAYS)):
        return
    account.forget_what_tenants_share()
    for day in DAYS:
        account.prices.serve(real_data.body_of(day))
        ask("pricing", account.operator().asks("POST", "/api/ai/pricing/refresh?force=true"))


def _scores(account: Account, ask: AskOf) -> None:
    """Sync from nothing, once while somebody else is faster."""
    if not real_data.is_present(real_data.BOARD_APRIL):
        return
    account.forget_what_tenants_share()
    account.board.serve(dataset_rows(boards.real(real_data.BOARD_APRIL)))
    account.relay.lose_a_race()
    for _ in range(2):
        ask("registry-sync", SCHEDULED)
