"""Everything that services are built from: settings, a clock, and the ports of all capabilities."""

from typing import TYPE_CHECKING, Protocol

from atom_llm.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from concurrent.futures import Executor

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


class Ports(Protocol):
    """The ports of a process: `DeployedPorts`, or a set in memory for tests. A member may be built when read."""

    @property
    def settings(self) -> Settings:
        """The settings of the process."""
        ...

    @property
    def clock(self) -> "Clock":
        """The present instant, timezone-aware UTC."""
        ...

    @property
    def runtime(self) -> "Runtime":
        """The process's monotonic clock, randomness and threads."""
        ...

    @property
    def executor(self) -> "Executor | None":
        """The threads for requests to tables at the same time; None asks one after the other."""

    # catalogue
    @property
    def price_book(self) -> "PriceBook":
        """The snapshots of the catalogue and their activations."""
        ...

    @property
    def refresh_journal(self) -> "RefreshJournal":
        """The lease, the state and the quarantine that refreshes share."""
        ...

    @property
    def price_sources(self) -> "Sequence[tuple[PriceSource, Reader]]":
        """The publishers of prices, each with the reader of its file; where they differ, the first one is believed."""

    @property
    def price_lists(self) -> "Lists":
        """Independent price lists, each with its reader: they confirm and lend rates."""

    @property
    def own_prices(self) -> "OwnPriceStore":
        """Tenants' own prices."""
        ...

    # providers
    @property
    def gateway(self) -> "ProviderGateway":
        """The providers, each in its dialect."""
        ...

    @property
    def kept_responses(self) -> "KeptResponseReader":
        """The responses that providers keep."""
        ...

    # ledger
    @property
    def ledger(self) -> "Ledger":
        """The open attempts and the rows that they end as."""
        ...

    @property
    def usage_sums(self) -> "UsageSums":
        """The sums of the ledger's rows."""
        ...

    @property
    def budget_settings(self) -> "BudgetSettings":
        """The budgets as they were set."""
        ...

    @property
    def teams(self) -> "TeamStore":
        """Tenants' teams."""
        ...

    @property
    def allow_lists(self) -> "AllowListStore":
        """Tenants' allow-lists of models."""
        ...

    @property
    def budget_windows(self) -> "BudgetWindows":
        """The windows of budgets with their holds."""
        ...

    @property
    def young_budgets(self) -> "YoungBudgetStore":
        """The budgets that are looked at again."""
        ...

    @property
    def narrowings(self) -> "NarrowingStore":
        """The models whose holds are narrowed."""
        ...

    @property
    def budget_alerts(self) -> "AlertChannel":
        """The channel on which a reached threshold is made known."""
        ...

    @property
    def price_alerts(self) -> "AlertChannel":
        """The channel on which changed prices are made known to tenants."""
        ...

    @property
    def check_log(self) -> "CheckLog":
        """The progress of the daily check."""
        ...

    @property
    def usage_exports(self) -> "UsageExportStore":
        """Tenants' exports of their usage."""
        ...

    @property
    def price_alert_log(self) -> "PriceAlertLog":
        """The price alerts that were sent, and how far telling came."""
        ...

    @property
    def price_alert_settings(self) -> "PriceAlertSettingsStore":
        """Tenants' settings of price alerts."""
        ...

    # tenancy
    @property
    def tenants(self) -> "TenantStore":
        """The tenants of the deployment."""
        ...

    @property
    def service_keys(self) -> "ServiceKeyStore":
        """The service keys, hashed."""
        ...

    @property
    def peppers(self) -> "PepperVault":
        """The secret that service keys are hashed with."""
        ...

    @property
    def pepper_store(self) -> "PepperStore":
        """The same secret as a whole, to rotate it."""
        ...

    @property
    def provider_keys(self) -> "ProviderKeyBook":
        """The metadata of provider keys; their material is in `secrets`."""
        ...

    @property
    def secrets(self) -> "SecretStore":
        """The material of provider keys, a secret a tenant."""
        ...

    @property
    def operator_secrets(self) -> "OperatorSecrets":
        """The operator's own keys at declared providers."""
        ...

    @property
    def key_prober(self) -> "KeyProber":
        """The tests of keys by requests to their providers."""
        ...

    @property
    def issuers(self) -> "IssuerStore":
        """The trusted issuers of tokens."""
        ...

    @property
    def key_sets(self) -> "KeySetSource":
        """The issuers' published keys."""
        ...

    @property
    def token_verifier(self) -> "TokenVerifier":
        """The check of tokens' signatures."""
        ...

    @property
    def rate_limits(self) -> "RateLimitStore":
        """The instants until which limited subjects owe what they took."""
        ...

    @property
    def audit_log(self) -> "AuditLog":
        """The entries of changes and their actors."""
        ...

    # registry
    @property
    def quality_store(self) -> "QualityStore":
        """The sets of scores, and the one in force."""
        ...

    @property
    def boards(self) -> "Mapping[str, BoardSource]":
        """The publishers of leaderboards, by name."""

    @property
    def health_log(self) -> "HealthLog":
        """The outcomes and latencies of models' attempts, by minute."""
        ...

    # tiers
    @property
    def preferences(self) -> "PreferenceStore":
        """Tenants' preferences for cognitive tiers."""
        ...

    # routing
    @property
    def circuits(self) -> "CircuitStore":
        """The circuits of models."""
        ...

    # calls
    @property
    def call_tracer(self) -> "CallTracer | None":
        """The collector of calls' spans; None where the deployment names no collector."""
        ...

    @property
    def idempotency(self) -> "IdempotencyStore":
        """The requests that are carried out once, with their answers."""
        ...
