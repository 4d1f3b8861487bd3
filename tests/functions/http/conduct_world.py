"""Two tenants and their operator before all functions: what one of them does, and all that the other is answered."""

import asyncio
import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from typing import Any, Final

import httpx

from atom_llm.composition import Container
from atom_llm.domain.core.ids import ProviderKeyId, TenantId, ulid
from atom_llm.domain.core.plaintext import Plaintext
from atom_llm.domain.registry.board import Board
from atom_llm.domain.tenancy.identity.trusted_issuers import ID_DIGITS
from atom_llm.domain.tenancy.provider_keys import ProviderKey
from atom_llm.domain.tenancy.rate_limit import RateLimit
from atom_llm.domain.tenancy.service_keys import ALL_SCOPES
from atom_llm.domain.tenancy.tenants import Tenant
from testing.audit import SOMEBODY
from testing.chat_world import LIMITS
from testing.fakes.audit_log import AuditLogInMemory
from testing.fakes.own_prices import OwnPricesInMemory
from testing.fakes.ports import PortsInMemory
from testing.fakes.preferences import AllowListsInMemory, PreferencesInMemory
from testing.fakes.provider_keys import ProviderKeyBookInMemory
from testing.fakes.quality import BoardInMemory
from testing.fakes.service_keys import NOON, KeysInMemory, TenantsInMemory
from testing.group_app import GroupApp
from testing.money_world import in_memory
from testing.packaged_prices import PackagedPricesReader
from testing.settings import SETTINGS
from testing.stand_in.server import StandIn
from tests.functions.http.test_health import PREFIXES

ACTOR, OTHER, THIRD, OPERATOR = (TenantId(name) for name in ("tenant-a", "tenant-b", "tenant-c", "operator"))
PROVIDERS: Final = ("openai", "anthropic", "google", "mistral")
MINI, CHAIN = "openai/gpt-4o-mini", "openai/gpt-4o-mini,anthropic/claude-haiku-4-5"
HELLO: Final = [{"role": "user", "content": "Say hello"}]
# Wide enough for what is asked here, and seen in every answer's headers.
KEY_LIMIT, PROVIDER_LIMIT = RateLimit(requests=120, tokens=4_000_000), RateLimit(requests=120)

Question = tuple[str, str, Mapping[str, Any] | None, Mapping[str, str]]
Answers = dict[str, tuple[int, dict[str, str], Any]]

# What is drawn anew in every world, and what a clock of the machine measures.
_DRAWN: Final = re.compile(r"^(chatcmpl-|msg_|resp_|t-)?[0-9A-Z]{26}(_\d+)?$|^[0-9A-Za-z]{12}$|^(resp|msg)_[\w-]{40,}$")
_DRAWN_WITHIN: Final = re.compile(r"\b([0-9A-Z]{26}|[0-9A-Za-z]{12})\b")
_MEASURED: Final = re.compile(r"latency|first_token|_ms$|duration")
_NAMES: Final = frozenset({"next_cursor", "fingerprint", "created", "created_at"})
# How providers are doing is measured in the traffic of all and shown to all (docs/security.md); circuits are compared.
_HEALTH_PAGES: Final = frozenset(
    {"GET /api/byok/providers", "GET /api/llm-registry/provider-health", "GET /api/llm-registry/providers/list"}
)
_OF_ALL: Final = frozenset({"health", "state", "sample_size", "calls", "success_rate", "rate_limited"})
_TOLD: Final = re.compile(r"^(x-llm-(?!call-id)|x-ratelimit-|retry-after)")


TEAM = "platform"


class ConductWorld:
    """One world of all functions, whose answers to the other tenant can be compared with those of another world."""

    def __init__(self, stand_in: StandIn) -> None:
        stand_in.behave()
        self.stand_in = stand_in
        self.audit = AuditLogInMemory()
        self.money = in_memory(audit=self.audit)
        self.clock = self.money.clock
        tenants = TenantsInMemory(self.audit)
        for tenant in (ACTOR, OTHER, THIRD, OPERATOR):
            made = Tenant(tenant, tenant.title(), "UTC", NOON - timedelta(days=30), is_operator=tenant == OPERATOR)
            tenants.stored[tenant] = made
        settings = replace(
            SETTINGS,
            provider_base_urls=stand_in.addresses(),
            call_limits=LIMITS,
            key_limit=KEY_LIMIT,
            provider_limit=PROVIDER_LIMIT,
        )
        self.ports = PortsInMemory(
            settings,
            self.clock,
            money=self.money,
            tenants=tenants,
            service_keys=KeysInMemory(self.audit),
            provider_keys=ProviderKeyBookInMemory(audit=self.audit),
            own_prices=OwnPricesInMemory(self.audit),
            preferences=PreferencesInMemory(self.audit),
            audit_log=self.audit,
            allow_lists=AllowListsInMemory(self.audit),
            boards={"lmarena": BoardInMemory(lambda: Board(()))},
        )
        self.ids: dict[TenantId, dict[str, str]] = {}
        self.process = self.new_process()
        self.keys = {tenant: self._service_key(tenant) for tenant in (ACTOR, OTHER, THIRD, OPERATOR)}
        self.provider_keys = {
            (tenant, provider): self._provider_key(provider, tenant)
            for tenant in (ACTOR, OTHER, THIRD)
            for provider in PROVIDERS
        }

    async def note_ids(self) -> None:
        """Remember the ids of what both tenants have, each where a path of a route has its name."""
        for tenant in (ACTOR, OTHER):
            (price, *_) = (await self.ask(tenant, "GET /api/byok/prices")).json()["data"]["items"]
            (call, *_) = (await self.ask(tenant, "GET /api/byok/usage/calls")).json()["data"]["items"]
            (export,) = (await self.ask(tenant, "GET /api/byok/usage/exports")).json()["data"]["items"]
            self.ids[tenant] = {
                "price_id": price["id"],
                "call_id": call["call_id"],
                "export_id": export["id"],
                "service_key": self.keys[tenant].split("_")[2],
            }

    def filled(self, route: str, tenant: TenantId, provider: str = "openai") -> str:
        """Return a route with names of a tenant's things in its path, and of what all share."""
        ids = self.ids[tenant] | {
            "tenant_id": str(tenant),
            "provider": "openai",
            "model": MINI,
            "response_id": "resp_0",
            "team_id": TEAM,
            "issuer_id": "0" * ID_DIGITS,
        }
        ids["key_id"] = ids["service_key"] if "/service-keys/" in route else self.provider_keys[tenant, provider]
        return re.sub(r"\{(\w+)\}", lambda name: ids[name.group(1)], route)

    def new_process(self) -> Container:
        """Return a process that remembers nothing."""
        made = Container(self.ports)
        made.catalogue.reader = PackagedPricesReader(self.ports.price_book, self.clock)
        return made

    def _service_key(self, tenant: TenantId) -> str:
        self.clock.pass_s(0.001)
        return self.process.tenancy.service_key_issuer.issue(tenant, ALL_SCOPES, SOMEBODY).plaintext

    def _provider_key(self, provider: str, tenant: TenantId) -> str:
        self.clock.pass_s(0.001)
        identity = ProviderKeyId(ulid(self.clock(), self.money.chance.randbytes(10)))
        plaintext = provider_secret(provider, tenant)
        key = self.process.tenancy.provider_key_vault.store(
            ProviderKey(identity, tenant, provider, plaintext[-4:], identity[-16:], self.clock()),
            Plaintext(plaintext),
            SOMEBODY,
        )
        return str(key.key_id)

    async def ask(
        self,
        tenant: TenantId,
        route: str,
        body: Mapping[str, Any] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        key: str | None = None,
        process: Container | None = None,
    ) -> httpx.Response:
        """Send one request of a tenant to one of the functions of a process.

        Time passes for the other tenant's alone: they come at the same instants whatever was done before.
        """
        if tenant == OTHER:
            self.clock.pass_s(0.001)
        verb, path = route.split(" ")
        answering = process or self.process
        group = next(each for each, prefix in PREFIXES.items() if path.startswith(prefix))
        app = GroupApp(lambda: answering, import_module(f"functions.{group}.main").GROUP)
        given = {"authorization": f"Bearer {key or self.keys[tenant]}", **(headers or {})}
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://all", headers=given
        ) as client:
            return await client.request(verb, path, json=body, params=query)

    async def call(self, tenant: TenantId, model: str = MINI, *, times: int = 1, **more: Any) -> list[int]:
        """Make calls side by side; returns their statuses."""
        headers = more.pop("headers", None)
        body = {"model": model, "messages": HELLO, **more}
        asked = [self.ask(tenant, "POST /v1/chat/completions", body, headers=headers) for _ in range(times)]
        return [answer.status_code for answer in await asyncio.gather(*asked)]

    async def answers(self, questions: Sequence[Question], process: Container | None = None) -> Answers:
        """Return what the other tenant is answered, without what is drawn by chance or measured by a clock."""
        found: Answers = {}
        for name, route, body, headers in questions:
            answer = await self.ask(OTHER, route, body, headers=headers, process=process)
            told = {word: value for word, value in answer.headers.items() if _TOLD.match(word)}
            compared = _comparable(answer)
            found[name] = (answer.status_code, told, _of_circuits(compared) if name in _HEALTH_PAGES else compared)
        return found


def provider_secret(provider: str, tenant: TenantId) -> str:
    """Return the key that a tenant has of a provider, by which the stand-ins know it."""
    return f"sk-stand-in-{provider}-{tenant}"


def _comparable(answer: httpx.Response) -> Any:
    text, kind = answer.text, answer.headers.get("content-type", "")
    if kind.startswith("application/json"):
        return _without_chance(json.loads(text))
    if kind.startswith("text/csv"):
        return [_without_chance(line) for line in csv.DictReader(io.StringIO(text))]
    if not kind.startswith("text/event-stream"):
        return _DRAWN_WITHIN.sub("…", text)
    events = (line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data: {"))
    return [_without_chance(json.loads(event)) for event in events]


def _of_circuits(value: Any) -> Any:
    """Return a page of health without what is measured in the traffic of all, and with the open circuits of models."""
    if isinstance(value, list):
        return [_of_circuits(each) for each in value]
    if not isinstance(value, dict):
        return value
    kept = {word: _of_circuits(each) for word, each in value.items() if word not in _OF_ALL}
    if "breaker" in kept:
        kept["breaker"] = _is_open(kept)
        kept["models"] = [each for each in value.get("models", ()) if _is_open(each)]
    return kept


def _is_open(page: Mapping[str, Any]) -> bool:
    return page["breaker"] not in ("closed", "unknown")


def _without_chance(value: Any, name: str = "") -> Any:
    if name in _NAMES or _MEASURED.search(name):
        return None if value is None else "…"
    if isinstance(value, dict):
        return {word: _without_chance(each, word) for word, each in value.items()}
    if isinstance(value, list):
        return [_without_chance(each, name) for each in value]
    return "…" if isinstance(value, str) and _DRAWN.match(value) else value
