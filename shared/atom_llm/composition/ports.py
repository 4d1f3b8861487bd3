"""Everything that services are built from: settings, a clock, and the ports of all capabilities."""

from typing import TYPE_CHECKING, Protocol

from atom_llm.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from concurrent.futures import Executor

    from atom_llm.ports.calls import IdempotencyStore
    from atom_llm.ports.catalogue import PriceBook, PriceSource, RefreshJournal
    from atom_llm.ports.core import Clock, Runtime
    from atom_llm.ports.ledger import BudgetAlerts, BudgetSettings, BudgetWindows, Ledger, UsageSums
    from atom_llm.ports.providers import ProviderGateway
    from atom_llm.ports.registry import BoardSource, HealthLog, QualityStore
    from atom_llm.ports.routing import CircuitStore
    from atom_llm.ports.tenancy import (
        AuditLog,
        KeyProber,
        PepperVault,
        ProviderKeyBook,
        RateLimitStore,
        SecretStore,
        ServiceKeyStore,
        TenantStore,
    )
    from atom_llm.ports.tiers import PreferenceStore
    from atom_llm.services.catalogue.ask_sources import Reader


class Ports(Protocol):
    """Implemented by `DeployedPorts`; tests and benchmarks have a set in memory. A member may be built when read."""

    @property
    def settings(self) -> Settings: ...
    @property
    def clock(self) -> "Clock": ...
    @property
    def runtime(self) -> "Runtime": ...
    @property
    def executor(self) -> "Executor | None":
        """Threads for what tables are asked at the same time; None asks one after the other."""

    # catalogue
    @property
    def price_book(self) -> "PriceBook": ...
    @property
    def refresh_journal(self) -> "RefreshJournal": ...
    @property
    def price_sources(self) -> "Sequence[tuple[PriceSource, Reader]]":
        """The publishers of prices, each with what reads its file; where they differ, the first one is believed."""

    # providers
    @property
    def gateway(self) -> "ProviderGateway": ...

    # ledger
    @property
    def ledger(self) -> "Ledger": ...
    @property
    def usage_sums(self) -> "UsageSums": ...
    @property
    def budget_settings(self) -> "BudgetSettings": ...
    @property
    def budget_windows(self) -> "BudgetWindows": ...
    @property
    def budget_alerts(self) -> "BudgetAlerts": ...

    # tenancy
    @property
    def tenants(self) -> "TenantStore": ...
    @property
    def service_keys(self) -> "ServiceKeyStore": ...
    @property
    def peppers(self) -> "PepperVault": ...
    @property
    def provider_keys(self) -> "ProviderKeyBook": ...
    @property
    def secrets(self) -> "SecretStore": ...
    @property
    def key_prober(self) -> "KeyProber": ...
    @property
    def rate_limits(self) -> "RateLimitStore": ...
    @property
    def audit_log(self) -> "AuditLog": ...

    # registry
    @property
    def quality_store(self) -> "QualityStore": ...
    @property
    def boards(self) -> "Mapping[str, BoardSource]":
        """Publishers of leaderboards, by name."""

    @property
    def health_log(self) -> "HealthLog": ...

    # tiers
    @property
    def preferences(self) -> "PreferenceStore": ...

    # routing
    @property
    def circuits(self) -> "CircuitStore": ...

    # calls
    @property
    def idempotency(self) -> "IdempotencyStore": ...
