"""A whole set of ports in memory; only providers are reached over HTTP, at the addresses of the settings."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import cached_property

from atom_llm.adapters.identity.joserfc_verifier import JoserfcVerifier
from atom_llm.adapters.runtime import RunningProcess
from atom_llm.composition import DeployedPorts
from atom_llm.domain.tenancy.peppers import Peppers
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
from atom_llm.settings import Settings
from testing.fakes.audit_log import AuditLogInMemory
from testing.fakes.catalogue_store import BookInMemory, JournalInMemory
from testing.fakes.health import HealthInMemory
from testing.fakes.issuers import IssuersInMemory, KeySetsInMemory
from testing.fakes.ledger.alerts import AlertsInMemory
from testing.fakes.ledger.check_log import CheckLogInMemory
from testing.fakes.ledger.price_alerts import PriceAlertLogInMemory, PriceAlertSettingsInMemory
from testing.fakes.ledger.usage_exports import UsageExportsInMemory
from testing.fakes.own_prices import OwnPricesInMemory
from testing.fakes.preferences import AllowListsInMemory, PreferencesInMemory
from testing.fakes.provider_keys import (
    OperatorSecretsInMemory,
    ProberInMemory,
    ProviderKeyBookInMemory,
    SecretsInMemory,
)
from testing.fakes.quality import QualityInMemory
from testing.fakes.runtime import CircuitsInMemory, IdempotencyInMemory, RateLimitsInMemory
from testing.fakes.service_keys import KeysInMemory, PeppersInMemory, PepperStoreInMemory, TenantsInMemory
from testing.money_world import MoneyWorld, in_memory


@dataclass
class PortsInMemory:
    """Implements `Ports`: a test names those that it looks into, and the others are empty."""

    settings: Settings
    clock: Clock
    runtime: Runtime = field(default_factory=RunningProcess)
    executor: Executor | None = None
    price_book: PriceBook = field(default_factory=BookInMemory)
    refresh_journal: RefreshJournal = field(default_factory=JournalInMemory)
    price_sources: Sequence[tuple[PriceSource, Reader]] = ()
    price_lists: Lists = ()
    money: MoneyWorld = field(default_factory=in_memory)
    tenants: TenantStore = field(default_factory=TenantsInMemory)
    service_keys: ServiceKeyStore = field(default_factory=KeysInMemory)
    peppers: PepperVault = field(default_factory=PeppersInMemory)
    provider_keys: ProviderKeyBook = field(default_factory=ProviderKeyBookInMemory)
    secrets: SecretStore = field(default_factory=SecretsInMemory)
    operator_secrets: OperatorSecrets = field(default_factory=OperatorSecretsInMemory)
    key_prober: KeyProber = field(default_factory=ProberInMemory)
    issuers: IssuerStore = field(default_factory=IssuersInMemory)
    key_sets: KeySetSource = field(default_factory=KeySetsInMemory)
    token_verifier: TokenVerifier = field(default_factory=JoserfcVerifier)
    rate_limits: RateLimitStore = field(default_factory=RateLimitsInMemory)
    audit_log: AuditLog = field(default_factory=AuditLogInMemory)
    quality_store: QualityStore = field(default_factory=QualityInMemory)
    boards: Mapping[str, BoardSource] = field(default_factory=dict)
    health_log: HealthLog = field(default_factory=HealthInMemory)
    own_prices: OwnPriceStore = field(default_factory=OwnPricesInMemory)
    price_alerts: AlertChannel = field(default_factory=AlertsInMemory)
    check_log: CheckLog = field(default_factory=CheckLogInMemory)
    usage_exports: UsageExportStore = field(default_factory=UsageExportsInMemory)
    price_alert_log: PriceAlertLog = field(default_factory=PriceAlertLogInMemory)
    price_alert_settings: PriceAlertSettingsStore = field(default_factory=PriceAlertSettingsInMemory)
    preferences: PreferenceStore = field(default_factory=PreferencesInMemory)
    circuits: CircuitStore = field(default_factory=CircuitsInMemory)
    allow_lists: AllowListStore = field(default_factory=AllowListsInMemory)
    idempotency: IdempotencyStore = field(default_factory=IdempotencyInMemory)
    call_tracer: CallTracer | None = None

    def __post_init__(self) -> None:
        self.pepper_store: PepperStore = PepperStoreInMemory(self.clock, Peppers("v1", {"v1": "1" * 64}))
        self.ledger: Ledger = self.money.ledger
        self.usage_sums: UsageSums = self.money.sums
        self.budget_settings: BudgetSettings = self.money.settings
        self.budget_windows: BudgetWindows = self.money.windows
        self.teams: TeamStore = self.money.teams
        self.budget_alerts: AlertChannel = self.money.alerts
        self.narrowings: NarrowingStore = self.money.narrowings
        self.young_budgets: YoungBudgetStore = self.money.young

    @cached_property
    def gateway(self) -> ProviderGateway:
        """The gateway as it is deployed: stand-ins of providers are servers."""
        return DeployedPorts(self.settings, self.clock).gateway

    @cached_property
    def kept_responses(self) -> KeptResponseReader:
        """The questions about kept responses as they are deployed."""
        return DeployedPorts(self.settings, self.clock).kept_responses
