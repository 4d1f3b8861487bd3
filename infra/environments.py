"""The differences between deployments, as typed settings: one row an environment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from aws_cdk import Duration, RemovalPolicy
from aws_cdk.aws_logs import RetentionDays

EnvironmentName = Literal["dev", "staging", "prod", "local"]
Architecture = Literal["arm64", "x86_64"]
Vault = Literal["secrets-manager", "envelope"]

# AWS's own, pinned: version 26 is release 0.9.1, the same in every commercial region (docs/deploying.md).
ADAPTER_LAYER_ARN: Final = "arn:{partition}:lambda:{region}:753240598075:layer:LambdaAdapterLayer{machine}:26"
# So that calls cannot starve what keeps the books, of a quota of 1,000; a quota of 10 lets nothing be reserved.
RESERVED: Final = {"byok-ledger": 20, "pricing-refresh": 2, "registry-sync": 2, "chat": 700}


@dataclass(frozen=True, slots=True)
class Environment:
    """A deployment of the service.

    Addresses (e-mails, the adapter layer) are None where the environment does without; a platform team fills in its
    own. `memory_mb` is by function, with `default_memory_mb` for the rest. Rates are requests a second.
    `adapter_layer_arn` may say `{partition}`, `{region}` and `{machine}` (Arm64, X86).
    `reserved_concurrency` is by function: what it has for itself of the account's quota, and at most.
    `snap_start` names the functions that start from snapshots, which cost by their memory as long as they are kept.
    `trace_share` is of the API's requests, 0 to 1; None leaves it to X-Ray's own rule, one a second and 5 % beyond.
    `tenant_vault` is where tenants' provider keys are: a secret of Secrets Manager a tenant, or a table whose items are
    sealed by data keys of the environment's key. `tenant_vault_before` is where they come from while they move.
    `provider_base_urls` is a JSON object from provider ids to other addresses than the published ones.
    """

    name: EnvironmentName
    removal_policy: RemovalPolicy
    point_in_time_recovery: bool
    deletion_protection: bool
    log_retention: RetentionDays
    throttle_rate: int
    throttle_burst: int
    alarm_email: str | None = None
    monthly_budget_usd: int | None = None
    budget_email: str | None = None
    adapter_layer_arn: str | None = ADAPTER_LAYER_ARN
    default_memory_mb: int = 512
    memory_mb: Mapping[str, int] = field(default_factory=dict)
    reserved_concurrency: Mapping[str, int] = field(default_factory=dict)
    refresh_every: Duration = field(default_factory=lambda: Duration.hours(24))
    sync_every: Duration = field(default_factory=lambda: Duration.days(7))
    snap_start: tuple[str, ...] = ("chat",)
    trace_share: float | None = 0.01
    dashboard: bool = True
    tenant_vault: Vault = "secrets-manager"
    tenant_vault_before: Vault | None = None
    web_acl_rate_limit: int | None = None
    cors_origins: tuple[str, ...] = ()
    litellm_prices_url: str | None = None
    openrouter_models_url: str | None = None
    genai_prices_url: str | None = None
    models_dev_url: str | None = None
    arena_rows_url: str | None = None
    provider_base_urls: str | None = None
    sweep_every: Duration = field(default_factory=lambda: Duration.minutes(1))
    check_every: Duration = field(default_factory=lambda: Duration.minutes(15))
    price_alerts_every: Duration = field(default_factory=lambda: Duration.minutes(15))
    ledger_retention_days: int = 395
    budget_alert_email: str | None = None
    budget_alert_webhook: str | None = None

    @property
    def metrics_namespace(self) -> str:
        """The namespace of this deployment's own metrics: another one in the same account has its own."""
        return f"AtomLLM/{self.name}"

    @property
    def event_source(self) -> str:
        """The source that this deployment's own events name."""
        return f"atom-llm.{self.name}"

    @property
    def tenant_secrets(self) -> str:
        """The prefix of the names of tenants' secrets."""
        return f"atom-llm/{self.name}/tenants"

    @property
    def vaults(self) -> frozenset[Vault]:
        """The vaults in which tenants' provider keys may be."""
        return frozenset(vault for vault in (self.tenant_vault, self.tenant_vault_before) if vault is not None)

    def memory(self, function: str) -> int:
        """Return the memory of a function, in megabytes."""
        return self.memory_mb.get(function, self.default_memory_mb)


# A refresh holds two price files and two catalogues; more memory is also more CPU for it.
MEMORY_MB: Final = {"pricing": 1024, "pricing-refresh": 1024, "chat": 512}

ENVIRONMENTS: Final[Mapping[str, Environment]] = {
    environment.name: environment
    for environment in (
        Environment(
            name="dev",
            removal_policy=RemovalPolicy.DESTROY,
            point_in_time_recovery=False,
            deletion_protection=False,
            log_retention=RetentionDays.TWO_WEEKS,
            throttle_rate=50,
            throttle_burst=100,
            monthly_budget_usd=50,
            memory_mb=MEMORY_MB,
            snap_start=(),
            trace_share=0.05,
            dashboard=False,
        ),
        Environment(
            name="staging",
            removal_policy=RemovalPolicy.RETAIN,
            point_in_time_recovery=True,
            deletion_protection=False,
            log_retention=RetentionDays.ONE_MONTH,
            throttle_rate=200,
            throttle_burst=400,
            monthly_budget_usd=200,
            memory_mb=MEMORY_MB,
            reserved_concurrency=RESERVED,
        ),
        Environment(
            name="prod",
            removal_policy=RemovalPolicy.RETAIN,
            point_in_time_recovery=True,
            deletion_protection=True,
            log_retention=RetentionDays.THIRTEEN_MONTHS,
            throttle_rate=1000,
            throttle_burst=2000,
            monthly_budget_usd=1000,
            memory_mb=MEMORY_MB,
            reserved_concurrency=RESERVED,
            web_acl_rate_limit=300_000,  # requests of one service key in five minutes; the stage takes no more in all
        ),
        # The emulator on a developer's machine: it publishes no versions, has no web ACL and sends no bill.
        Environment(
            name="local",
            removal_policy=RemovalPolicy.DESTROY,
            point_in_time_recovery=False,
            deletion_protection=False,
            log_retention=RetentionDays.ONE_WEEK,
            throttle_rate=1000,
            throttle_burst=2000,
            memory_mb=MEMORY_MB,
            snap_start=(),
            trace_share=None,
            adapter_layer_arn=None,
        ),
    )
}
