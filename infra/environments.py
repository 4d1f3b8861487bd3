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
# Release 1.0.0: the first that hands a process several calls at once.
MANAGED_ADAPTER_LAYER_ARN: Final = ADAPTER_LAYER_ARN.removesuffix(":26") + ":27"
# So that calls cannot starve what keeps the books, of a quota of 1,000; a quota of 10 lets nothing be reserved.
RESERVED: Final = {"byok-ledger": 20, "pricing-refresh": 2, "registry-sync": 2, "chat": 700}


@dataclass(frozen=True, slots=True)
class ManagedCapacity:
    """Instances that Lambda runs `chat` on, many calls an environment: for steady traffic beyond the bill's break-even.

    An environment has one virtual CPU and `memory_mb`, 2,048 at least, and takes `calls_an_environment` at a time.
    At least `least_environments` stand, also when nobody calls; instances grow to `most_vcpus` together.
    `write_units` and `read_units` are the least and the most that the usage table's provisioned capacity scales
    between; None leaves the table on demand.
    """

    instance_type: str = "c8g.large"
    calls_an_environment: int = 64
    memory_mb: int = 2048
    least_environments: int = 3
    most_vcpus: int = 400
    write_units: tuple[int, int] | None = None
    read_units: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Environment:
    """A deployment of the service.

    Addresses (e-mails, the adapter layer) are None where the environment does without; a platform team fills in its
    own. `memory_mb` is by function, with `default_memory_mb` for the rest. Rates are requests a second.
    `adapter_layer_arn` may say `{partition}`, `{region}` and `{machine}` (Arm64, X86).
    `reserved_concurrency` is by function: what it has for itself of the account's quota, and at most.
    `snap_start` names the functions that start from snapshots, which cost by their memory as long as they are kept.
    `managed_capacity` runs `chat` on instances, which cost whether anybody calls or not; such a function has neither
    snapshots nor reserved concurrency.
    `roll_up_within` is how long written rows wait for company before a run brings them into the sums.
    `trace_share` is of the API's requests, 0 to 1; None leaves it to X-Ray's own rule, one a second and 5 % beyond.
    `tenant_vault` is where tenants' provider keys are: a secret of Secrets Manager a tenant, or a table whose items are
    sealed by data keys of the environment's key. `tenant_vault_before` is where they come from while they move.
    `provider_base_urls` is a JSON object from provider ids to other addresses than the published ones.
    `bedrock_region` is where Bedrock is called, which is not called at all without one; `is_bedrock_shared`: by the
    function's own role for tenants that bring none of their own.
    `declared_providers` is a JSON object of servers that speak OpenAI's API, by ids of their own (docs/providers.md).
    `otlp_endpoint` is a collector's address, which spans of calls are sent to.
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
    managed_capacity: ManagedCapacity | None = None
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
    declared_providers: str | None = None
    bedrock_region: str | None = None
    is_bedrock_shared: bool = True
    otlp_endpoint: str | None = None
    roll_up_within: Duration = field(default_factory=lambda: Duration.seconds(20))
    sweep_every: Duration = field(default_factory=lambda: Duration.minutes(1))
    check_every: Duration = field(default_factory=lambda: Duration.minutes(15))
    price_alerts_every: Duration = field(default_factory=lambda: Duration.minutes(15))
    ledger_retention_days: int = 395
    tag_values_a_day: int = 1_000
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
    def operator_secrets(self) -> str:
        """The prefix of the names of the operator's own keys at declared providers."""
        return f"atom-llm/{self.name}/providers"

    @property
    def tenant_secrets(self) -> str:
        """The prefix of the names of tenants' secrets."""
        return f"atom-llm/{self.name}/tenants"

    @property
    def vaults(self) -> frozenset[Vault]:
        """The vaults in which tenants' provider keys may be."""
        return frozenset(vault for vault in (self.tenant_vault, self.tenant_vault_before) if vault is not None)

    def starts_from_a_snapshot(self, function: str) -> bool:
        """Return whether a function starts from a snapshot."""
        return function in self.snap_start and not self.is_on_instances(function)

    def is_on_instances(self, function: str) -> bool:
        """Return whether a function runs on managed instances."""
        return function == "chat" and self.managed_capacity is not None

    @property
    def adapter_layer(self) -> str | None:
        """The adapter's layer: on instances a newer release, unless the environment names one of its own."""
        if self.managed_capacity is not None and self.adapter_layer_arn == ADAPTER_LAYER_ARN:
            return MANAGED_ADAPTER_LAYER_ARN
        return self.adapter_layer_arn

    def memory(self, function: str) -> int:
        """Return the memory of a function, in megabytes."""
        if function == "chat" and self.managed_capacity is not None:
            return self.managed_capacity.memory_mb
        return self.memory_mb.get(function, self.default_memory_mb)


# A refresh holds two price files and two catalogues; more memory is also more CPU for it.
MEMORY_MB: Final = {"pricing": 1024, "pricing-refresh": 1024, "chat": 208}

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
            roll_up_within=Duration.seconds(1),
        ),
    )
}
