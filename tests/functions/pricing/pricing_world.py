"""The pricing function with everything behind it in memory: keys, price book, journal, sources and a clock."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

import httpx

from atom_llm.adapters.sources import litellm, openrouter
from atom_llm.composition import Container
from atom_llm.domain.catalogue.catalogue import encode
from atom_llm.domain.catalogue.refresh import Activation
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger.sums import Sums
from atom_llm.domain.pricing.units import Unit
from atom_llm.domain.tenancy.service_keys import Scope
from atom_llm.domain.tenancy.tenants import Tenant
from atom_llm.ports.catalogue import PriceSource
from atom_llm.services.catalogue.ask_sources import Reader
from atom_llm.services.catalogue.hear_lists import Lists
from functions.pricing.main import GROUP
from testing.audit import SOMEBODY
from testing.fakes.audit_log import AuditLogInMemory
from testing.fakes.catalogue_store import BookInMemory, JournalInMemory
from testing.fakes.ledger.sums import SumsInMemory
from testing.fakes.ports import PortsInMemory
from testing.fakes.service_keys import NOON, KeysInMemory, SetClock, TenantsInMemory
from testing.fakes.sources import SourceInMemory
from testing.group_app import GroupApp
from testing.money_world import in_memory
from testing.settings import SETTINGS

OPERATOR = TenantId("operator")
PREFIX = "/api/ai/pricing"
DAY = timedelta(days=1)
PriceFile = dict[str, dict[str, Any]]


def chat(provider: str, charge: float | str, given: float | str, **more: Any) -> dict[str, Any]:
    """A chat model's row as LiteLLM publishes it."""
    rates = {"input_cost_per_token": charge, "output_cost_per_token": given}
    return {"litellm_provider": provider, "mode": "chat", **rates, **more}


def prices(**changed: Any) -> PriceFile:
    """A small price file of every kind of row that the routes tell apart; `changed` replaces, adds or (None) drops."""
    file: dict[str, Any] = {
        "gpt-4o": chat(
            "openai",
            2.5e-06,
            1e-05,
            cache_read_input_token_cost=1.25e-06,
            input_cost_per_token_batches=1.25e-06,
            output_cost_per_token_batches=5e-06,
            max_input_tokens=128000,
            max_output_tokens=16384,
            supports_vision=True,
            supports_function_calling=True,
        ),
        "gpt-4o-mini": chat("openai", 1.5e-07, 6e-07, max_input_tokens=128000),
        "gpt-3.5-turbo-0301": chat("openai", 1.5e-06, 2e-06, deprecation_date="2024-06-01"),
        "text-embedding-3-small": {
            "litellm_provider": "openai",
            "mode": "embedding",
            "input_cost_per_token": 2e-08,
            "output_cost_per_token": 0.0,
            "max_input_tokens": 8191,
            "output_vector_size": 1536,
        },
        "gpt-unpriced": {"litellm_provider": "openai", "mode": "chat", "max_input_tokens": 4096},
        "azure/gpt-4o": chat("azure", 2.75e-06, 1.1e-05),
        "claude-sonnet-4-5": chat(
            "anthropic",
            3e-06,
            1.5e-05,
            input_cost_per_token_above_200k_tokens=6e-06,
            output_cost_per_token_above_200k_tokens=2.25e-05,
            cache_creation_input_token_cost=3.75e-06,
            cache_read_input_token_cost=3e-07,
        ),
        "deepseek-chat": chat(
            "deepseek",
            3e-07,
            1.2e-06,
            off_peak_pricing={"input_cost_per_token": 1.5e-07, "hours_utc": "16:30-00:30"},
        ),
        "whisper-1": {
            "litellm_provider": "openai",
            "mode": "audio_transcription",
            "input_cost_per_second": 0.0001,
            "output_cost_per_second": 0.0001,
        },
    }
    file.update(changed)
    return {name: row for name, row in file.items() if row is not None}


def lent(*slugs: str, charge: str = "0.0000004") -> list[dict[str, Any]]:
    """A reseller's list."""
    return [{"id": slug, "pricing": {"prompt": charge, "completion": charge}} for slug in slugs]


def tenants_with_operator() -> TenantsInMemory:
    """The tenants of a deployment that has the operator's and no other."""
    tenants = TenantsInMemory()
    tenants.stored[OPERATOR] = Tenant(OPERATOR, "Operator", "UTC", NOON - 30 * DAY, is_operator=True)
    return tenants


class PricingWorld:
    """One process of the pricing function."""

    def __init__(self) -> None:
        self.clock = SetClock()
        self.keys = KeysInMemory()
        self.audit = AuditLogInMemory()
        self.book = BookInMemory(self.audit)
        self.journal = JournalInMemory(self.audit)
        self.tenants = tenants_with_operator()
        self.litellm = SourceInMemory("litellm", self.clock)
        self.openrouter = SourceInMemory("openrouter", self.clock)
        self.sources: Sequence[tuple[PriceSource, Reader]] = (
            (self.litellm, litellm.read),
            (self.openrouter, openrouter.read),
        )
        self.lists: Lists = ()
        self.money = in_memory()
        self.uses(*self.sources)

    @cached_property
    def app(self) -> GroupApp:
        """The app of `functions.pricing.main` around this world's container."""
        return GroupApp(lambda: self.container, GROUP)

    def uses(self, *sources: tuple[PriceSource, Reader]) -> None:
        """Start the process over with these sources."""
        self.container = Container(
            PortsInMemory(
                SETTINGS,
                self.clock,
                price_book=self.book,
                refresh_journal=self.journal,
                price_sources=sources,
                price_lists=self.lists,
                money=self.money,
                service_keys=self.keys,
                tenants=self.tenants,
                audit_log=self.audit,
            )
        )

    def puts_in_force(self, file: Mapping[str, Any], at: datetime | None = None) -> Activation:
        """Put a price file in force, as a refresh that had nothing to doubt would."""
        entries = litellm.read(json.dumps(file).encode()).entries.values()
        version, snapshot = encode(entries)
        head = self.book.head()
        if head is None:  # the first entry of a book is the packaged seed's
            head = Activation(1, version, NOON - 30 * DAY, len(entries), len(snapshot), 0)
            self.book.activate(head, snapshot, b"")
        when = at or self.clock.now
        activation = Activation(head.sequence + 1, version, when, len(entries), len(snapshot), 0, {"litellm": when})
        self.book.activate(activation, snapshot, b"")
        self.container.catalogue.reader.forget()
        return activation

    def used(self, tenant: TenantId, model: str, **units: int) -> None:
        """Let a tenant have used this of a model today, as the sums say."""
        cell = (tenant, self.clock.now.date(), model.partition("/")[0], model)
        sums = self.money.sums
        assert isinstance(sums, SumsInMemory)
        sums.models[cell] = Sums(calls=1, units={Unit(unit): Decimal(count) for unit, count in units.items()})

    def says(self, content: Mapping[str, Any] | bytes) -> None:
        """Let the primary answer with this from now on."""
        self.litellm.serve(content if isinstance(content, bytes) else json.dumps(content).encode())

    def lends(self, content: Sequence[Any] | bytes) -> None:
        """Let the fallback answer with this from now on."""
        self.openrouter.serve(content if isinstance(content, bytes) else json.dumps(content).encode())

    def key(self, *scopes: Scope, tenant: TenantId = OPERATOR) -> str:
        """The plaintext of a new key."""
        return self.container.tenancy.service_key_issuer.issue(tenant, frozenset(scopes), SOMEBODY).plaintext

    def client(self, *scopes: Scope, tenant: TenantId = OPERATOR) -> httpx.AsyncClient:
        """A caller whose key has these scopes, of the operator's tenant unless another is named."""
        headers = {"authorization": f"Bearer {self.key(*scopes, tenant=tenant)}"}
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://pricing", headers=headers)

    async def get(self, path: str, **params: Any) -> httpx.Response:
        """Return the answer to a GET with a key without any scope."""
        return await self.client().get(PREFIX + path, params=params)

    async def post(self, path: str, body: Any) -> httpx.Response:
        """Return the answer to a JSON body with a key without any scope."""
        return await self.client().post(PREFIX + path, json=body)

    async def read(self, path: str, **params: Any) -> dict[str, Any]:
        """The data of an answer that must be one."""
        return data_of(await self.get(path, **params))

    async def refresh(self, *scopes: Scope, **params: Any) -> httpx.Response:
        """A refresh by a key that may refresh."""
        return await self.client(Scope.CATALOG_WRITE, *scopes).post(f"{PREFIX}/refresh", params=params)

    async def refreshed(self, *scopes: Scope, **params: Any) -> dict[str, Any]:
        """The data of a refresh that must succeed."""
        return data_of(await self.refresh(*scopes, **params))

    async def pages(self, path: str, **params: Any) -> list[dict[str, Any]]:
        """Every page of a list, from the first to the last."""
        found: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            found.append(await self.read(path, **params, **cursor))
            if found[-1]["next_cursor"] is None:
                return found
            cursor = {"cursor": found[-1]["next_cursor"]}

    async def items(self, path: str, **params: Any) -> list[dict[str, Any]]:
        """Every item of a list."""
        return [item for page in await self.pages(path, **params) for item in page["items"]]


def data_of(answer: httpx.Response) -> dict[str, Any]:
    """The data of a success, its envelope checked."""
    body: dict[str, Any] = answer.json()
    assert answer.status_code in (200, 201), answer.text
    assert body.keys() == {"success", "data", "error", "message", "timestamp"}
    assert (body["success"], body["error"]) == (True, None)
    data: dict[str, Any] = body["data"]
    return data


def leaves(value: object) -> Iterator[object]:
    """Everything in a JSON value that is neither object nor array."""
    if isinstance(value, dict):
        for each in value.values():
            yield from leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each)
    else:
        yield value
