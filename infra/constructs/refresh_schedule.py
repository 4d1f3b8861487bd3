"""The schedule of price refreshes and score syncs: by rule, and after each deployment of this very stack."""

from aws_cdk import Aws, Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

DELIVERIES = 3  # of EventBridge to Lambda; Lambda's own retries of a refresh that fails come on top
MAX_EVENT_AGE = Duration.hours(2)


class RefreshSchedule(Construct):
    """Two rules on one plain handler, with a dead-letter queue behind both."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        what: str,
        target: lambda_.IFunction,
        every: Duration,
        queue: sqs.IQueue,
    ) -> None:
        """Make the rules and the queue; `what` words the task for people who read the rules."""
        super().__init__(scope, construct_id)
        schedule = events.Rule(
            self,
            "Schedule",
            description=what,
            schedule=events.Schedule.rate(every),
        )
        schedule.add_target(_call(target, "schedule", queue))
        # CloudFormation itself reports a finished deployment: no code of ours runs inside of one, and cannot fail it.
        deployed = events.Rule(
            self,
            "Deployed",
            description=f"{what}, after a deployment",
            event_pattern=events.EventPattern(
                source=["aws.cloudformation"],
                detail_type=["CloudFormation Stack Status Change"],
                detail={
                    "stack-id": [Aws.STACK_ID],
                    "status-details": {"status": ["CREATE_COMPLETE", "UPDATE_COMPLETE"]},
                },
            ),
        )
        deployed.add_target(_call(target, "deploy", queue))


def _call(target: lambda_.IFunction, trigger: str, queue: sqs.IQueue) -> targets.LambdaFunction:
    return targets.LambdaFunction(
        target,
        event=events.RuleTargetInput.from_object({"trigger": trigger}),
        dead_letter_queue=queue,
        retry_attempts=DELIVERIES,
        max_event_age=MAX_EVENT_AGE,
    )
