"""The one place that sees both sides: it reads the environment, builds the adapters and gives them to the services."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final

from atom_llm.call_ports import ProviderGateway
from atom_llm.health_ports import HealthLog
from atom_llm.ports import (
    AuditLog,
    BudgetAlerts,
    BudgetSettings,
    BudgetWindows,
    Clock,
    KeyProber,
    Ledger,
    PepperVault,
    PriceBook,
    PriceSource,
    ProviderKeyBook,
    RefreshJournal,
    SecretStore,
    ServiceKeyStore,
    TenantStore,
    UsageSums,
)
from atom_llm.runtime_ports import CircuitStore, IdempotencyStore, RateLimitStore
from atom_llm.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from concurrent.futures import Executor

    from mypy_boto3_dynamodb.client import DynamoDBClient

    from atom_llm.adapters.dynamodb.table import Table
    from atom_llm.preference_ports import PreferenceStore
    from atom_llm.quality_ports import BoardSource, QualityStore
    from atom_llm.services.ask_sources import Reader
    from atom_llm.services.authenticate import Authenticator
    from atom_llm.services.budget_book import BudgetBook
    from atom_llm.services.call_history import CallHistory
    from atom_llm.services.callable_models import CallableModels
    from atom_llm.services.check_sums import SumChecker
    from atom_llm.services.choose_tier import TierChooser
    from atom_llm.services.circuit_breaker import CircuitBreaker
    from atom_llm.services.compare_tiers import TierComparer
    from atom_llm.services.complete import Surroundings
    from atom_llm.services.erase_tenant import TenantEraser
    from atom_llm.services.good_enough import GoodEnough
    from atom_llm.services.grant_service_key import ServiceKeyGranter
    from atom_llm.services.idempotency import IdempotentCalls
    from atom_llm.services.issue_service_key import ServiceKeyIssuer
    from atom_llm.services.llm import LLMService
    from atom_llm.services.model_index import ModelIndex
    from atom_llm.services.plan_call import Planner
    from atom_llm.services.provider_health import HealthReader, HealthRecorder
    from atom_llm.services.provider_key_ring import ProviderKeyRing
    from atom_llm.services.provider_key_vault import ProviderKeyVault
    from atom_llm.services.rate_limiter import RateLimiter
    from atom_llm.services.read_catalogue import CatalogueReader
    from atom_llm.services.read_preferences import PreferenceReader
    from atom_llm.services.read_quality import QualityReader
    from atom_llm.services.refresh_prices import PriceRefresher
    from atom_llm.services.roll_up import RollUp
    from atom_llm.services.set_budget import BudgetSetter
    from atom_llm.services.set_preferences import PreferenceSetter
    from atom_llm.services.spending import Spending
    from atom_llm.services.sync_quality import QualitySync
    from atom_llm.services.tenant_zones import TenantZones
    from atom_llm.services.tier_candidates import TierCandidates


MAX_SIDE_BY_SIDE: Final = 32  # windows asked at once by one process; as many as the client has connections


def utc_now() -> datetime:
    """The clock of a running process."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class MoneyStores:
    """Where money is written down, and where a reached budget is made known."""

    ledger: Ledger
    sums: UsageSums
    settings: BudgetSettings
    windows: BudgetWindows
    alerts: BudgetAlerts


@dataclass(frozen=True, slots=True)
class RuntimeStores:
    """What a thousand processes share of how calls go at the moment; it may be lost."""

    circuits: CircuitStore
    rate_limits: RateLimitStore
    health: HealthLog


class Container:
    """Everything that the routes ask for; each part is built when first asked for and then kept.

    Imports stand inside, so that a function pays for the parts that it uses. A test gives its own ports.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock = utc_now,
        *,
        book: PriceBook | None = None,
        journal: RefreshJournal | None = None,
        sources: "Sequence[tuple[PriceSource, Reader]] | None" = None,
        service_keys: ServiceKeyStore | None = None,
        peppers: PepperVault | None = None,
        audit_log: AuditLog | None = None,
        money: "MoneyStores | None" = None,
        tenants: TenantStore | None = None,
        provider_keys: ProviderKeyBook | None = None,
        secrets: SecretStore | None = None,
        prober: KeyProber | None = None,
        gateway: ProviderGateway | None = None,
        surroundings: "Surroundings | None" = None,
        runtime: "RuntimeStores | None" = None,
        idempotency: IdempotencyStore | None = None,
        preferences: "PreferenceStore | None" = None,
        quality: "QualityStore | None" = None,
        boards: "Mapping[str, BoardSource] | None" = None,
    ) -> None:
        """Ports that are not given are AWS's, by the settings."""
        self.settings = settings
        self.clock = clock
        self._given_book = book
        self._given_journal = journal
        self._given_sources = sources
        self._given_service_keys = service_keys
        self._given_peppers = peppers
        self._given_audit_log = audit_log
        self._given_money = money
        self._given_tenants = tenants
        self._given_provider_keys = provider_keys
        self._given_secrets = secrets
        self._given_prober = prober
        self._given_gateway = gateway
        self._given_surroundings = surroundings
        self._given_runtime = runtime
        self._given_idempotency = idempotency
        self._given_preferences = preferences
        self._given_quality = quality
        self._given_boards = boards

    def prepare(self) -> None:
        """Build what every request needs, without asking anybody anything.

        A Lambda calls this at import: AWS clients take 130 ms to build, which the init phase and its snapshot pay once.
        A wrong setting then fails the start, and not the first caller.
        """
        _ = self.authenticator, self.catalogue, self.refresh_journal

    @cached_property
    def authenticator(self) -> "Authenticator":
        """Checks service keys."""
        from atom_llm.services.authenticate import Authenticator

        return Authenticator(self.service_keys, self.peppers, self.settings.environment, self.clock)

    @cached_property
    def service_key_issuer(self) -> "ServiceKeyIssuer":
        """Makes service keys."""
        from atom_llm.services.issue_service_key import ServiceKeyIssuer

        return ServiceKeyIssuer(self.service_keys, self.peppers, self.settings.environment, self.clock)

    @cached_property
    def service_key_granter(self) -> "ServiceKeyGranter":
        """Gives service keys to tenants that may have one more."""
        from atom_llm.services.grant_service_key import ServiceKeyGranter

        return ServiceKeyGranter(self.tenants, self.service_keys, self.service_key_issuer, self.clock)

    @cached_property
    def catalogue(self) -> "CatalogueReader":
        """The prices that are believed."""
        from atom_llm.adapters.seed import load_seed
        from atom_llm.services.read_catalogue import CatalogueReader

        return CatalogueReader(self.price_book, load_seed, self.clock)

    @cached_property
    def price_refresher(self) -> "PriceRefresher":
        """Runs refreshes."""
        from atom_llm.adapters.seed import load_seed
        from atom_llm.services.refresh_prices import PriceRefresher

        return PriceRefresher(self._sources, self.price_book, self.refresh_journal, load_seed, self.clock)

    @cached_property
    def price_book(self) -> PriceBook:
        """Snapshots and when they were in force."""
        from atom_llm.adapters.dynamodb.price_book import DynamoPriceBook

        return self._given_book or DynamoPriceBook(self._table(self.settings.catalogue_table))

    @cached_property
    def refresh_journal(self) -> RefreshJournal:
        """What refreshes share."""
        from atom_llm.adapters.dynamodb.refresh_journal import DynamoRefreshJournal

        return self._given_journal or DynamoRefreshJournal(self._table(self.settings.catalogue_table))

    @cached_property
    def service_keys(self) -> ServiceKeyStore:
        """Stored service keys."""
        from atom_llm.adapters.dynamodb.service_keys import DynamoServiceKeys

        return self._given_service_keys or DynamoServiceKeys(self._table(self.settings.keys_table))

    @cached_property
    def audit_log(self) -> AuditLog:
        """Who changed what."""
        from atom_llm.adapters.dynamodb.audit import DynamoAuditLog

        return self._given_audit_log or DynamoAuditLog(self._table(self.settings.keys_table))

    @cached_property
    def tenants(self) -> TenantStore:
        """The tenants of this deployment."""
        from atom_llm.adapters.dynamodb.tenants import DynamoTenants

        return self._given_tenants or DynamoTenants(self._table(self.settings.keys_table))

    @cached_property
    def zone_of(self) -> "TenantZones":
        """In which time zone a tenant's days begin."""
        from atom_llm.services.tenant_zones import TenantZones

        return TenantZones(self.tenants, self.clock)

    @cached_property
    def tenant_eraser(self) -> "TenantEraser":
        """Deletes tenants."""
        from atom_llm.services.erase_tenant import TenantEraser

        money = self._money
        return TenantEraser(
            self.tenants,
            self.service_keys,
            money.settings,
            money.ledger,
            money.sums,
            (self.provider_key_vault, self.idempotency, self.preference_setter),
            self.clock,
        )

    @cached_property
    def provider_key_vault(self) -> "ProviderKeyVault":
        """Stores, rotates and deletes provider keys."""
        from atom_llm.services.provider_key_vault import ProviderKeyVault

        return ProviderKeyVault(self.provider_keys, self.secrets, self.clock)

    @cached_property
    def provider_key_ring(self) -> "ProviderKeyRing":
        """The provider keys that calls are made with."""
        from atom_llm.services.provider_key_ring import ProviderKeyRing

        return ProviderKeyRing(self.provider_keys, self.secrets, self.clock)

    @cached_property
    def provider_keys(self) -> ProviderKeyBook:
        """What is known of provider keys."""
        from atom_llm.adapters.dynamodb.provider_keys import DynamoProviderKeys

        return self._given_provider_keys or DynamoProviderKeys(self._table(self.settings.keys_table))

    @cached_property
    def secrets(self) -> SecretStore:
        """Tenants' secrets."""
        if self._given_secrets is not None:
            return self._given_secrets
        from atom_llm.adapters.secrets import SecretsManagerStore, secrets_client

        return SecretsManagerStore(secrets_client(), self.settings.tenant_secrets_prefix, self.settings.kms_key_id)

    @cached_property
    def prober(self) -> KeyProber:
        """Asks providers whether keys work."""
        if self._given_prober is not None:
            return self._given_prober
        from atom_llm.adapters.providers.probe import HttpKeyProber

        return HttpKeyProber(self.settings.provider_base_urls)

    @cached_property
    def spending(self) -> "Spending":
        """Holds and settles."""
        from atom_llm.services.spending import Spending

        return Spending(self.ledger, self.budget_windows, self.budget_book, self.clock, self._side_by_side)

    @cached_property
    def _side_by_side(self) -> "Executor | None":
        """Threads for what tables are asked at the same time; stores that a test gives answer at once."""
        if self._given_money is not None:
            return None
        from concurrent.futures import ThreadPoolExecutor

        return ThreadPoolExecutor(MAX_SIDE_BY_SIDE, "side-by-side")

    @cached_property
    def roll_up(self) -> "RollUp":
        """Brings the ledger into the sums."""
        from atom_llm.services.budget_alerts import AlertSender
        from atom_llm.services.roll_up import RollUp

        money = self._money
        alerts = AlertSender(money.settings, money.windows, money.alerts, self.zone_of, self.clock)
        return RollUp(money.ledger, money.windows, money.sums, alerts, self.clock)

    @cached_property
    def budget_setter(self) -> "BudgetSetter":
        """Sets and shows budgets."""
        from atom_llm.services.set_budget import BudgetSetter

        money = self._money
        return BudgetSetter(money.settings, money.windows, money.ledger, money.sums, self.budget_book, self.clock)

    @cached_property
    def sum_checker(self) -> "SumChecker":
        """Compares ledger, sums and budgets."""
        from atom_llm.services.check_sums import SumChecker

        money = self._money
        return SumChecker(money.ledger, money.sums, money.settings, money.windows, self.zone_of, self.clock)

    @cached_property
    def budget_book(self) -> "BudgetBook":
        """Which budgets a call counts against."""
        from atom_llm.services.budget_book import BudgetBook

        return BudgetBook(self._money.settings, self.zone_of, self.clock)

    @cached_property
    def llm(self) -> "LLMService":
        """Models: the facade for routes, and for every other function of the account."""
        from atom_llm.adapters.json_schema import fits_schema
        from atom_llm.services.attempts import Attempts
        from atom_llm.services.complete import Completer
        from atom_llm.services.escalate import Escalations
        from atom_llm.services.llm import LLMService

        attempts = Attempts(
            self.provider_key_ring,
            self.circuit_breaker,
            self.rate_limiter,
            self.spending,
            self.call_history,
            self.health_recorder,
            self.clock,
            self._side_by_side,
        )
        escalations = Escalations(self._runtime.rate_limits, self.clock)
        completer = Completer(self.planner, attempts, escalations, fits_schema, self.gateway, self.surroundings)
        return LLMService(self.planner, completer, self.surroundings, self.settings.call_limits, self.clock)

    @cached_property
    def planner(self) -> "Planner":
        """Chooses models."""
        from atom_llm.services.plan_call import Planner

        return Planner(
            self.catalogue,
            self.provider_key_ring,
            self.gateway,
            self.call_history,
            self.circuit_breaker.is_open,
            self.tier_chooser,
            self.tier_candidates,
            self.settings.call_limits,
            self.clock,
        )

    @cached_property
    def tier_chooser(self) -> "TierChooser":
        """Says which tier a call gets."""
        from atom_llm.services.choose_tier import TierChooser

        return TierChooser(self.preference_reader)

    @cached_property
    def preference_reader(self) -> "PreferenceReader":
        """What tenants want of tiers, as calls read it."""
        from atom_llm.services.read_preferences import PreferenceReader

        return PreferenceReader(self.preferences, self.clock)

    @cached_property
    def tier_comparer(self) -> "TierComparer":
        """Compares tiers."""
        from atom_llm.services.compare_tiers import TierComparer

        return TierComparer(
            self.planner,
            self.preference_reader,
            self.good_enough,
            self.catalogue,
            self.provider_key_ring,
            self.call_history,
        )

    @cached_property
    def good_enough(self) -> "GoodEnough":
        """The models that tiers choose from."""
        from atom_llm.services.good_enough import GoodEnough

        return GoodEnough(self.catalogue, self.model_index.current, self.clock)

    @cached_property
    def tier_candidates(self) -> "TierCandidates":
        """Ranks the models of a tier."""
        from atom_llm.services.tier_candidates import TierCandidates

        health = self.health
        look = self.circuit_breaker.look
        return TierCandidates(self.good_enough, self.call_history, lambda entry: health.condition(entry.provider), look)

    @cached_property
    def health(self) -> "HealthReader":
        """Says how providers are doing."""
        from atom_llm.services.provider_health import HealthReader

        return HealthReader(self._runtime.health, self.clock, self._side_by_side)

    @cached_property
    def health_recorder(self) -> "HealthRecorder":
        """Hears what became of attempts."""
        from atom_llm.services.provider_health import HealthRecorder

        return HealthRecorder(self._runtime.health, self.clock)

    @cached_property
    def preferences(self) -> "PreferenceStore":
        """What tenants want of tiers."""
        from atom_llm.adapters.dynamodb.preferences import DynamoPreferences

        return self._given_preferences or DynamoPreferences(self._table(self.settings.keys_table))

    @cached_property
    def preference_setter(self) -> "PreferenceSetter":
        """Sets what tenants want of tiers."""
        from atom_llm.services.set_preferences import PreferenceSetter

        return PreferenceSetter(self.preferences, self.budget_setter)

    @cached_property
    def model_index(self) -> "ModelIndex":
        """Finds models."""
        from atom_llm.services.model_index import ModelIndex

        return ModelIndex(self.catalogue, self.quality)

    @cached_property
    def quality(self) -> "QualityReader":
        """The scores in force."""
        from atom_llm.adapters.seed import load_quality_seed
        from atom_llm.services.read_quality import QualityReader

        return QualityReader(self._quality_store, load_quality_seed, self.clock)

    @cached_property
    def quality_sync(self) -> "QualitySync":
        """Brings newer scores."""
        from atom_llm.services.sync_quality import QualitySync

        return QualitySync(self._quality_store, self._boards, self.catalogue, self.quality, self.clock)

    @cached_property
    def _quality_store(self) -> "QualityStore":
        from atom_llm.adapters.dynamodb.quality import DynamoQuality

        return self._given_quality or DynamoQuality(self._table(self.settings.catalogue_table))

    @cached_property
    def _boards(self) -> "Mapping[str, BoardSource]":
        if self._given_boards is not None:
            return self._given_boards
        from atom_llm.adapters.sources.arena import NAME, ArenaBoard

        return {NAME: ArenaBoard(self.settings.arena_rows_url, self.clock)}

    @cached_property
    def circuit_breaker(self) -> "CircuitBreaker":
        """Keeps calls away from models that fail."""
        from atom_llm.services.circuit_breaker import CircuitBreaker

        return CircuitBreaker(self._runtime.circuits, self.clock)

    @cached_property
    def rate_limiter(self) -> "RateLimiter":
        """Holds service keys, and tenants at providers, to their limits."""
        from atom_llm.services.rate_limiter import RateLimiter

        usual = self.settings.key_limit
        return RateLimiter(
            self._runtime.rate_limits, lambda caller: caller.limit.over(usual), self.settings.provider_limit, self.clock
        )

    @cached_property
    def idempotent_calls(self) -> "IdempotentCalls":
        """Carries requests out once that ask for it."""
        from atom_llm.adapters.sealing import AesGcmSeal
        from atom_llm.services.idempotency import IdempotentCalls

        return IdempotentCalls(self.idempotency, self.peppers, AesGcmSeal(), self.clock)

    @cached_property
    def idempotency(self) -> IdempotencyStore:
        """What became of such requests."""
        from atom_llm.adapters.dynamodb.idempotency import DynamoIdempotency

        return self._given_idempotency or DynamoIdempotency(self._table(self.settings.usage_table))

    @cached_property
    def _runtime(self) -> "RuntimeStores":
        if self._given_runtime is not None:
            return self._given_runtime
        from atom_llm.adapters.dynamodb.circuits import DynamoCircuits
        from atom_llm.adapters.dynamodb.health import DynamoHealth
        from atom_llm.adapters.dynamodb.rate_limits import DynamoRateLimits

        table = self._table(self.settings.runtime_table)
        return RuntimeStores(DynamoCircuits(table), DynamoRateLimits(table), DynamoHealth(table))

    @cached_property
    def callable_models(self) -> "CallableModels":
        """Lists the models that a tenant can call."""
        from atom_llm.services.callable_models import CallableModels

        return CallableModels(self.catalogue, self.provider_key_ring, self.clock)

    @cached_property
    def call_history(self) -> "CallHistory":
        """What this process has seen of calls."""
        from atom_llm.services.call_history import CallHistory

        return CallHistory()

    @cached_property
    def gateway(self) -> ProviderGateway:
        """The providers, over HTTP."""
        if self._given_gateway is not None:
            return self._given_gateway
        from atom_llm.adapters.providers.gateway import HttpGateway
        from atom_llm.adapters.providers.http import Connections
        from atom_llm.adapters.providers.table import DIALECTS

        connections = Connections(self.settings.call_limits.connect_s)
        return HttpGateway(DIALECTS, self.settings.provider_base_urls, connections, self.clock)

    @cached_property
    def surroundings(self) -> "Surroundings":
        """Time, chance and threads."""
        from atom_llm.adapters.surroundings import RunningProcess

        return self._given_surroundings or RunningProcess()

    @property
    def ledger(self) -> Ledger:
        """Open attempts and ledger rows."""
        return self._money.ledger

    @property
    def usage_sums(self) -> UsageSums:
        """The sums of the ledger's rows."""
        return self._money.sums

    @property
    def budget_windows(self) -> BudgetWindows:
        """Windows of budgets with their holds."""
        return self._money.windows

    @cached_property
    def _money(self) -> MoneyStores:
        if self._given_money is not None:
            return self._given_money
        import boto3

        from atom_llm.adapters.dynamodb.budgets import DynamoBudgetSettings, DynamoBudgetWindows
        from atom_llm.adapters.dynamodb.ledger import DynamoLedger
        from atom_llm.adapters.dynamodb.sums import DynamoUsageSums
        from atom_llm.adapters.events import EventBridgeAlerts

        usage = self._table(self.settings.usage_table)
        return MoneyStores(
            ledger=DynamoLedger(usage, timedelta(days=self.settings.ledger_retention_days)),
            sums=DynamoUsageSums(usage),
            settings=DynamoBudgetSettings(self._table(self.settings.keys_table)),
            windows=DynamoBudgetWindows(usage),
            alerts=EventBridgeAlerts(lambda: boto3.client("events"), self.settings.event_source),
        )

    @cached_property
    def peppers(self) -> PepperVault:
        """What service keys are hashed with."""
        if self._given_peppers is not None:
            return self._given_peppers
        import boto3

        from atom_llm.adapters.pepper import SecretsManagerPepper

        return SecretsManagerPepper(boto3.client("secretsmanager"), self.settings.pepper_secret_id, self.clock)

    @cached_property
    def _sources(self) -> "Sequence[tuple[PriceSource, Reader]]":
        if self._given_sources is not None:
            return self._given_sources
        from atom_llm.adapters.sources import litellm, openrouter
        from atom_llm.adapters.sources.fetch import HttpPriceSource

        return (
            (HttpPriceSource(litellm.NAME, self.settings.litellm_prices_url, self.clock), litellm.read),
            (HttpPriceSource(openrouter.NAME, self.settings.openrouter_models_url, self.clock), openrouter.read),
        )

    @cached_property
    def _dynamodb(self) -> "DynamoDBClient":
        from atom_llm.adapters.dynamodb.table import dynamodb_client

        return dynamodb_client()

    def _table(self, name: str) -> "Table":
        from atom_llm.adapters.dynamodb.table import Table

        return Table(self._dynamodb, name)


def runs_in_lambda() -> bool:
    """Whether this process is a Lambda's: its runtime names the function, and nothing else does."""
    return "AWS_LAMBDA_FUNCTION_NAME" in os.environ


@lru_cache(maxsize=1)
def container() -> Container:
    """The container of this process, by its environment."""
    return Container(Settings.from_environment(os.environ))
