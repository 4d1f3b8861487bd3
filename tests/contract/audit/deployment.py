"""A deployment on real tables and secrets, whose processes fail by plan at any AWS call, and its audit log."""

import asyncio
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any
from uuid import uuid4

import httpx

from atom_llm.adapters.secrets import SecretsManagerStore
from atom_llm.adapters.sources import litellm
from atom_llm.composition import Container, DeployedPorts
from atom_llm.domain.catalogue.catalogue import encode
from atom_llm.domain.catalogue.refresh import Activation
from atom_llm.domain.core.audit import Actor, AuditEntry
from atom_llm.domain.core.ids import ServiceKeyId, TenantId
from atom_llm.domain.registry.board import Board, BoardRow
from atom_llm.domain.tenancy.service_keys import ALL_SCOPES
from atom_llm.domain.tenancy.tenants import Tenant
from atom_llm.http.app import FunctionApp
from atom_llm.http.route_group import RouteGroup
from atom_llm.services.tenancy.provider_key_vault import ProviderKeyVault
from atom_llm.settings import Settings
from functions.byok.main import ROUTERS as BYOK
from functions.pricing.main import ROUTERS as PRICING
from functions.registry.main import ROUTERS as REGISTRY
from functions.tiers.main import ROUTERS as TIERS
from testing.audit import an_entry
from testing.fakes.provider_keys import ProberInMemory
from testing.fakes.quality import BoardInMemory
from testing.fakes.service_keys import PeppersInMemory, SetClock
from testing.fakes.sources import SourceInMemory
from testing.money_world import on_tables
from tests.drills.faults import FailingClients
from tests.drills.tables import Tables

OPERATOR = TenantId("operator")
RATED = "claude-opus-4-6"  # a model that has a price and stands on every board
SHARED = ("pricing", "registry")  # groups whose changes are everybody's
AT_MOST = 1_000  # audit entries of a tenant in a test


@dataclass
class Request:
    """The request of a caller."""

    method: str
    path: str
    body: dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)


class Outside:
    """The outside world of a deployment: a price file, a board of scores, and providers to whom every key is good."""

    def __init__(self, clock: SetClock) -> None:
        self._rows: dict[str, dict[str, Any]] = {}
        self.prices = SourceInMemory(litellm.NAME, clock)
        self.boards = {"lmarena": BoardInMemory(lambda: self.board)}
        self.prober = ProberInMemory()
        self._boards = count()
        self.publish_scores()

    def publish_price(self, model: str, usd_per_token: float) -> None:
        """Give a model of the price file another price; it may be new there."""
        rates = dict.fromkeys(("input_cost_per_token", "output_cost_per_token"), usd_per_token)
        self._rows[model] = {"litellm_provider": "acme", "mode": "chat", **rates}
        self.prices.serve(json.dumps(self._rows).encode())

    def publish_scores(self) -> None:
        """Publish a board like no other."""
        lift = next(self._boards) / 1000
        others = (BoardRow(f"made-up-{place}", 1400.0 + lift - place) for place in range(99))
        self.board = Board((BoardRow(RATED, 1500.0 + lift), *others))


class Process:
    """One process with every route that changes something that is stored, but for calls."""

    def __init__(self, settings: Settings, clock: SetClock, clients: FailingClients, outside: Outside) -> None:
        self._settings, self._clock, self._clients, self.plan = settings, clock, clients, clients.plan
        self._outside = outside
        self.start_over()
        self._apps = {
            group: FunctionApp(
                RouteGroup(
                    name=group,
                    prefix=f"/{group}" if group in SHARED else "",
                    title="Everything audited",
                    routers=partial(list, routers),
                ),
                lambda: self.container,
            )
            for group, routers in {"byok": (*BYOK, *TIERS), "pricing": PRICING, "registry": REGISTRY}.items()
        }

    def start_over(self) -> None:
        """Be a new process, which remembers nothing."""
        self.ports = ports = DeployedPorts(self._settings, self._clock)
        ports._dynamodb = self._clients.dynamodb
        ports.secrets = SecretsManagerStore(self._clients.secrets, self._settings.tenant_secrets_prefix, None)
        ports.peppers = PeppersInMemory()
        ports.price_sources, ports.price_lists = ((self._outside.prices, litellm.read),), ()
        ports.boards, ports.key_prober = self._outside.boards, self._outside.prober
        ports.executor = None  # one call after the other, so that the nth is always the same one
        self.container = Container(ports)
        self.container.tenancy.provider_key_vault = ProviderKeyVault(
            ports.provider_keys, ports.secrets, self._clock, pause=lambda _: None
        )

    def ask(self, key: str, request: Request) -> httpx.Response:
        """Return what a caller is answered; raises `Died` when the process is killed on the way."""
        return asyncio.run(self._ask(key, request))

    async def _ask(self, key: str, request: Request) -> httpx.Response:
        headers = {"authorization": f"Bearer {key}"} | request.headers
        group = request.path.split("/")[1]
        app = self._apps[group if group in SHARED else "byok"]
        transport = httpx.ASGITransport(app, client=("203.0.113.9", 5000))
        async with httpx.AsyncClient(transport=transport, base_url="http://audited", headers=headers) as client:
            return await client.request(request.method, request.path, json=request.body)


class Deployment:
    """Tables and secrets, a clock, the operator's tenant, and a process to which nothing happens."""

    def __init__(self, tables: Tables) -> None:
        self.clock = SetClock(datetime.now(UTC))
        self.outside = Outside(self.clock)
        self._prefix = f"audited/{uuid4().hex}"
        self._clients = {fails: FailingClients() for fails in (True, False)}
        self._failing, self.sound = (self.process_on(tables, fails=fails) for fails in (True, False))
        keys, usage = self.sound.ports._table(tables.keys), self.sound.ports._table(tables.usage)
        self.money = on_tables(keys, usage, self.clock())
        self.money.clock = self.clock
        self.money.start_over()
        self._put_a_price_in_force()
        self.make(Tenant(OPERATOR, "Operator", "UTC", self.clock(), is_operator=True))
        self.operator_key = self.key(OPERATOR)

    def _put_a_price_in_force(self) -> None:
        self.outside.publish_price(RATED, 1e-06)
        rows = litellm.read(self.outside.prices.body or b"").entries.values()
        version, snapshot = encode(rows)
        first = Activation(1, version, self.clock() - timedelta(days=1), len(rows), len(snapshot), 0)
        self.sound.ports.price_book.activate(first, snapshot, b"")

    def process_on(self, tables: Tables, *, fails: bool) -> Process:
        """Return a process over tables of its own."""
        settings = Settings(
            "dev", tables.keys, tables.usage, tables.catalogue, "-", "-", tenant_secrets_prefix=self._prefix
        )
        return Process(settings, self.clock, self._clients[fails], self.outside)

    def failing(self) -> Process:
        """Return a process, which remembers nothing, over clients that fail by plan."""
        self._failing.start_over()
        return self._failing

    def make(self, tenant: Tenant) -> None:
        """Store a tenant's record."""
        self.sound.ports.tenants.add(tenant, an_entry(tenant.id, "tenant.created"))

    def key(self, tenant: TenantId) -> str:
        """Return the plaintext of a new key with every scope."""
        by = Actor(tenant, ServiceKeyId("somebodysKey"))
        return self.sound.container.tenancy.service_key_issuer.issue(tenant, ALL_SCOPES, by).plaintext

    def entries(self, tenant: TenantId) -> list[AuditEntry]:
        """Return a tenant's audit entries, newest first."""
        return self.sound.container.tenancy.audit_reader.entries(tenant, before=None, limit=AT_MOST)
