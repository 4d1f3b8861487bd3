"""Where everything is kept."""

from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Final

from atom_llm.composition.given import Given, MoneyStores, RuntimeStores
from atom_llm.ports.calls import IdempotencyStore
from atom_llm.ports.catalogue import PriceBook, RefreshJournal
from atom_llm.ports.ledger import BudgetWindows, Ledger, UsageSums
from atom_llm.ports.tenancy import AuditLog, PepperVault, ProviderKeyBook, SecretStore, ServiceKeyStore, TenantStore

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from atom_llm.ports.registry import QualityStore
    from atom_llm.ports.tiers import PreferenceStore

MAX_SIDE_BY_SIDE: Final = 32  # windows asked at once by one process; as many as the client has connections


class Stores(Given):
    """The stores: those that were given, else AWS's by the settings."""

    @cached_property
    def price_book(self) -> PriceBook:
        """Snapshots and when they were in force."""
        from atom_llm.adapters.dynamodb.catalogue.price_book import DynamoPriceBook

        return self._given_book or DynamoPriceBook(self._table(self.settings.catalogue_table))

    @cached_property
    def refresh_journal(self) -> RefreshJournal:
        """What refreshes share."""
        from atom_llm.adapters.dynamodb.catalogue.refresh_journal import DynamoRefreshJournal

        return self._given_journal or DynamoRefreshJournal(self._table(self.settings.catalogue_table))

    @cached_property
    def service_keys(self) -> ServiceKeyStore:
        """Stored service keys."""
        from atom_llm.adapters.dynamodb.tenancy.service_keys import DynamoServiceKeys

        return self._given_service_keys or DynamoServiceKeys(self._table(self.settings.keys_table))

    @cached_property
    def audit_log(self) -> AuditLog:
        """Who changed what."""
        from atom_llm.adapters.dynamodb.tenancy.audit import DynamoAuditLog

        return self._given_audit_log or DynamoAuditLog(self._table(self.settings.keys_table))

    @cached_property
    def tenants(self) -> TenantStore:
        """The tenants of this deployment."""
        from atom_llm.adapters.dynamodb.tenancy.tenants import DynamoTenants

        return self._given_tenants or DynamoTenants(self._table(self.settings.keys_table))

    @cached_property
    def provider_keys(self) -> ProviderKeyBook:
        """What is known of provider keys."""
        from atom_llm.adapters.dynamodb.tenancy.provider_keys import DynamoProviderKeys

        return self._given_provider_keys or DynamoProviderKeys(self._table(self.settings.keys_table))

    @cached_property
    def secrets(self) -> SecretStore:
        """Tenants' secrets."""
        if self._given_secrets is not None:
            return self._given_secrets
        from atom_llm.adapters.secrets import SecretsManagerStore, secrets_client

        return SecretsManagerStore(secrets_client(), self.settings.tenant_secrets_prefix, self.settings.kms_key_id)

    @cached_property
    def peppers(self) -> PepperVault:
        """What service keys are hashed with."""
        if self._given_peppers is not None:
            return self._given_peppers
        import boto3

        from atom_llm.adapters.pepper import SecretsManagerPepper

        return SecretsManagerPepper(boto3.client("secretsmanager"), self.settings.pepper_secret_id, self.clock)

    @cached_property
    def preferences(self) -> "PreferenceStore":
        """What tenants want of tiers."""
        from atom_llm.adapters.dynamodb.tiers.preferences import DynamoPreferences

        return self._given_preferences or DynamoPreferences(self._table(self.settings.keys_table))

    @cached_property
    def idempotency(self) -> IdempotencyStore:
        """What became of such requests."""
        from atom_llm.adapters.dynamodb.calls.idempotency import DynamoIdempotency

        return self._given_idempotency or DynamoIdempotency(self._table(self.settings.usage_table))

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

        from atom_llm.adapters.dynamodb.ledger.budgets import DynamoBudgetSettings, DynamoBudgetWindows
        from atom_llm.adapters.dynamodb.ledger.ledger import DynamoLedger
        from atom_llm.adapters.dynamodb.ledger.sums import DynamoUsageSums
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
    def _runtime(self) -> "RuntimeStores":
        if self._given_runtime is not None:
            return self._given_runtime
        from atom_llm.adapters.dynamodb.registry.health import DynamoHealth
        from atom_llm.adapters.dynamodb.routing.circuits import DynamoCircuits
        from atom_llm.adapters.dynamodb.routing.rate_limits import DynamoRateLimits

        table = self._table(self.settings.runtime_table)
        return RuntimeStores(DynamoCircuits(table), DynamoRateLimits(table), DynamoHealth(table))

    @cached_property
    def _quality_store(self) -> "QualityStore":
        from atom_llm.adapters.dynamodb.registry.quality import DynamoQuality

        return self._given_quality or DynamoQuality(self._table(self.settings.catalogue_table))

    @cached_property
    def _side_by_side(self) -> "Executor | None":
        """Threads for what tables are asked at the same time; stores that a test gives answer at once."""
        if self._given_money is not None:
            return None
        from concurrent.futures import ThreadPoolExecutor

        return ThreadPoolExecutor(MAX_SIDE_BY_SIDE, "side-by-side")
