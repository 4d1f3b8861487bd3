"""The schedule of the ledger's function: woken by the usage table's stream, each minute to sweep.

Each quarter of an hour it goes on with the day's check and the telling of changed prices, where there is any left.
"""

from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sqs as sqs
from constructs import Construct

BATCH: Final = 100  # rows that one run brings into the sums together: as many as fit into a few transactions
REDELIVERIES: Final = 5  # of a batch that fails, and of each of its halves
DELIVERIES: Final = 3  # of EventBridge to Lambda
MAX_EVENT_AGE: Final = Duration.hours(1)  # the next minute's sweep does what is lost

# Only rows that were written wake it; what else happens to the table's items does not start a function.
ROWS_WRITTEN: Final = lambda_.FilterCriteria.filter(
    {"eventName": ["INSERT"], "dynamodb": {"Keys": {"pk": {"S": [{"prefix": "ledger#"}]}}}}
)


class LedgerSchedule(Construct):
    """A stream and three rules on one plain handler, with a dead-letter queue behind them.

    The stream only wakes: the sweep finds whatever it did not deliver.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        target: lambda_.IFunction,
        table: dynamodb.ITable,
        within: Duration,
        sweep_every: Duration,
        check_every: Duration,
        price_alerts_every: Duration,
        queue: sqs.IQueue,
    ) -> None:
        super().__init__(scope, construct_id)
        # The plain construct: the one that grants as well would allow more than the matrix of grants says.
        lambda_.EventSourceMapping(
            self,
            "Written",
            target=target,
            event_source_arn=table.table_stream_arn,
            starting_position=lambda_.StartingPosition.TRIM_HORIZON,
            batch_size=BATCH,
            max_batching_window=within,
            parallelization_factor=1,  # more runs at once would only contend for the same sums
            bisect_batch_on_error=True,
            retry_attempts=REDELIVERIES,
            max_record_age=MAX_EVENT_AGE,
            on_failure=sources.SqsDlq(queue),
            filters=[ROWS_WRITTEN],
        )
        for trigger, every, what in (
            ("sweep", sweep_every, "End calls whose processes died, and bring the rest of the ledger into the sums"),
            ("check", check_every, "Compare the ledger with its sums and with the budgets, a slice at a time"),
            ("prices", price_alerts_every, "Tell tenants what changed prices mean for them, a slice at a time"),
        ):
            rule = events.Rule(self, trigger.capitalize(), description=what, schedule=events.Schedule.rate(every))
            rule.add_target(
                targets.LambdaFunction(
                    target,
                    event=events.RuleTargetInput.from_object({"trigger": trigger}),
                    dead_letter_queue=queue,
                    retry_attempts=DELIVERIES,
                    max_event_age=MAX_EVENT_AGE,
                )
            )
