"""The grants of each function on each table: the one place, which the tests compare the templates with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager

from infra.acknowledge import acknowledge
from infra.environments import Environment

GET: Final = ("dynamodb:GetItem",)
QUERY: Final = ("dynamodb:Query",)
READ: Final = ("dynamodb:GetItem", "dynamodb:Query")
MANY: Final = ("dynamodb:BatchGetItem", "dynamodb:BatchWriteItem")
PUT: Final = ("dynamodb:PutItem", "dynamodb:UpdateItem")
WRITE: Final = ("dynamodb:DeleteItem", *PUT)


ENTRIES: Final = ("dynamodb:GetItem", "dynamodb:PutItem")  # an entry is read where its answer was lost
CIRCUITS_AND_HEALTH: Final = ("dynamodb:BatchGetItem", "dynamodb:Query")
STREAM: Final = (
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
)
# Of a service key: all that a function without more rights may write. The first use hands a key over, and the first
# one after the pepper was rotated rehashes it.
NOTE_OF_USE: Final = ("last_used_at", "lapses_at", "pepper_version", "secret_hash")
# Of a provider key: what a call found out about it, under the conditions that it is still the same one.
NOTE_OF_A_CALL: Final = ("deleted_at", "material", "status", "status_at", "status_reason")
# What a service does with the key to store and read something of ours.
SERVICE_KEY_ACTIONS: Final = (
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)

# What Secrets Manager asks of the key on a function's behalf, with the secret's ARN as encryption context: to read a
# value, and to store one (AWS's guide, "How Secrets Manager uses your KMS key").
KEY_TO_READ_SECRETS: Final = ("kms:Decrypt",)
KEY_TO_WRITE_SECRETS: Final = ("kms:Decrypt", "kms:GenerateDataKey")

READ_SECRETS: Final = ("secretsmanager:GetSecretValue",)

WRITE_SECRETS: Final = (
    "secretsmanager:CreateSecret",
    "secretsmanager:DeleteSecret",
    "secretsmanager:GetSecretValue",
    "secretsmanager:PutSecretValue",
    "secretsmanager:UpdateSecretVersionStage",
)

# The envelope vault: its table, and the key itself, for data keys whose context names this environment and a tenant.
READ_VAULT: Final = QUERY
WRITE_VAULT: Final = ("dynamodb:DeleteItem", "dynamodb:GetItem", *PUT, *QUERY)
OPEN_DATA_KEYS: Final = ("kms:Decrypt",)
MAKE_DATA_KEYS: Final = ("kms:Decrypt", "kms:GenerateDataKey")


CALL_BEDROCK: Final = ("bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream")
ASSUME: Final = ("sts:AssumeRole",)
TENANTS_ROLES: Final = "atom-llm-bedrock*"  # what a tenant has to name its role, under an external id of its own


class DataResources(Protocol):
    """The resources that grants are about: the tables by name, the key that encrypts them, and the pepper."""

    tables: dict[str, dynamodb.Table]
    key: kms.Key
    pepper: secretsmanager.Secret


@dataclass(frozen=True, slots=True)
class Grants:
    """The permissions of one function.

    They are actions by table, whether it checks service keys, which attributes of keys it may write where it may not
    write all, whether it writes audit entries where it may write nothing else of that table, and whether it then has to
    find out who the operator is, actions on tenants' secrets, whether it publishes budget alerts, which table's stream
    wakes it, and whether it calls providers: those that the environment declares are called with the operator's keys.
    """

    tables: Mapping[str, Sequence[str]] = field(default_factory=dict)
    checks_service_keys: bool = False
    notes: Sequence[str] = NOTE_OF_USE
    writes_entries: bool = False
    finds_the_operator: bool = False
    tenant_secrets: Sequence[str] = ()
    publishes_alerts: bool = False
    reads_stream_of: str | None = None
    calls_providers: bool = False


# A group whose routes are not there yet may do nothing; its issue adds what they need.
GRANTS: Final[Mapping[str, Grants]] = {
    "byok": Grants(
        {"keys": (*READ, *MANY, *WRITE), "usage": (*READ, *MANY, *WRITE), "catalogue": READ, "runtime": QUERY},
        checks_service_keys=True,
        tenant_secrets=WRITE_SECRETS,
    ),
    "byok-ledger": Grants(
        {"keys": READ, "usage": (*READ, *MANY, *WRITE), "catalogue": QUERY},
        publishes_alerts=True,
        reads_stream_of="usage",
    ),
    "pricing": Grants(
        {"keys": READ, "usage": QUERY, "catalogue": (*READ, *WRITE)}, checks_service_keys=True, writes_entries=True
    ),
    "pricing-refresh": Grants({"catalogue": (*READ, *WRITE)}, writes_entries=True, finds_the_operator=True),
    "registry": Grants(
        {"keys": GET, "catalogue": (*READ, *PUT), "runtime": CIRCUITS_AND_HEALTH},
        checks_service_keys=True,
        writes_entries=True,
    ),
    "registry-sync": Grants({"catalogue": (*READ, *PUT)}, writes_entries=True, finds_the_operator=True),
    # A month's budget that preferences name is set as byok sets it: settings, windows, what was spent already.
    "tiers": Grants(
        {
            "keys": (*READ, "dynamodb:DeleteItem", "dynamodb:PutItem"),
            "usage": (*READ, "dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"),
            "catalogue": READ,
            "runtime": CIRCUITS_AND_HEALTH,
        },
        checks_service_keys=True,
    ),
    "chat": Grants(
        {
            "keys": READ,
            "usage": (*READ, *MANY, *PUT),
            "catalogue": READ,
            "runtime": (*CIRCUITS_AND_HEALTH, "dynamodb:UpdateItem"),
        },
        checks_service_keys=True,
        notes=(*NOTE_OF_USE, *NOTE_OF_A_CALL),
        tenant_secrets=READ_SECRETS,
        calls_providers=True,
    ),
}


def grant(role: iam.IRole, function: str, environment: Environment, data: DataResources) -> None:
    """Give a function's role its row's permissions, and the key through those services alone."""
    granted, stack = GRANTS[function], Stack.of(role)
    for name, actions in sorted(granted.tables.items()):
        _allow(role, actions, data.tables[name].table_arn)
    if granted.tables:
        via = {"StringEquals": {"kms:ViaService": f"dynamodb.{stack.region}.amazonaws.com"}}
        _allow(role, SERVICE_KEY_ACTIONS, data.key.key_arn, via)
    if granted.checks_service_keys:
        _allow(role, ["secretsmanager:GetSecretValue"], data.pepper.secret_arn)
        _allow_key_for_secrets(role, KEY_TO_READ_SECRETS, data.key, data.pepper.secret_arn)
        if "dynamodb:UpdateItem" not in granted.tables["keys"]:
            only = {"ForAllValues:StringEquals": {"dynamodb:Attributes": ["pk", "sk", *granted.notes]}}
            _allow(role, ["dynamodb:UpdateItem"], data.tables["keys"].table_arn, only)
    if granted.writes_entries:
        may = granted.tables.get("keys", ())
        _allow(role, [each for each in ENTRIES if each not in may], data.tables["keys"].table_arn, _only_of("audit#*"))
    if granted.finds_the_operator:
        _allow(role, QUERY, data.tables["keys"].table_arn, _only_of("tenants"))
    reads_alone = set(granted.tenant_secrets) <= set(READ_SECRETS)
    if granted.tenant_secrets and "envelope" in environment.vaults:
        _allow(role, READ_VAULT if reads_alone else WRITE_VAULT, data.tables["vault"].table_arn)
        bound = {
            "StringEquals": {"kms:EncryptionContext:atom-llm:environment": environment.name},
            "Null": {"kms:EncryptionContext:atom-llm:tenant": "false"},
        }
        _allow(role, OPEN_DATA_KEYS if reads_alone else MAKE_DATA_KEYS, data.key.key_arn, bound)
    if granted.tenant_secrets and "secrets-manager" in environment.vaults:
        secrets = stack.format_arn(
            service="secretsmanager",
            resource="secret",
            resource_name=f"{environment.tenant_secrets}/*",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        _allow(role, granted.tenant_secrets, secrets)
        _allow_key_for_secrets(role, KEY_TO_READ_SECRETS if reads_alone else KEY_TO_WRITE_SECRETS, data.key, secrets)
        acknowledge(
            role,
            f"IAM5[Resource::arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:{environment.tenant_secrets}/*]",
            "One secret a tenant, under a prefix that nothing else uses.",
        )
    if granted.calls_providers and environment.bedrock_region:
        _allow_bedrock(role, environment.bedrock_region, is_shared=environment.is_bedrock_shared)
    if granted.calls_providers and '"secret"' in (environment.declared_providers or ""):
        _allow_operator_secrets(role, environment)
    if granted.publishes_alerts:
        bus = stack.format_arn(service="events", resource="event-bus", resource_name="default")
        _allow(role, ["events:PutEvents"], bus, {"StringEquals": {"events:source": environment.event_source}})
    if granted.reads_stream_of is not None:
        _allow(role, STREAM, data.tables[granted.reads_stream_of].table_stream_arn or "")


def _allow_bedrock(role: iam.IRole, region: str, *, is_shared: bool) -> None:
    """Allow Bedrock's models, through the inference profiles of a region, and roles that tenants have for us.

    A profile spans regions, and each of the models behind it is asked for by itself. Converse needs what InvokeModel
    needs (the user guide, "Converse API").
    """
    stack = Stack.of(role)
    models = f"arn:{stack.partition}:bedrock:*::foundation-model/*"
    profiles = f"arn:{stack.partition}:bedrock:{region}:{stack.account}:inference-profile/*"
    roles = f"arn:{stack.partition}:iam::*:role/{TENANTS_ROLES}"
    if is_shared:
        for resource in (models, profiles):
            _allow(role, CALL_BEDROCK, resource)
    _allow(role, ASSUME, roles)
    for resource in (*((models, profiles) if is_shared else ()), roles):
        plain = resource.replace(stack.partition, "<AWS::Partition>").replace(stack.account, "<AWS::AccountId>")
        reason = "Which models there are is Bedrock's to say, and which accounts, tenants'; the actions are bounded."
        acknowledge(role, f"IAM5[Resource::{plain}]", reason)


def _allow_operator_secrets(role: iam.IRole, environment: Environment) -> None:
    """Allow the operator's keys at declared providers: secrets that AWS's own key encrypts, made by hand."""
    secrets = Stack.of(role).format_arn(
        service="secretsmanager",
        resource="secret",
        resource_name=f"{environment.operator_secrets}/*",
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
    _allow(role, READ_SECRETS, secrets)
    acknowledge(
        role,
        f"IAM5[Resource::arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:{environment.operator_secrets}/*]",
        "The operator's own keys at the providers that it declares, under a prefix that nothing else uses.",
    )


def _allow_key_for_secrets(role: iam.IRole, actions: Sequence[str], key: kms.Key, secrets: str) -> None:
    """Allow the key through Secrets Manager, for the secrets of that ARN or pattern and no other.

    Secrets Manager names the secret in the encryption context of each request, that of its test of the key included; a
    tenant has a secret of its own, so that a data key is bound to one tenant.
    """
    conditions = {
        "StringEquals": {"kms:ViaService": f"secretsmanager.{Stack.of(role).region}.amazonaws.com"},
        "ArnLike": {"kms:EncryptionContext:SecretARN": secrets},
    }
    _allow(role, actions, key.key_arn, conditions)


def _only_of(partitions: str) -> Mapping[str, object]:
    """Return the condition that every item asked for is of these partitions."""
    return {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [partitions]}}


def _allow(
    role: iam.IRole, actions: Sequence[str], resource: str, conditions: Mapping[str, object] | None = None
) -> None:
    statement = iam.PolicyStatement(actions=list(actions), resources=[resource], conditions=conditions)
    role.add_to_principal_policy(statement)
