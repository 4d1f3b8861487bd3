"""A log group as this service has them: named by environment, encrypted with our key, forgotten in time."""

from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.environments import Environment


def log_group(scope: Construct, construct_id: str, name: str, environment: Environment, key: kms.IKey) -> logs.LogGroup:
    """Make a log group; the key's policy lets CloudWatch use it for names of exactly this form."""
    return logs.LogGroup(
        scope,
        construct_id,
        log_group_name=f"/atom-llm/{environment.name}/{name}",
        retention=environment.log_retention,
        encryption_key=key,
        removal_policy=environment.removal_policy,
    )
