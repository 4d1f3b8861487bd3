"""The ports of a deployed process: AWS by the settings; providers, prices and leaderboards over HTTP."""

from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from atom_llm.adapters.aws.clients import MAX_CONNECTIONS, json_client
from atom_llm.adapters.aws.json_client import SECRETS_MANAGER
from atom_llm.adapters.dynamodb.table import Table, dynamodb_client
from atom_llm.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from concurrent.futures import Executor

    from atom_llm.adapters.aws.json_client import Requests
    from atom_llm.adapters.dynamodb.audit import AuditedWrites
    from atom_llm.adapters.providers.other_addresses import OtherAddresses
    from atom_llm.ports.calls import CallTracer, IdempotencyStore
    from atom_llm.ports.catalogue import OwnPriceStore, PriceBook, PriceSource, RefreshJournal
    from atom_llm.ports.core import Clock, Runtime
    from atom_llm.ports.ledger import (
        AlertChannel,
        BudgetSettings,
        BudgetWindows,
        CheckLog,
        Ledger,
        NarrowingStore,
        PriceAlertLog,
        PriceAlertSettingsStore,
        TeamStore,
        UsageSums,
        YoungBudgetStore,
    )
    from atom_llm.ports.providers import KeptResponseReader, ProviderGateway
    from atom_llm.ports.registry import BoardSource, HealthLog, QualityStore
    from atom_llm.ports.routing import AllowListStore, CircuitStore
    from atom_llm.ports.tenancy import (
        AuditLog,
        IssuerStore,
        KeyProber,
        KeySetSource,
        OperatorSecrets,
        PepperStore,
        PepperVault,
        ProviderKeyBook,
        RateLimitStore,
        SecretStore,
        ServiceKeyStore,
        TenantStore,
        TokenVerifier,
    )
    from atom_llm.ports.tiers import PreferenceStore
    from atom_llm.ports.usage_exports import UsageExportStore
    from atom_llm.services.catalogue.ask_sources import Reader
    from atom_llm.services.catalogue.hear_lists import Lists


def utc_now() -> datetime:
    """Return the present instant: the clock of a running process."""
    return datetime.now(UTC)


class DeployedPorts:
    """Implements `Ports`. Each adapter is imported and built when first read: a function pays for what it uses."""

    def __init__(self, settings: Settings, clock: "Clock" = utc_now) -> None:
        """Take the settings; nothing is built or asked yet."""
        self.settings = settings
        self.clock = clock

    @cached_property
    def runtime(self) -> "Runtime":
        """The process's monotonic clock, randomness and threads."""
        from atom_llm.adapters.runtime import RunningProcess

        return RunningProcess()

    @cached_property
    def executor(self) -> "Executor | None":
        """The threads for requests to tables at the same time, as many as their client has connections."""
        from concurrent.futures import ThreadPoolExecutor

        return ThreadPoolExecutor(MAX_CONNECTIONS, "tables-at-once")

    # The catalogue table, and the publishers of prices and scores

    @cached_property
    def price_book(self) -> "PriceBook":
        """The snapshots of the catalogue, and the instants from which they are in force."""
        from atom_llm.adapters.dynamodb.catalogue.price_book import DynamoPriceBook

        return DynamoPriceBook(self._table(self.settings.catalogue_table), self._audited_writes)

    @cached_property
    def refresh_journal(self) -> "RefreshJournal":
        """The lease, the state and the quarantine that refreshes share."""
        from atom_llm.adapters.dynamodb.catalogue.refresh_journal import DynamoRefreshJournal

        return DynamoRefreshJournal(self._table(self.settings.catalogue_table), self._audited_writes)

    @cached_property
    def price_sources(self) -> "Sequence[tuple[PriceSource, Reader]]":
        """LiteLLM's file, and OpenRouter's list where it has no price."""
        from atom_llm.composition.publishers import price_sources

        return price_sources(self.settings, self.clock)

    @cached_property
    def price_lists(self) -> "Lists":
        """Independent price lists: genai-prices and models.dev."""
        from atom_llm.composition.publishers import price_lists

        return price_lists(self.settings, self.clock)

    @cached_property
    def quality_store(self) -> "QualityStore":
        """Sets of scores, and the one in force."""
        from atom_llm.adapters.dynamodb.registry.quality import DynamoQuality

        return DynamoQuality(self._table(self.settings.catalogue_table), self._audited_writes)

    @cached_property
    def boards(self) -> "Mapping[str, BoardSource]":
        """LMArena's leaderboard."""
        from atom_llm.adapters.sources.arena import NAME, ArenaBoard

        return {NAME: ArenaBoard(self.settings.arena_rows_url, self.clock)}

    # The usage table, and the bus that budgets' alerts go to

    @cached_property
    def ledger(self) -> "Ledger":
        """Open attempts and ledger rows."""
        from atom_llm.adapters.dynamodb.ledger.ledger import DynamoLedger

        return DynamoLedger(self._table(self.settings.usage_table), self._audited_writes, self._retention)

    @cached_property
    def usage_sums(self) -> "UsageSums":
        """The sums of the ledger's rows."""
        from atom_llm.adapters.dynamodb.ledger.sums import DynamoUsageSums

        values = self.settings.tag_values_a_day
        return DynamoUsageSums(self._table(self.settings.usage_table), self._retention, values)

    @cached_property
    def budget_windows(self) -> "BudgetWindows":
        """Windows of budgets with their holds."""
        from atom_llm.adapters.dynamodb.ledger.budget_windows import DynamoBudgetWindows

        return DynamoBudgetWindows(self._table(self.settings.usage_table))

    @cached_property
    def young_budgets(self) -> "YoungBudgetStore":
        """The budgets that are looked at again."""
        from atom_llm.adapters.dynamodb.ledger.young_budgets import DynamoYoungBudgets

        return DynamoYoungBudgets(self._table(self.settings.usage_table))

    @cached_property
    def narrowings(self) -> "NarrowingStore":
        """The models whose holds are narrowed."""
        from atom_llm.adapters.dynamodb.ledger.narrowings import DynamoNarrowings

        return DynamoNarrowings(self._table(self.settings.usage_table), self._audited_writes)

    @cached_property
    def budget_alerts(self) -> "AlertChannel":
        """The alerts on EventBridge's default bus."""
        from atom_llm.adapters.events import BUDGET_THRESHOLD, EventBridgeAlerts, events_client

        return EventBridgeAlerts(events_client, self.settings.event_source, BUDGET_THRESHOLD)

    @cached_property
    def price_alerts(self) -> "AlertChannel":
        """The alerts of changed prices on the same bus."""
        from atom_llm.adapters.events import PRICES_CHANGED, EventBridgeAlerts, events_client

        return EventBridgeAlerts(events_client, self.settings.event_source, PRICES_CHANGED)

    @cached_property
    def check_log(self) -> "CheckLog":
        """The progress of the daily check."""
        from atom_llm.adapters.dynamodb.ledger.check_log import DynamoCheckLog

        return DynamoCheckLog(self._table(self.settings.usage_table))

    @cached_property
    def usage_exports(self) -> "UsageExportStore":
        """Tenants' exports of their usage."""
        from atom_llm.adapters.dynamodb.ledger.usage_exports import DynamoUsageExports

        return DynamoUsageExports(self._table(self.settings.usage_table))

    @cached_property
    def price_alert_log(self) -> "PriceAlertLog":
        """Price alerts that were sent, and how far telling came."""
        from atom_llm.adapters.dynamodb.ledger.price_alerts import DynamoPriceAlertLog

        return DynamoPriceAlertLog(self._table(self.settings.usage_table), self._retention)

    @cached_property
    def price_alert_settings(self) -> "PriceAlertSettingsStore":
        """Tenants' settings of price alerts."""
        from atom_llm.adapters.dynamodb.ledger.price_alerts import DynamoPriceAlertSettings

        return DynamoPriceAlertSettings(self._keys_table)

    @cached_property
    def call_tracer(self) -> "CallTracer | None":
        """OpenTelemetry's SDK, where the settings name a collector."""
        if self.settings.otlp_endpoint is None:
            return None
        from atom_llm.adapters.otlp import OtlpCallTracer

        return OtlpCallTracer(self.settings.otlp_endpoint, self.settings.otlp_headers, self.settings.environment)

    @cached_property
    def idempotency(self) -> "IdempotencyStore":
        """Requests that are carried out once, and their answers."""
        from atom_llm.adapters.dynamodb.calls.idempotency import DynamoIdempotency

        return DynamoIdempotency(self._table(self.settings.usage_table))

    # The keys table, and the secrets

    @cached_property
    def budget_settings(self) -> "BudgetSettings":
        """The budgets as they were set."""
        from atom_llm.adapters.dynamodb.ledger.budgets import DynamoBudgetSettings

        return DynamoBudgetSettings(self._keys_table)

    @cached_property
    def teams(self) -> "TeamStore":
        """Tenants' teams."""
        from atom_llm.adapters.dynamodb.ledger.teams import DynamoTeams

        return DynamoTeams(self._keys_table)

    @cached_property
    def allow_lists(self) -> "AllowListStore":
        """Tenants' allow-lists of models."""
        from atom_llm.adapters.dynamodb.routing.allow_lists import DynamoAllowLists

        return DynamoAllowLists(self._keys_table)

    @cached_property
    def tenants(self) -> "TenantStore":
        """The tenants of this deployment."""
        from atom_llm.adapters.dynamodb.tenancy.tenants import DynamoTenants

        return DynamoTenants(self._keys_table)

    @cached_property
    def service_keys(self) -> "ServiceKeyStore":
        """Service keys, hashed."""
        from atom_llm.adapters.dynamodb.tenancy.service_keys import DynamoServiceKeys

        return DynamoServiceKeys(self._keys_table)

    @cached_property
    def peppers(self) -> "PepperVault":
        """The secret that service keys are hashed with."""
        from atom_llm.adapters.pepper import SecretsManagerPepper

        return SecretsManagerPepper(self._secrets_manager, self.settings.pepper_secret_id, self.clock)

    @cached_property
    def pepper_store(self) -> "PepperStore":
        """The same secret as a whole; no function's role may write it."""
        from atom_llm.adapters.pepper import SecretsManagerPepperStore

        return SecretsManagerPepperStore(self._secrets_manager, self.settings.pepper_secret_id)

    @cached_property
    def provider_keys(self) -> "ProviderKeyBook":
        """Records of provider keys; the keys themselves are in `secrets`."""
        from atom_llm.adapters.dynamodb.tenancy.provider_keys import DynamoProviderKeys

        return DynamoProviderKeys(self._keys_table)

    @cached_property
    def secrets(self) -> "SecretStore":
        """A secret a tenant, with its provider keys; while they move from one vault to another, in both."""
        from atom_llm.composition.vaults import tenant_secrets

        return tenant_secrets(self.settings, self.clock)

    @cached_property
    def operator_secrets(self) -> "OperatorSecrets":
        """The operator's own keys at declared providers, in Secrets Manager."""
        from atom_llm.adapters.secrets import OperatorSecretsStore, secrets_client

        return OperatorSecretsStore(secrets_client())

    @cached_property
    def audit_log(self) -> "AuditLog":
        """The entries of changes and their actors."""
        from atom_llm.adapters.dynamodb.audit import DynamoAuditLog

        return DynamoAuditLog(self._keys_table)

    @cached_property
    def issuers(self) -> "IssuerStore":
        """The trusted issuers of tokens."""
        from atom_llm.adapters.dynamodb.tenancy.trusted_issuers import DynamoIssuers

        return DynamoIssuers(self._keys_table)

    @cached_property
    def key_sets(self) -> "KeySetSource":
        """The issuers' published keys, over HTTP."""
        from atom_llm.adapters.identity.published_keys import HttpKeySets
        from atom_llm.settings import TEST_ENVIRONMENTS

        return HttpKeySets(on_this_machine=self.settings.environment in TEST_ENVIRONMENTS)

    @cached_property
    def token_verifier(self) -> "TokenVerifier":
        """The check of tokens' signatures."""
        from atom_llm.adapters.identity.joserfc_verifier import JoserfcVerifier

        return JoserfcVerifier()

    @cached_property
    def own_prices(self) -> "OwnPriceStore":
        """Tenants' own prices."""
        from atom_llm.adapters.dynamodb.catalogue.own_prices import DynamoOwnPrices

        return DynamoOwnPrices(self._keys_table)

    @cached_property
    def preferences(self) -> "PreferenceStore":
        """Tenants' preferences of tiers."""
        from atom_llm.adapters.dynamodb.tiers.preferences import DynamoPreferences

        return DynamoPreferences(self._keys_table)

    # The runtime table: what a thousand processes share of how calls go at the moment; it may be lost

    @cached_property
    def circuits(self) -> "CircuitStore":
        """Circuits that are not closed."""
        from atom_llm.adapters.dynamodb.routing.circuits import DynamoCircuits

        return DynamoCircuits(self._table(self.settings.runtime_table))

    @cached_property
    def rate_limits(self) -> "RateLimitStore":
        """Requests and tokens that limits have let pass."""
        from atom_llm.adapters.dynamodb.routing.rate_limits import DynamoRateLimits

        return DynamoRateLimits(self._table(self.settings.runtime_table))

    @cached_property
    def health_log(self) -> "HealthLog":
        """Outcomes and latencies of attempts, by minute."""
        from atom_llm.adapters.dynamodb.registry.health import DynamoHealth

        return DynamoHealth(self._table(self.settings.runtime_table))

    # The providers

    @cached_property
    def _other_addresses(self) -> "OtherAddresses":
        from atom_llm.composition.providers import other_addresses

        return other_addresses(self.settings)

    @cached_property
    def gateway(self) -> "ProviderGateway":
        """The providers over HTTP, each in its dialect."""
        from atom_llm.composition.providers import http_gateway

        return http_gateway(self.settings, self._other_addresses, self.clock)

    @cached_property
    def kept_responses(self) -> "KeptResponseReader":
        """The responses that providers keep, over HTTP."""
        from atom_llm.adapters.providers.responses.kept import HttpKeptResponses

        return HttpKeptResponses(self._other_addresses)

    @cached_property
    def key_prober(self) -> "KeyProber":
        """The tests of keys by requests to their providers."""
        from atom_llm.adapters.providers.probe import HttpKeyProber

        return HttpKeyProber(self._other_addresses)

    @cached_property
    def _dynamodb(self) -> "Requests":
        return dynamodb_client()

    @cached_property
    def _secrets_manager(self) -> "Requests":
        return json_client(SECRETS_MANAGER)

    @property
    def _retention(self) -> timedelta:
        return timedelta(days=self.settings.ledger_retention_days)

    @property
    def _audited_writes(self) -> "AuditedWrites":
        from atom_llm.adapters.dynamodb.audit import AuditedWrites

        return AuditedWrites(self._keys_table)

    @property
    def _keys_table(self) -> Table:
        return self._table(self.settings.keys_table)

    def _table(self, name: str) -> Table:
        return Table(self._dynamodb, name)
