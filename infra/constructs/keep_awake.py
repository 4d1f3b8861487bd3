"""A weekly event for each function that starts from a snapshot: Lambda puts one aside that was not used for 14 days."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

EVERY = Duration.days(7)
EVENT = {"trigger": "keep-awake"}  # as in atom_llm.http.own_events


class KeepAwake(Construct):
    """One rule whose targets answer at once; without it a first call after two weeks is an error, and the next late."""

    def __init__(self, scope: Construct, construct_id: str, *, functions: Sequence[lambda_.IFunction]) -> None:
        super().__init__(scope, construct_id)
        weekly = events.Rule(
            self,
            "Weekly",
            description="Use each snapshot, so that none is put aside",
            schedule=events.Schedule.rate(EVERY),
        )
        for target in functions:
            event = events.RuleTargetInput.from_object(EVENT)
            weekly.add_target(
                targets.LambdaFunction(target, event=event, retry_attempts=3, max_event_age=Duration.hours(2))
            )
