"""The registry function with everything behind it in memory, and the packaged prices and scores."""

from functools import cached_property
from typing import Any

import httpx

from atom_llm.composition import Container
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.providers.failures import FailureKind
from atom_llm.domain.registry.board import Board
from atom_llm.domain.tenancy.service_keys import Scope
from functions.registry.main import GROUP
from testing.audit import SOMEBODY
from testing.fakes.audit_log import AuditLogInMemory
from testing.fakes.health import HealthInMemory
from testing.fakes.ports import PortsInMemory
from testing.fakes.quality import BoardInMemory, QualityInMemory
from testing.fakes.service_keys import SetClock
from testing.group_app import GroupApp
from testing.settings import SETTINGS
from tests.functions.pricing.pricing_world import OPERATOR, data_of, tenants_with_operator

PREFIX = "/api/llm-registry"


class RegistryWorld:
    """One process of the registry function."""

    def __init__(self) -> None:
        self.clock = SetClock()
        self.health = HealthInMemory()
        self.audit = AuditLogInMemory()
        self.quality = QualityInMemory(self.audit)
        self.tenants = tenants_with_operator()
        self.board = Board(())
        self.source = BoardInMemory(lambda: self.board)
        self.container = Container(
            PortsInMemory(
                SETTINGS,
                self.clock,
                quality_store=self.quality,
                boards={"lmarena": self.source},
                health_log=self.health,
                tenants=self.tenants,
                audit_log=self.audit,
            )
        )

    @cached_property
    def app(self) -> GroupApp:
        """The app of `functions.registry.main` around this world's container."""
        return GroupApp(lambda: self.container, GROUP)

    def key(self, *scopes: Scope, tenant: TenantId = OPERATOR) -> str:
        """The plaintext of a new key."""
        return self.container.tenancy.service_key_issuer.issue(tenant, frozenset(scopes), SOMEBODY).plaintext

    def client(self, *scopes: Scope, tenant: TenantId = OPERATOR) -> httpx.AsyncClient:
        """A caller whose key has these scopes, of the operator's tenant unless another is named."""
        headers = {"authorization": f"Bearer {self.key(*scopes, tenant=tenant)}"}
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://registry", headers=headers)

    async def get(self, path: str, **params: Any) -> httpx.Response:
        """Return the answer to a GET with a key without any scope."""
        return await self.client().get(PREFIX + path, params=params)

    async def read(self, path: str, **params: Any) -> dict[str, Any]:
        """The data of an answer that must be one."""
        return data_of(await self.get(path, **params))

    async def sync(self, *scopes: Scope, **params: Any) -> httpx.Response:
        """A sync by a key that may write the catalogue."""
        client = self.client(*(scopes or (Scope.CATALOG_WRITE,)))
        return await client.post(f"{PREFIX}/sync-quality", params=params)

    def told(self, provider: str, model: str, times: int, failure: FailureKind | None = None) -> None:
        """So many calls ended so."""
        for _ in range(times):
            self.container.registry.health_recorder.record(TenantId("a"), provider, model, failure, 800, 200)
