"""The running part of the service: layers, a function a route group, the API in front, schedules, alarms."""

from pathlib import Path

from aws_cdk import CfnOutput, Duration, Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.constructs.api import PREFIXES, Api
from infra.constructs.budget_alerts import BudgetAlertTopic
from infra.constructs.function import ARCHITECTURES, ServiceFunction
from infra.constructs.grants import grant
from infra.constructs.keep_awake import KeepAwake
from infra.constructs.ledger_schedule import LedgerSchedule
from infra.constructs.managed_capacity import CapacityForChat
from infra.constructs.refresh_schedule import RefreshSchedule
from infra.constructs.watch import Watch
from infra.environments import Architecture, Environment
from infra.stacks.data import DataStack

ANSWER_TIMEOUT = Duration.seconds(29)  # API Gateway gives up after 29 s; later answers reach nobody
WHOLE_DEADLINE_S = "25"  # of a call whose answer does not stream: it has to be there before the gateway gives up
STREAM_TIMEOUT = Duration.minutes(15)  # an answer that streams may take as long as Lambda lives
CONSOLE_TIMEOUT = Duration.seconds(5)  # its answers are in memory
LEDGER_TIMEOUT = Duration.minutes(5)  # a check reads a day's rows of every tenant
REFRESH_TIMEOUT = Duration.seconds(120)  # both sources with all their retries, and a slow table

ADAPTER_PORT = "8080"


class ServiceStack(Stack):
    """The functions and what is around them; it can be thrown away and deployed anew, the data is elsewhere."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        data: DataStack,
        assets: Path,
        arch: Architecture,
    ) -> None:
        super().__init__(scope, construct_id)
        self._environment = environment
        self._data = data
        self._assets = assets
        self._arch = arch
        self._layers = [self._layer("Dependencies", "layer-dependencies"), self._layer("Code", "layer-code")]
        self._dead_letters = sqs.Queue(
            self,
            "RefreshGivenUp",  # the name is of the time when the refresh was alone; another one would replace the queue
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=Duration.days(14),
        )
        acknowledge(self._dead_letters, "SQS3", "It is the dead-letter queue.")

        functions = {group: self._group(group) for group in PREFIXES}
        console = self._console()
        refresh = self._plain("pricing-refresh", "functions.pricing.refresh.handler", "pricing", REFRESH_TIMEOUT)
        RefreshSchedule(
            self,
            "Refresh",
            what="Refresh the prices of all models",
            target=refresh.target,
            every=environment.refresh_every,
            queue=self._dead_letters,
        )
        sync = self._plain("registry-sync", "functions.registry.sync.handler", "registry", REFRESH_TIMEOUT)
        RefreshSchedule(
            self,
            "Sync",
            what="Sync the quality scores of all models",
            target=sync.target,
            every=environment.sync_every,
            queue=self._dead_letters,
        )
        ledger = self._plain("byok-ledger", "functions.byok.ledger.handler", "byok", LEDGER_TIMEOUT)
        LedgerSchedule(
            self,
            "Ledger",
            target=ledger.target,
            table=data.tables["usage"],
            within=environment.roll_up_within,
            sweep_every=environment.sweep_every,
            check_every=environment.check_every,
            price_alerts_every=environment.price_alerts_every,
            queue=self._dead_letters,
        )
        alerts = BudgetAlertTopic(
            self,
            "BudgetAlerts",
            environment=environment,
            source=environment.event_source,
            key=data.key,
            queue=self._dead_letters,
        )
        api = Api(
            self,
            "Api",
            environment=environment,
            key=data.key,
            targets={group: function.target for group, function in functions.items()},
            console=console.target,
            streams={"chat": STREAM_TIMEOUT} if environment.adapter_layer_arn else {},
        )
        snapshots = [group for group in environment.snap_start if environment.starts_from_a_snapshot(group)]
        if snapshots:
            KeepAwake(self, "KeepAwake", functions=[functions[group].target for group in snapshots])
        running = {name: each.function for name, each in functions.items()}
        running |= {
            "console": console.function,
            "pricing-refresh": refresh.function,
            "registry-sync": sync.function,
            "byok-ledger": ledger.function,
        }
        Watch(
            self,
            "Watch",
            environment=environment,
            key=data.key,
            api=api.rest_api,
            functions=running,
            tables=data.tables,
            dead_letters=self._dead_letters,
        )
        # Without the slash that the CDK's own word for it ends with: paths are put behind it.
        domain = f"{api.rest_api.rest_api_id}.execute-api.{self.region}.{self.url_suffix}"
        CfnOutput(self, "ApiUrl", value=f"https://{domain}/{api.rest_api.deployment_stage.stage_name}")
        CfnOutput(self, "ApiId", value=api.rest_api.rest_api_id)
        CfnOutput(self, "BudgetAlertsTopicArn", value=alerts.topic.topic_arn)
        CfnOutput(self, "ByokLedgerFunctionName", value=ledger.function.function_name)
        CfnOutput(self, "PricingRefreshFunctionName", value=refresh.function.function_name)
        CfnOutput(self, "RegistrySyncFunctionName", value=sync.function.function_name)
        for group, function in functions.items():
            CfnOutput(self, f"{group.capitalize()}FunctionName", value=function.function.function_name)

    def _group(self, group: str) -> ServiceFunction:
        """Make a route group's function; `chat` streams under the adapter layer, but where the environment has none."""
        adapter = self._adapter_layer_arn() if group == "chat" else None
        variables, layers, handler = self._variables(group), list(self._layers), f"functions.{group}.main.handler"
        if adapter is not None:
            variables |= {
                "AWS_LAMBDA_EXEC_WRAPPER": "/opt/bootstrap",
                "AWS_LWA_INVOKE_MODE": "response_stream",
                "AWS_LWA_PORT": ADAPTER_PORT,
                "AWS_LWA_READINESS_CHECK_PATH": "/v1/health",
            }
            layers.append(lambda_.LayerVersion.from_layer_version_arn(self, "AdapterLayer", adapter))
            handler = "functions/chat/run.sh"
        elif group == "chat":
            variables["ATOM_DEADLINE_S"] = WHOLE_DEADLINE_S
        return self._function(
            group,
            handler=handler,
            code=f"functions/{group}",
            layers=layers,
            variables=variables,
            timeout=STREAM_TIMEOUT if adapter else ANSWER_TIMEOUT,
            snap_start=self._environment.starts_from_a_snapshot(group),
            is_traced=True,
            capacity=self._capacity() if self._environment.is_on_instances(group) else None,
        )

    def _capacity(self) -> CapacityForChat | None:
        wanted = self._environment.managed_capacity
        if wanted is None:
            return None
        return CapacityForChat(
            self,
            "Capacity",
            environment=self._environment,
            wanted=wanted,
            architecture=ARCHITECTURES[self._arch],
            key=self._data.key,
        )

    def _adapter_layer_arn(self) -> str | None:
        arn = self._environment.adapter_layer
        machine = {"arm64": "Arm64", "x86_64": "X86"}[self._arch]
        return arn and arn.format(partition=self.partition, region=self.region, machine=machine)

    def _console(self) -> ServiceFunction:
        """Make the function that answers the console's files: it needs no layer, no variable and no permission."""
        return ServiceFunction(
            self,
            "Console",
            name="console",
            handler="functions.console.main.handler",
            code=self._assets / "functions/console",
            layers=[],
            variables={},
            environment=self._environment,
            arch=self._arch,
            key=self._data.key,
            timeout=CONSOLE_TIMEOUT,
            snap_start=False,
            is_traced=True,
        )

    def _plain(self, name: str, handler: str, group: str, timeout: Duration) -> ServiceFunction:
        """Make a group's code a plain handler that no route leads to; what waits for nobody needs no snapshot."""
        return self._function(
            name,
            handler=handler,
            code=f"functions/{group}",
            layers=self._layers,
            variables=self._variables(group),
            timeout=timeout,
            snap_start=False,
            is_traced=False,
            dead_letters=self._dead_letters,
        )

    def _function(
        self,
        name: str,
        *,
        handler: str,
        code: str,
        layers: list[lambda_.ILayerVersion],
        variables: dict[str, str],
        timeout: Duration,
        snap_start: bool,
        is_traced: bool,
        dead_letters: sqs.IQueue | None = None,
        capacity: CapacityForChat | None = None,
    ) -> ServiceFunction:
        made = ServiceFunction(
            self,
            "".join(part.capitalize() for part in name.split("-")),
            name=name,
            handler=handler,
            code=self._assets / code,
            layers=layers,
            variables=variables,
            environment=self._environment,
            arch=self._arch,
            key=self._data.key,
            timeout=timeout,
            snap_start=snap_start,
            is_traced=is_traced,
            dead_letters=dead_letters,
            capacity=capacity,
        )
        grant(made.role, name, self._environment, self._data)
        return made

    def _variables(self, service: str) -> dict[str, str]:
        """Return the variables that the code reads; `atom_llm.settings` has the other half of this list."""
        environment, tables = self._environment, self._data.tables
        variables = {
            "ATOM_ENVIRONMENT": environment.name,
            "ATOM_PEPPER_SECRET_ID": self._data.pepper.secret_arn,
            **{f"ATOM_{name.upper()}_TABLE": table.table_name for name, table in tables.items()},
            "ATOM_TENANT_SECRETS_PREFIX": environment.tenant_secrets,
            "ATOM_KMS_KEY_ID": self._data.key.key_arn,
            "ATOM_TENANT_VAULT": environment.tenant_vault,
            "ATOM_EVENT_SOURCE": environment.event_source,
            "ATOM_LEDGER_RETENTION_DAYS": str(environment.ledger_retention_days),
            "ATOM_TAG_VALUES_A_DAY": str(environment.tag_values_a_day),
            "POWERTOOLS_SERVICE_NAME": service,
            "POWERTOOLS_METRICS_NAMESPACE": environment.metrics_namespace,
            "POWERTOOLS_LOG_LEVEL": "INFO",
        }
        if environment.tenant_vault_before:
            variables["ATOM_TENANT_VAULT_BEFORE"] = environment.tenant_vault_before
        if environment.litellm_prices_url:
            variables["ATOM_LITELLM_PRICES_URL"] = environment.litellm_prices_url
        if environment.openrouter_models_url:
            variables["ATOM_OPENROUTER_MODELS_URL"] = environment.openrouter_models_url
        if environment.genai_prices_url:
            variables["ATOM_GENAI_PRICES_URL"] = environment.genai_prices_url
        if environment.models_dev_url:
            variables["ATOM_MODELS_DEV_URL"] = environment.models_dev_url
        if environment.arena_rows_url:
            variables["ATOM_ARENA_ROWS_URL"] = environment.arena_rows_url
        if environment.provider_base_urls:
            variables["ATOM_PROVIDER_BASE_URLS"] = environment.provider_base_urls
        if environment.declared_providers:
            variables["ATOM_DECLARED_PROVIDERS"] = environment.declared_providers
        if environment.bedrock_region:
            variables["ATOM_BEDROCK_REGION"] = environment.bedrock_region
            variables["ATOM_BEDROCK_SHARED"] = str(environment.is_bedrock_shared).lower()
        if environment.otlp_endpoint:
            variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = environment.otlp_endpoint
        if environment.cors_origins:
            variables["ATOM_CORS_ORIGINS"] = ",".join(environment.cors_origins)
        return variables

    def _layer(self, name: str, folder: str) -> lambda_.ILayerVersion:
        return lambda_.LayerVersion(
            self,
            f"{name}Layer",
            code=lambda_.Code.from_asset(str(self._assets / folder)),
            compatible_runtimes=[lambda_.Runtime.PYTHON_3_13],
            compatible_architectures=[ARCHITECTURES[self._arch]],
        )
