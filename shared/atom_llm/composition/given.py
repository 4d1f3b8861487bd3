"""What a container is given: settings, a clock, and the ports that are not AWS's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from atom_llm.ports.calls import IdempotencyStore
from atom_llm.ports.catalogue import PriceBook, PriceSource, RefreshJournal
from atom_llm.ports.core import Clock
from atom_llm.ports.ledger import BudgetAlerts, BudgetSettings, BudgetWindows, Ledger, UsageSums
from atom_llm.ports.providers import ProviderGateway
from atom_llm.ports.registry import HealthLog
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
from atom_llm.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_dynamodb.client import DynamoDBClient

    from atom_llm.adapters.dynamodb.table import Table
    from atom_llm.ports.registry import BoardSource, QualityStore
    from atom_llm.ports.tiers import PreferenceStore
    from atom_llm.services.calls.complete import Runtime
    from atom_llm.services.catalogue.ask_sources import Reader


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


class Given:
    """What a container is made of."""

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
        surroundings: "Runtime | None" = None,
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

    @cached_property
    def _dynamodb(self) -> "DynamoDBClient":
        from atom_llm.adapters.dynamodb.table import dynamodb_client

        return dynamodb_client()

    def _table(self, name: str) -> "Table":
        from atom_llm.adapters.dynamodb.table import Table

        return Table(self._dynamodb, name)
