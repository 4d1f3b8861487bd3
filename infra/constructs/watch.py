"""Monitoring: alarms, their topic, the dashboard beside them, and the account's budget."""

from collections.abc import Mapping, Sequence

from aws_cdk import ArnFormat, Duration, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_budgets as budgets
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.environments import Environment

PRICING = {"group": "pricing"}  # the dimensions that atom_llm.services.catalogue.observed_refresh writes
CHAT = {"group": "chat"}
BYOK = {"group": "byok"}  # the dimensions that functions.byok.ledger and the ledger's services write
OPEN_TOO_LONG_S = 60 * 60  # no call and no deadline lasts that long
BEHIND_MS = 5 * 60 * 1000  # several sweeps have then brought into the sums what the stream did not
STALE_AFTER_S = 48 * 60 * 60
OPEN = ("OpenAttempts", "OpenAttemptAgeSeconds")
CHECKED = ("LedgerDrift", "OrphanedHolds")
FIVE_MINUTES = Duration.minutes(5)
THROTTLES = ("ReadThrottleEvents", "WriteThrottleEvents")

Compare = cloudwatch.ComparisonOperator
Missing = cloudwatch.TreatMissingData


class Watch(Construct):
    """Alarms on one topic, and a dashboard where the environment wants one.

    An alarm stands for what follows, and each says something that no other does; what it comes of the dashboard and the
    logs tell. Whatever has crashed, was refused or is throttled ends in the dead-letter queue, as a 5xx of the API, or
    as rows that wait.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        key: kms.IKey,
        api: apigateway.RestApi,
        functions: Mapping[str, lambda_.IFunction],
        tables: Mapping[str, dynamodb.ITable],
        dead_letters: sqs.IQueue,
    ) -> None:
        super().__init__(scope, construct_id)
        self._environment = environment
        self.topic = self._topic(key)
        if environment.alarm_email:
            self.topic.add_subscription(subscriptions.EmailSubscription(environment.alarm_email))
        self._watch_prices()
        self._watch_calls()
        self._watch_ledger(functions["byok-ledger"])
        lost = dead_letters.metric_approximate_number_of_messages_visible(period=FIVE_MINUTES, statistic="Maximum")
        self._alarm(
            "GivenUp", lost, 1, "A refresh, a sync, a run of the ledger or an alert was given up after all retries."
        )
        errors = api.metric_server_error(period=FIVE_MINUTES, statistic="Sum")
        self._alarm("ApiFailures", errors, 5, "The API answered with 5xx five times in five minutes.", periods=2)
        if environment.dashboard:
            self._dashboard(api, functions, tables)
        if environment.monthly_budget_usd and (environment.budget_email or environment.alarm_email):
            self._budget(environment.monthly_budget_usd, environment.budget_email or environment.alarm_email or "")

    def _topic(self, key: kms.IKey) -> sns.Topic:
        """Make the alarms' topic. Its policy replaces the one that SNS gives by itself, which lets alarms publish."""
        topic = sns.Topic(
            self,
            "Alarms",
            display_name=f"atom-llm {self._environment.name}",
            # By its ARN: given the key itself, a grant to publish would write a wildcard action into the key's policy.
            master_key=kms.Key.from_key_arn(self, "KeyOfTopic", key.key_arn),
            enforce_ssl=True,
        )
        alarms = Stack.of(self).format_arn(
            service="cloudwatch", resource="alarm", resource_name="*", arn_format=ArnFormat.COLON_RESOURCE_NAME
        )
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="AlarmsOfThisAccount",
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions={"ArnLike": {"aws:SourceArn": alarms}},
            )
        )
        return topic

    def _watch_prices(self) -> None:
        # A refresh a day says how old the prices are; four half-days without a good word make two days.
        age = self._metric(PRICING, "CatalogueAgeSeconds", "Maximum", Duration.hours(12))
        self._alarm(
            "PricesStale",
            age,
            STALE_AFTER_S,
            "No refresh has succeeded for 48 hours.",
            periods=4,
            missing=Missing.BREACHING,
        )

    def _watch_calls(self) -> None:
        for name, description in (
            ("RuntimeTableUnreachable", "Rate limits, circuits or health could not be asked; calls pass without."),
            ("UsageBeyondBounds", "A provider reported more usage than a call can have had; it was bounded."),
            ("UnknownUsageCounters", "A provider counted something that is not known; what it costs is in no bill."),
        ):
            self._alarm(name, self._metric(CHAT, name, "Sum", FIVE_MINUTES), 1, description)

    def _watch_ledger(self, ledger: lambda_.IFunction) -> None:
        age = ledger.metric("IteratorAge", period=FIVE_MINUTES, statistic="Maximum")
        self._alarm("LedgerBehind", age, BEHIND_MS, "Rows of the ledger wait in the stream; sums and alerts are late.")
        for name, threshold, description in (
            ("LedgerDrift", 1, "The ledger, its sums or a budget disagree."),
            ("SettlementsNotWritten", 1, "A call's cost could not be written; its content is in the log."),
            ("SpendAboveHold", 1, "A provider billed more than was held for; its budget may be overspent."),
            ("BudgetAlertsFailed", 1, "The alert of a budget was not taken."),
            ("PriceAlertsFailed", 1, "The alert of changed prices was not taken, or the change could not be read."),
            ("OpenAttemptAgeSeconds", OPEN_TOO_LONG_S, "A call is open that should have been swept."),
        ):
            metric = self._metric(BYOK, name, "Maximum" if name == "OpenAttemptAgeSeconds" else "Sum", FIVE_MINUTES)
            self._alarm(name, metric, threshold, description)

    def _alarm(
        self,
        name: str,
        metric: cloudwatch.IMetric,
        threshold: float,
        description: str,
        *,
        periods: int = 1,
        missing: cloudwatch.TreatMissingData = Missing.NOT_BREACHING,
    ) -> None:
        alarm = cloudwatch.Alarm(
            self,
            name,
            alarm_description=f"atom-llm {self._environment.name}: {description}",
            metric=metric,
            threshold=threshold,
            comparison_operator=Compare.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            evaluation_periods=periods,
            treat_missing_data=missing,
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))
        alarm.add_ok_action(actions.SnsAction(self.topic))

    def _metric(
        self, dimensions: Mapping[str, str], name: str, statistic: str, period: Duration = FIVE_MINUTES
    ) -> cloudwatch.Metric:
        """Return a metric that the code itself writes, of this environment alone."""
        return cloudwatch.Metric(
            namespace=self._environment.metrics_namespace,
            metric_name=name,
            dimensions_map=dict(dimensions),
            statistic=statistic,
            period=period,
        )

    def _dashboard(
        self,
        api: apigateway.RestApi,
        functions: Mapping[str, lambda_.IFunction],
        tables: Mapping[str, dynamodb.ITable],
    ) -> None:
        board = cloudwatch.Dashboard(self, "Dashboard", dashboard_name=f"atom-llm-{self._environment.name}")
        board.add_widgets(
            _graph("Requests", [api.metric_count(), api.metric_client_error(), api.metric_server_error()]),
            _graph("Latency, p50 and p95", [api.metric_latency(statistic=each) for each in ("p50", "p95")]),
        )
        board.add_widgets(
            _graph("Errors by function", [function.metric_errors() for function in functions.values()]),
            _graph("Duration by function, p95", [each.metric_duration(statistic="p95") for each in functions.values()]),
            _graph("Throttled by function", [each.metric_throttles(statistic="Sum") for each in functions.values()]),
        )
        board.add_widgets(
            _graph(
                "Age of rows in the stream, ms", [functions["byok-ledger"].metric("IteratorAge", statistic="Maximum")]
            ),
        )
        board.add_widgets(
            _graph(
                "Calls swept, alerts not sent",
                [self._metric(BYOK, name, "Sum") for name in ("SweptCalls", "BudgetAlertsFailed", "PriceAlertsFailed")],
            ),
            _graph("Open attempts, age of the oldest", [self._metric(BYOK, each, "Maximum") for each in OPEN]),
            _graph("Sums that differ, orphaned holds", [self._metric(BYOK, each, "Sum") for each in CHECKED]),
        )
        board.add_widgets(
            _graph(
                "Age of the prices, seconds",
                [self._metric(PRICING, "CatalogueAgeSeconds", "Maximum", Duration.hours(1))],
            ),
            _graph(
                "Models in force, rows in quarantine",
                [
                    self._metric(PRICING, name, "Maximum", Duration.hours(1))
                    for name in ("ModelsInForce", "QuarantinedNow")
                ],
            ),
            _graph(
                "Throttled by the tables",
                [table.metric(metric, statistic="Sum") for table in tables.values() for metric in THROTTLES],
            ),
        )

    def _budget(self, limit_usd: int, email: str) -> None:
        """Add a monthly budget for this account's spending on the service's tag, with e-mails at 80 and 100 percent."""
        self.topic.grant_publish(iam.ServicePrincipal("budgets.amazonaws.com"))
        budgets.CfnBudget(
            self,
            "Budget",
            budget=budgets.CfnBudget.BudgetDataProperty(
                budget_name=f"atom-llm-{self._environment.name}",
                budget_type="COST",
                time_unit="MONTHLY",
                budget_limit=budgets.CfnBudget.SpendProperty(amount=limit_usd, unit="USD"),
                cost_filters={"TagKeyValue": ["user:service$atom-llm"]},
            ),
            notifications_with_subscribers=[
                budgets.CfnBudget.NotificationWithSubscribersProperty(
                    notification=budgets.CfnBudget.NotificationProperty(
                        comparison_operator="GREATER_THAN", notification_type="ACTUAL", threshold=threshold
                    ),
                    subscribers=[budgets.CfnBudget.SubscriberProperty(address=email, subscription_type="EMAIL")],
                )
                for threshold in (80, 100)
            ],
        )


def _graph(title: str, metrics: Sequence[cloudwatch.IMetric]) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=list(metrics), width=8, height=6)
