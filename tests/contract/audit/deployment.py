"""A deployment on real tables and secrets, whose processes fail by plan at any AWS call, and its audit log."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx

from atom_llm.adapters.secrets import SecretsManagerStore
from atom_llm.composition import Container, DeployedPorts
from atom_llm.domain.core.audit import Actor, AuditEntry
from atom_llm.domain.core.ids import ServiceKeyId, TenantId
from atom_llm.domain.tenancy.service_keys import ALL_SCOPES
from atom_llm.domain.tenancy.tenants import Tenant
from atom_llm.http.app import create_app
from atom_llm.services.tenancy.provider_key_vault import ProviderKeyVault
from atom_llm.settings import Settings
from functions.byok.main import ROUTERS as BYOK
from functions.tiers.main import ROUTERS as TIERS
from testing.audit import an_entry
from testing.fakes.service_keys import PeppersInMemory, SetClock
from testing.money_world import on_tables
from tests.drills.faults import FailingClients
from tests.drills.tables import Tables

OPERATOR = TenantId("operator")
AT_MOST = 1_000  # audit entries of a tenant in a test


@dataclass
class Request:
    """The request of a caller."""

    method: str
    path: str
    body: dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)


class Process:
    """One process with the routes of keys, budgets, usage and tenants, and those of preferences."""

    def __init__(self, settings: Settings, clock: SetClock, clients: FailingClients) -> None:
        self._settings, self._clock, self._clients, self.plan = settings, clock, clients, clients.plan
        self.start_over()
        self._app = create_app(
            group="byok",
            prefix="",
            title="Everything audited",
            routers=(*BYOK, *TIERS),
            container=lambda: self.container,
        )

    def start_over(self) -> None:
        """Be a new process, which remembers nothing."""
        self.ports = ports = DeployedPorts(self._settings, self._clock)
        ports._dynamodb = self._clients.dynamodb
        ports.secrets = SecretsManagerStore(self._clients.secrets, self._settings.tenant_secrets_prefix, None)
        ports.peppers = PeppersInMemory()
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
        transport = httpx.ASGITransport(self._app, client=("203.0.113.9", 5000))
        async with httpx.AsyncClient(transport=transport, base_url="http://audited", headers=headers) as client:
            return await client.request(request.method, request.path, json=request.body)


class Deployment:
    """Tables and secrets, a clock, the operator's tenant, and a process to which nothing happens."""

    def __init__(self, tables: Tables) -> None:
        self.clock = SetClock(datetime.now(UTC))
        self._prefix = f"audited/{uuid4().hex}"
        self._clients = {fails: FailingClients() for fails in (True, False)}
        self._failing, self.sound = (self.process_on(tables, fails=fails) for fails in (True, False))
        keys, usage = self.sound.ports._table(tables.keys), self.sound.ports._table(tables.usage)
        self.money = on_tables(keys, usage, self.clock())
        self.money.clock = self.clock
        self.money.start_over()
        self.make(Tenant(OPERATOR, "Operator", "UTC", self.clock(), is_operator=True))
        self.operator_key = self.key(OPERATOR)

    def process_on(self, tables: Tables, *, fails: bool) -> Process:
        """Return a process over tables of its own."""
        settings = Settings("dev", tables.keys, tables.usage, "-", "-", "-", tenant_secrets_prefix=self._prefix)
        return Process(settings, self.clock, self._clients[fails])

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
