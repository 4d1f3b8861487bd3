"""The tiers function with everything behind it in memory."""

from typing import Any

import httpx

from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.tenancy.service_keys import Scope
from functions.tiers.main import GROUP
from testing.group_app import GroupApp
from tests.functions.byok.byok_world import OURS, ByokWorld
from tests.functions.pricing.pricing_world import data_of

PREFIX = "/api/cognitive-tiers"


class TiersWorld(ByokWorld):
    """The world of byok, asked through another function."""

    def _app(self) -> GroupApp:
        return GroupApp(lambda: self.container, GROUP)

    async def ask(
        self, method: str, path: str, *, tenant: TenantId = OURS, scopes: tuple[Scope, ...] = (), **more: Any
    ) -> httpx.Response:
        """Send a request and return the answer."""
        return await self.client(tenant, *scopes).request(method, PREFIX + path, **more)

    async def prefers(self, **fields: Any) -> dict[str, Any]:
        """The preferences after a PUT that must succeed."""
        return data_of(await self.ask("PUT", "/preferences", json=fields))
