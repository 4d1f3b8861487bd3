"""A log group as this service has them: named by environment, encrypted with our key, forgotten in time."""

from aws_cdk import Aws, Fn, RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.environments import Environment

STACK = Fn.select(2, Fn.split("/", Aws.STACK_ID))


def log_group(scope: Construct, construct_id: str, name: str, environment: Environment, key: kms.IKey) -> logs.LogGroup:
    """Make a log group; the key's policy lets CloudWatch use it for names of exactly this form.

    One that is kept when its stack goes has a name that no other stack will want: the last part of the stack's id.
    """
    is_kept = environment.removal_policy is not RemovalPolicy.DESTROY
    return logs.LogGroup(
        scope,
        construct_id,
        log_group_name=f"/atom-llm/{environment.name}/{name}" + (f"-{STACK}" if is_kept else ""),
        retention=environment.log_retention,
        encryption_key=key,
        removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if is_kept else RemovalPolicy.DESTROY,
    )
