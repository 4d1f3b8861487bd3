"""The data that outlives the code: the tables, the key that encrypts them, and the pepper."""

import json

from aws_cdk import ArnFormat, CfnOutput, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.constructs.grants import SERVICE_KEY_ACTIONS
from infra.environments import Environment

TABLES = ("keys", "usage", "catalogue", "runtime")
TENANT_DATA = frozenset({"keys", "usage"})  # the other two are rebuilt from sources, or may be lost
VAULT = "vault"
UTILISATION = 70  # per cent of a provisioned capacity: what is left takes a rise until there is more of it
WHY_NO_BACKUP = {
    **dict.fromkeys(("catalogue", "runtime"), "Rebuilt from its sources, or made of minutes that may be lost."),
    VAULT: "A provider key that was erased must not come back from a backup.",
}


class DataStack(Stack):
    """Tables by life cycle, the environment's key, the pepper of service keys.

    A table is the vault of tenants' provider keys where the environment's vault is the envelope one, or was.
    """

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment) -> None:
        super().__init__(scope, construct_id, termination_protection=environment.deletion_protection)
        self.key = self._key(environment)
        names = [*TABLES, VAULT] if "envelope" in environment.vaults else TABLES
        self.tables = {name: self._table(name, environment) for name in names}
        self.pepper = secretsmanager.Secret(
            self,
            "Pepper",
            description="What service keys are hashed with, by version",
            # By its ARN: given the key itself, the construct would write wildcard actions into the key's policy.
            encryption_key=kms.Key.from_key_arn(self, "KeyOfPepper", self.key.key_arn),
            removal_policy=environment.removal_policy,
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template=json.dumps({"current": "v1"}),
                generate_string_key="v1",
                password_length=64,
                exclude_punctuation=True,
            ),
        )
        acknowledge(self.pepper, "SMG4", "A new pepper is a new version beside the old one, by an operator's decision.")
        for name, table in self.tables.items():
            CfnOutput(self, f"{name.capitalize()}TableName", value=table.table_name)
        CfnOutput(self, "PepperSecretArn", value=self.pepper.secret_arn)
        CfnOutput(self, "KeyArn", value=self.key.key_arn)
        CfnOutput(self, "TenantVault", value=environment.tenant_vault)
        CfnOutput(self, "TenantVaultBefore", value=environment.tenant_vault_before or environment.tenant_vault)

    def _key(self, environment: Environment) -> kms.Key:
        key = kms.Key(
            self,
            "Key",
            description=f"atom-llm {environment.name}: tables, secrets, logs, alarms",
            enable_key_rotation=True,
            removal_policy=environment.removal_policy,
        )
        key.add_to_resource_policy(
            iam.PolicyStatement(
                sid="LogGroupsOfThisService",
                principals=[iam.ServicePrincipal(f"logs.{self.region}.amazonaws.com")],
                actions=list(SERVICE_KEY_ACTIONS),
                resources=["*"],  # in a key's policy: this key
                conditions={
                    "ArnLike": {
                        "kms:EncryptionContext:aws:logs:arn": self.format_arn(
                            service="logs",
                            resource="log-group",
                            resource_name=f"/atom-llm/{environment.name}/*",
                            arn_format=ArnFormat.COLON_RESOURCE_NAME,
                        )
                    }
                },
            )
        )
        key.add_to_resource_policy(
            iam.PolicyStatement(
                sid="AlarmsOfThisAccount",
                principals=[
                    iam.ServicePrincipal("cloudwatch.amazonaws.com"),
                    iam.ServicePrincipal("budgets.amazonaws.com"),
                ],
                actions=["kms:Decrypt", "kms:GenerateDataKey"],
                resources=["*"],
                conditions={"StringEquals": {"aws:SourceAccount": self.account}},
            )
        )
        # By the topic that it is for: SNS does not tell KMS on whose account's behalf EventBridge publishes, and with
        # the condition above every alert would be lost without a word.
        key.add_to_resource_policy(
            iam.PolicyStatement(
                sid="EventsToTopicsOfThisAccount",
                principals=[iam.ServicePrincipal("events.amazonaws.com")],
                actions=["kms:Decrypt", "kms:GenerateDataKey"],
                resources=["*"],
                conditions={
                    "ArnLike": {"kms:EncryptionContext:aws:sns:topicArn": self.format_arn(service="sns", resource="*")}
                },
            )
        )
        return key

    def _table(self, name: str, environment: Environment) -> dynamodb.Table:
        holds_tenant_data = name in TENANT_DATA
        units = _units(name, environment)
        table = dynamodb.Table(
            self,
            f"{name.capitalize()}Table",
            partition_key=dynamodb.Attribute(name="pk", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="sk", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PROVISIONED if units else dynamodb.BillingMode.PAY_PER_REQUEST,
            write_capacity=units[0][0] if units else None,
            read_capacity=units[1][0] if units else None,
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED,
            encryption_key=self.key,
            time_to_live_attribute="ttl",
            # Keys are all that the ledger's function needs to know of a row: what there is to do it reads.
            stream=dynamodb.StreamViewType.KEYS_ONLY if name == "usage" else None,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=holds_tenant_data and environment.point_in_time_recovery
            ),
            deletion_protection=environment.deletion_protection,
            removal_policy=environment.removal_policy,
        )
        if units:
            (least_writes, most_writes), (least_reads, most_reads) = units
            table.auto_scale_write_capacity(min_capacity=least_writes, max_capacity=most_writes).scale_on_utilization(
                target_utilization_percent=UTILISATION
            )
            table.auto_scale_read_capacity(min_capacity=least_reads, max_capacity=most_reads).scale_on_utilization(
                target_utilization_percent=UTILISATION
            )
        if not (holds_tenant_data and environment.point_in_time_recovery):
            acknowledge(table, "DDB3", WHY_NO_BACKUP.get(name, f"{environment.name} holds no data worth a backup."))
        return table


def _units(table: str, environment: Environment) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """Return the least and the most of a table's provisioned write and read units; None: it is paid for on demand."""
    capacity = environment.managed_capacity
    if table != "usage" or capacity is None or capacity.write_units is None or capacity.read_units is None:
        return None
    return capacity.write_units, capacity.read_units
