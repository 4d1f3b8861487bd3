"""The chat function, served over HTTP on loopback, with its stores in memory and the stand-ins for its providers."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from atom_llm.composition import Container
from atom_llm.domain.core.ids import ProviderKeyId, TenantId, ulid
from atom_llm.domain.core.plaintext import Plaintext
from atom_llm.domain.ledger.budgets import TENANT_SCOPE
from atom_llm.domain.ledger.rows import LedgerRow
from atom_llm.domain.ledger.windows import WindowKind
from atom_llm.domain.providers.declared_providers import DeclaredProvider
from atom_llm.domain.routing.call_limits import CallLimits
from atom_llm.domain.tenancy.own_names import OwnNames
from atom_llm.domain.tenancy.provider_keys import ProviderKey
from atom_llm.domain.tenancy.rate_limit import UNLIMITED, RateLimit
from atom_llm.domain.tenancy.service_keys import ALL_SCOPES, Scope
from atom_llm.domain.tenancy.tenants import Tenant
from functions.chat.main import GROUP
from testing.audit import SOMEBODY, an_entry
from testing.fakes.health import HealthInMemory
from testing.fakes.ports import PortsInMemory
from testing.fakes.preferences import PreferencesInMemory
from testing.fakes.provider_keys import ProviderKeyBookInMemory
from testing.fakes.quality import QualityInMemory
from testing.fakes.runtime import CircuitsInMemory, RateLimitsInMemory
from testing.fakes.service_keys import KeysInMemory, RunningClock, SetClock, TenantsInMemory
from testing.group_app import GroupApp
from testing.money_world import in_memory
from testing.packaged_prices import PackagedPricesReader
from testing.served_app import served_app
from testing.settings import SETTINGS

if TYPE_CHECKING:  # their packages are no part of the process that a benchmark measures
    import httpx

    from testing.stand_in.server import StandIn

OURS, THEIRS = TenantId("tenant-a"), TenantId("tenant-b")

# Short, so that what never comes is given up soon; long enough for a busy machine to answer within them.
LIMITS = CallLimits(
    deadline_s=6.0,
    connect_s=1.0,
    first_byte_s=0.6,
    first_token_s=0.8,
    idle_s=0.6,
    answer_s=0.9,
    usage_s=0.3,
    drain_s=0.8,
)

OPENAI, ANTHROPIC, GOOGLE, COHERE = (
    "openai/gpt-4o-mini",
    "anthropic/claude-haiku-4-5",
    "google/gemini-2.5-flash",
    "cohere/command-r7b-12-2024",
)
HELLO = [{"role": "user", "content": "Say hello"}]


class Bedrock(NamedTuple):
    """A stand-in of Bedrock, in a region; `is_shared`: tenants without a role of their own call it by ours."""

    url: str
    region: str = "eu-central-1"
    is_shared: bool = True


class ChatWorld:
    """One process of the chat function with the packaged prices, and a tenant with keys of the providers."""

    def __init__(
        self,
        stand_in: "StandIn",
        *,
        limits: CallLimits = LIMITS,
        key_limit: RateLimit = UNLIMITED,
        provider_limit: RateLimit = UNLIMITED,
        clock: SetClock | None = None,
        declared: tuple[DeclaredProvider, ...] = (),
        bedrock: Bedrock | None = None,
    ) -> None:
        self.stand_in = stand_in
        self.money = in_memory(clock=clock or RunningClock())
        self.clock = self.money.clock
        self.circuits = CircuitsInMemory()
        self.rate_limits = RateLimitsInMemory()
        self.health = HealthInMemory()
        self.service_keys = KeysInMemory()
        self.provider_keys = ProviderKeyBookInMemory()
        self.preferences = PreferencesInMemory()
        self.quality = QualityInMemory()
        tenants = TenantsInMemory()
        for tenant in (OURS, THEIRS):
            tenants.add(Tenant(tenant, tenant.title(), "UTC", self.clock()), an_entry())
        settings = replace(
            SETTINGS,
            provider_base_urls=stand_in.addresses() | ({} if bedrock is None else {"bedrock": bedrock.url}),
            declared_providers=declared,
            bedrock_region=bedrock and bedrock.region,
            is_bedrock_shared=bedrock is None or bedrock.is_shared,
            call_limits=limits,
            key_limit=key_limit,
            provider_limit=provider_limit,
        )
        self.ports = PortsInMemory(
            settings,
            self.clock,
            money=self.money,
            tenants=tenants,
            service_keys=self.service_keys,
            provider_keys=self.provider_keys,
            rate_limits=self.rate_limits,
            quality_store=self.quality,
            health_log=self.health,
            preferences=self.preferences,
            circuits=self.circuits,
        )
        self.container = Container(self.ports)
        self.container.catalogue.reader = PackagedPricesReader(
            self.ports.price_book,
            self.clock,
            tuple(row for each in declared for row in each.rows),
            settings.bedrock_region,
        )
        self.app = GroupApp(lambda: self.container, GROUP)
        self.url = ""

    def provider_key(
        self,
        provider: str,
        plaintext: str | None = None,
        tenant: TenantId = OURS,
        allowed_models: tuple[str, ...] | None = None,
    ) -> ProviderKey:
        """Store a key of a provider, for every model if none is named."""
        identity = ProviderKeyId(ulid(self.clock(), self.money.chance.randbytes(10)))
        shown = plaintext or f"sk-stand-in-{provider}"
        key = ProviderKey(
            identity,
            tenant,
            provider,
            shown[-4:],
            identity[-16:],
            self.clock(),
            allowed_models=allowed_models,
        )
        return self.container.tenancy.provider_key_vault.store(key, Plaintext(shown), SOMEBODY)

    def service_key(
        self, tenant: TenantId = OURS, *scopes: Scope, own_names: Mapping[str, str] = MappingProxyType({})
    ) -> str:
        """Issue a service key, with names of its own for models, and return its plaintext."""
        return self.container.tenancy.service_key_issuer.issue(
            tenant, frozenset(scopes) or ALL_SCOPES, SOMEBODY, own_names=OwnNames(own_names)
        ).plaintext

    def budget(self, limit: str, scope: str = TENANT_SCOPE) -> None:
        """Set a hard daily budget."""
        self.container.ledger.budget_setter.put(OURS, scope, WindowKind.DAY, Decimal(limit), "hard", (), SOMEBODY)

    def client(self, key: str | None = None) -> "httpx.Client":
        """Return a caller; of our tenant unless a key is given."""
        headers = {"authorization": f"Bearer {key or self.service_key()}"}
        import httpx

        return httpx.Client(base_url=self.url, headers=headers, timeout=20, trust_env=False)

    def rows(self, tenant: TenantId = OURS) -> list[LedgerRow]:
        """Return today's ledger rows, oldest first."""
        found = self.money.ledger.rows_of_day(tenant, self.clock().date(), behind=None, page_size=100)
        return sorted(found, key=lambda row: row.attempt.place)

    def open_attempts(self, tenant: TenantId = OURS) -> int:
        """Count the attempts that have begun and not ended."""
        ended = {row.attempt.place for row in self.rows(tenant)}
        return len([each for each in self.money.ledger.open_attempts_of(tenant) if each.place not in ended])


@contextmanager
def served(world: ChatWorld) -> Iterator[ChatWorld]:
    """Serve the world's app behind a real server on loopback, as the front door and the web adapter run it."""
    with served_app(world.app) as url:
        world.url = f"{url}/v1"
        yield world


def asking(model: str, **more: Any) -> dict[str, Any]:
    """Return a chat request."""
    return {"model": model, "messages": HELLO, **more}


class Streamed:
    """The outcome of a stream: its chunks, its error event, and its word on whether it is whole."""

    def __init__(self, answer: "httpx.Response") -> None:
        self.status = answer.status_code
        self.headers: Mapping[str, str] = dict(answer.headers)
        self.chunks: list[dict[str, Any]] = []
        self.error: dict[str, Any] | None = None
        self.is_done = False
        for line in answer.iter_lines():
            if line == "data: [DONE]":
                self.is_done = True
            elif line.startswith("data: "):
                content = json.loads(line.removeprefix("data: "))
                if "error" in content:
                    self.error = content["error"]
                else:
                    self.chunks.append(content)

    @property
    def text(self) -> str:
        """The text of all its content."""
        return "".join(choice["delta"].get("content") or "" for chunk in self.chunks for choice in chunk["choices"])

    @property
    def finish(self) -> str | None:
        """The finish reason, None without one."""
        found = [choice["finish_reason"] for chunk in self.chunks for choice in chunk["choices"]]
        return next((each for each in found if each), None)


def stream(client: "httpx.Client", model: str, headers: Mapping[str, str] | None = None, **more: Any) -> Streamed:
    """Ask for a stream and read it to its end."""
    body = asking(model, stream=True, **more)
    with client.stream("POST", "/chat/completions", json=body, headers=dict(headers or {})) as answer:
        return Streamed(answer)
