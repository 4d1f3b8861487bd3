"""The last step of `make destroy`: tenants' secrets that nobody can read any more once the key of their tables is gone.

The service makes them, not the templates, so that no stack takes them along. Where an environment keeps its tables and
their key, it keeps them too.
"""

import sys
from collections.abc import Iterator
from typing import Any

import boto3
from aws_cdk import RemovalPolicy
from botocore.exceptions import BotoCoreError, ClientError

from infra.environments import ENVIRONMENTS


def main(environment: str) -> int:
    """Delete them where the data stack is gone; prints what became of them and returns the exit code."""
    settings = ENVIRONMENTS[environment]
    prefix = f"{settings.tenant_secrets}/"
    try:
        if settings.removal_policy is not RemovalPolicy.DESTROY:
            print(f'Tables, key and tenants\' secrets of {environment} stay (docs/deploying.md, "Taking it away").')
        elif stands(f"atom-llm-{environment}-data"):
            print(f"The stacks of {environment} stand: tenants' secrets were left alone.")
        else:
            print(f"Tenants' secrets of {environment} that were deleted: {delete_all(prefix)}")
    except (BotoCoreError, ClientError) as error:
        print(f"Tenants' secrets under {prefix} may be left, and cost; ask again: {error}", file=sys.stderr)
        return 1
    return 0


def stands(stack: str) -> bool:
    """Return whether a stack is there, whatever its state."""
    client: Any = boto3.client("cloudformation")
    try:
        client.describe_stacks(StackName=stack)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ValidationError":  # CloudFormation's word for "does not exist"
            return False
        raise
    return True


def delete_all(prefix: str) -> int:
    """Delete every secret whose name begins so, beyond recovery; returns their number."""
    client: Any = boto3.client("secretsmanager")
    names = list(_named(client, prefix))
    for name in names:
        client.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    return len(names)


def _named(client: Any, prefix: str) -> Iterator[str]:
    """List the names that begin so; the filter alone does not promise where in a name it looks."""
    filters = [{"Key": "name", "Values": [prefix]}]
    for page in client.get_paginator("list_secrets").paginate(Filters=filters, IncludePlannedDeletion=True):
        yield from (secret["Name"] for secret in page["SecretList"] if secret["Name"].startswith(prefix))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
