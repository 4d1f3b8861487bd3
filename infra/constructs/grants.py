"""Which function may do what with which table: the one place, and what the tests compare the templates with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from aws_cdk import Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager

from infra.stacks.data import SERVICE_KEY_ACTIONS

GET: Final = ("dynamodb:GetItem",)
READ: Final = ("dynamodb:GetItem", "dynamodb:Query")
WRITE: Final = ("dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem")


@dataclass(frozen=True, slots=True)
class Grants:
    """What one function may do: actions by table, and whether it checks service keys."""

    tables: Mapping[str, Sequence[str]] = field(default_factory=dict)
    checks_service_keys: bool = False


# A group whose routes are not there yet may do nothing; its issue adds what they need.
GRANTS: Final[Mapping[str, Grants]] = {
    "byok": Grants(),
    "pricing": Grants({"keys": GET, "catalogue": (*READ, *WRITE)}, checks_service_keys=True),
    "pricing-refresh": Grants({"catalogue": (*READ, *WRITE)}),
    "registry": Grants(),
    "tiers": Grants(),
    "chat": Grants(),
}


def grant(
    role: iam.IRole,
    function: str,
    tables: Mapping[str, dynamodb.ITable],
    pepper: secretsmanager.ISecret,
    key: kms.IKey,
) -> None:
    """Give a function's role what its row says, and the key through those services alone."""
    granted = GRANTS[function]
    region = Stack.of(role).region
    via: list[str] = []
    for name, actions in sorted(granted.tables.items()):
        statement = iam.PolicyStatement(actions=list(actions), resources=[tables[name].table_arn])
        role.add_to_principal_policy(statement)
        via = [f"dynamodb.{region}.amazonaws.com"]
    if granted.checks_service_keys:
        role.add_to_principal_policy(
            iam.PolicyStatement(actions=["secretsmanager:GetSecretValue"], resources=[pepper.secret_arn])
        )
        via = [*via, f"secretsmanager.{region}.amazonaws.com"]
    if via:
        role.add_to_principal_policy(
            iam.PolicyStatement(
                actions=list(SERVICE_KEY_ACTIONS),
                resources=[key.key_arn],
                conditions={"StringEquals": {"kms:ViaService": via}},
            )
        )
