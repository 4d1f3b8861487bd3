"""The byok function with everything behind it in memory: tenants, keys, ledger, budgets, prices and a clock."""

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import httpx

from atom_llm.adapters.sources import litellm
from atom_llm.composition import Container
from atom_llm.domain.catalogue.catalogue import decode, encode
from atom_llm.domain.catalogue.own_prices import own_rates
from atom_llm.domain.catalogue.price_events import changes, encode_events
from atom_llm.domain.catalogue.refresh import Activation
from atom_llm.domain.core.ids import ServiceKeyId, TenantId
from atom_llm.domain.ledger.end_users import NOBODY, EndUser
from atom_llm.domain.ledger.rows import AttemptStatus, LedgerRow, Settlement
from atom_llm.domain.pricing.cost import PricingTerms, cost
from atom_llm.domain.pricing.usage import disjoint
from atom_llm.domain.tenancy.service_keys import ALL_SCOPES, Scope
from atom_llm.domain.tenancy.tenants import Tenant
from atom_llm.services.tenancy.issue_service_key import ServiceKeyIssuer
from atom_llm.services.tenancy.provider_key_vault import ProviderKeyVault
from functions.byok.main import GROUP
from testing.audit import SOMEBODY
from testing.fakes.audit_log import AuditLogInMemory
from testing.fakes.catalogue_store import BookInMemory
from testing.fakes.health import HealthInMemory
from testing.fakes.ledger.price_alerts import PriceAlertSettingsInMemory
from testing.fakes.own_prices import OwnPricesInMemory
from testing.fakes.ports import PortsInMemory
from testing.fakes.preferences import AllowListsInMemory, PreferencesInMemory
from testing.fakes.provider_keys import ProberInMemory, ProviderKeyBookInMemory, SecretsInMemory
from testing.fakes.service_keys import NOON, KeysInMemory, TenantsInMemory
from testing.group_app import GroupApp
from testing.money_world import KEY, MoneyWorld, in_memory, usd
from testing.settings import SETTINGS
from tests.functions.pricing.pricing_world import DAY, data_of, prices

PREFIX = "/api/byok"
OF_GPT_4O = usd("0.0035")  # 1,000 x 2.5e-06 + 100 x 1e-05: what `called` makes of a call
OPERATOR, OURS, THEIRS = TenantId("operator"), TenantId("tenant-a"), TenantId("tenant-b")


class ByokWorld:
    """One process of the byok function, and three tenants: the operator's, ours and theirs."""

    def __init__(self) -> None:
        self.audit = AuditLogInMemory()
        self.money: MoneyWorld = in_memory(audit=self.audit)
        self.clock = self.money.clock
        self.keys = KeysInMemory(self.audit)
        self.tenants = TenantsInMemory(self.audit)
        self.book = BookInMemory()
        self.own_prices = OwnPricesInMemory(self.audit)
        self.preferences = PreferencesInMemory(self.audit)
        self.health = HealthInMemory()
        self.provider_keys = ProviderKeyBookInMemory(audit=self.audit)
        self.secrets = SecretsInMemory()
        self.prober = ProberInMemory()
        for tenant in (OPERATOR, OURS, THEIRS):
            made = Tenant(tenant, tenant.title(), "UTC", NOON - 30 * DAY, is_operator=tenant == OPERATOR)
            self.tenants.stored[tenant] = made
        self.puts_in_force(prices())
        self.ports = PortsInMemory(
            SETTINGS,
            self.clock,
            price_book=self.book,
            money=self.money,
            tenants=self.tenants,
            service_keys=self.keys,
            provider_keys=self.provider_keys,
            secrets=self.secrets,
            key_prober=self.prober,
            audit_log=self.audit,
            allow_lists=AllowListsInMemory(self.audit),
            health_log=self.health,
            preferences=self.preferences,
            own_prices=self.own_prices,
            price_alert_settings=PriceAlertSettingsInMemory(self.audit),
        )
        self.container = Container(self.ports)
        prepared = KeysInMemory()  # keys that a test begins with have no entry in the log that it looks into
        prepared.stored = self.keys.stored
        self._issuer = ServiceKeyIssuer(prepared, self.ports.peppers, SETTINGS.environment, self.clock)
        # Nobody waits for another writer in a test.
        self.container.tenancy.provider_key_vault = ProviderKeyVault(
            self.provider_keys, self.secrets, self.clock, pause=lambda _: None
        )
        self.app = self._app()

    def _app(self) -> GroupApp:
        """The app of `functions.byok.main` around this world's container."""
        return GroupApp(lambda: self.container, GROUP)

    def puts_in_force(self, file: dict[str, Any], at: datetime = NOON - DAY) -> None:
        """Put a price file in force, with the events of what it changes; fetched yesterday if nothing else is said."""
        entries = litellm.read(json.dumps(file).encode()).entries.values()
        version, snapshot = encode(entries)
        head = self.book.head()
        before = decode(self.book.snapshot(head)) if head else None
        events = [
            event
            for entry in entries
            if before is not None and (was := before.get(entry.id)) is not None
            for event in changes(was, entry)
        ]
        sequence = head.sequence + 1 if head else 1
        self.book.activate(
            Activation(sequence, version, at, len(entries), len(snapshot), len(events), {"litellm": at}),
            snapshot,
            encode_events(events),
        )
        if "container" in vars(self):
            self.container.catalogue.reader.forget()

    @property
    def price_version(self) -> str:
        """The version in force."""
        head = self.book.head()
        assert head is not None
        return str(head.version)

    def key(self, tenant: TenantId = OURS, *scopes: Scope) -> str:
        """The plaintext of a new key, with every scope if none is named."""
        return self._issuer.issue(tenant, frozenset(scopes) or ALL_SCOPES, SOMEBODY).plaintext

    def client(self, tenant: TenantId = OURS, *scopes: Scope, key: str | None = None) -> httpx.AsyncClient:
        """A caller of a tenant."""
        headers = {"authorization": f"Bearer {key or self.key(tenant, *scopes)}"}
        transport = httpx.ASGITransport(self.app, client=("203.0.113.9", 5000))
        return httpx.AsyncClient(transport=transport, base_url="http://byok", headers=headers)

    async def ask(
        self, method: str, path: str, *, tenant: TenantId = OURS, scopes: tuple[Scope, ...] = (), **more: Any
    ) -> httpx.Response:
        """Send a request and return the answer."""
        return await self.client(tenant, *scopes).request(method, PREFIX + path, **more)

    async def read(self, path: str, *, tenant: TenantId = OURS, **params: Any) -> dict[str, Any]:
        """The data of a GET that must succeed."""
        given = {name.rstrip("_"): value for name, value in params.items() if value is not None}
        return data_of(await self.ask("GET", path, tenant=tenant, params=given))

    def called(
        self,
        model: str = "openai/gpt-4o",
        *,
        tenant: TenantId = OURS,
        status: AttemptStatus = AttemptStatus.SUCCEEDED,
        key: ServiceKeyId = KEY,
        tags: dict[str, str] | None = None,
        raw: dict[str, Any] | None = None,
        own_price: str | None = None,
        end_user: EndUser = NOBODY,
        **counted: int,
    ) -> LedgerRow:
        """A whole call of a model, costed at the prices in force: with `own_price`, at that one of its tenant."""
        in_force = self.container.catalogue.reader.current()
        usage = disjoint(counted or {"input_tokens": 1000, "output_tokens": 100})
        rates = in_force.catalogue.rates(in_force.find(model).entry)
        if own_price is not None:
            price = self.container.catalogue.own_price_setter.version(tenant, own_price)
            assert price is not None
            rates = own_rates(price, rates)
        spent = cost(usage, rates, PricingTerms(at=self.clock()))
        attempt = self.money.attempt(usd("0.5"), tenant=tenant, key=key, model=model, tags=tags, end_user=end_user)
        held = self.money.spending.hold(
            replace(attempt, price_version=str(in_force.catalogue.version), own_price=own_price)
        )
        ended = Settlement(
            status,
            self.clock(),
            spent.total,
            usage=usage.counts,
            context_tokens=usage.context_tokens,
            raw_usage=raw or {"prompt_tokens": usage.context_tokens},
            lines=spent.lines,
            terms=PricingTerms(at=self.clock()),
            latency_ms=800,
            first_token_ms=200,
        )
        row = self.money.spending.settle(held, ended)
        self.money.roll_up.run()
        self.clock.pass_s(0.001)
        return row

    async def issued(self, tenant: TenantId = OURS, *scopes: Scope) -> tuple[ServiceKeyId, str]:
        """The id and the plaintext of a new key."""
        plaintext = self.key(tenant, *scopes)
        return ServiceKeyId(plaintext.split("_")[2]), plaintext
