"""A Lambda function of this service: its role, its log group, its layers and environment."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from aws_cdk import Acknowledgment, Duration, Validations
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.constructs.log_group import log_group
from infra.constructs.managed_capacity import CapacityForChat
from infra.environments import Architecture, Environment

SNAP_START_NEEDS_VERSIONS = "Annotation::@aws-cdk/aws-lambda:snapStartRequirePublish"
ARCHITECTURES = {"arm64": lambda_.Architecture.ARM_64, "x86_64": lambda_.Architecture.X86_64}


class ServiceFunction(Construct):
    """A function with a role of its own that may write its own logs and traces, and nothing else yet.

    `is_traced` is for what the API calls: of a function that nothing else decides for, Lambda has each run traced.
    `target` is what callers invoke: the published version's alias where snapshots or instances are on, else the
    function itself.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        handler: str,
        code: Path,
        layers: Sequence[lambda_.ILayerVersion],
        variables: Mapping[str, str],
        environment: Environment,
        arch: Architecture,
        key: kms.IKey,
        timeout: Duration,
        snap_start: bool,
        is_traced: bool,
        dead_letters: sqs.IQueue | None = None,
        capacity: CapacityForChat | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        logged = log_group(self, "Logs", name, environment, key)
        self.role = self._role(logged, is_traced=is_traced)
        self.function = lambda_.Function(
            self,
            "Function",
            description=f"atom-llm {environment.name}: {name}",
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=ARCHITECTURES[arch],
            handler=handler,
            code=lambda_.Code.from_asset(str(code)),
            layers=list(layers),
            environment=dict(variables),
            memory_size=environment.memory(name),
            timeout=timeout,
            tracing=lambda_.Tracing.ACTIVE if is_traced else None,
            log_group=logged,
            role=self.role,
            dead_letter_queue=dead_letters,
            retry_attempts=2 if dead_letters else None,
            reserved_concurrent_executions=None if capacity else environment.reserved_concurrency.get(name),
            current_version_options=capacity.version_options if capacity else None,
            snap_start=lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS if snap_start else None,
        )
        acknowledge(self.function, "L1", "Python 3.13 everywhere: the runtime, the tests and the developers' machines.")
        if snap_start:
            Validations.of(self.function).acknowledge(
                Acknowledgment(id=SNAP_START_NEEDS_VERSIONS, reason="The alias below publishes the version.")
            )
        if capacity is not None:
            capacity.take(self.function)
        self.target: lambda_.IFunction = (
            lambda_.Alias(self, "Live", alias_name="live", version=self.function.current_version)
            if snap_start or capacity is not None  # both are of published versions alone
            else self.function
        )

    def _role(self, logged: logs.ILogGroup, *, is_traced: bool) -> iam.Role:
        """Make a role that spells out what AWS's managed policy for Lambda gives away wholesale."""
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        role.add_to_principal_policy(
            iam.PolicyStatement(actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[logged.log_group_arn])
        )
        if is_traced:
            role.add_to_principal_policy(
                iam.PolicyStatement(actions=["xray:PutTelemetryRecords", "xray:PutTraceSegments"], resources=["*"])
            )
            acknowledge(role, "IAM5[Resource::*]", "X-Ray's two write actions know no resources.")
        return role
