"""Alerts about tenants' money: from EventBridge to a topic, and from there to people and webhooks."""

from typing import Final

from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.environments import Environment

# As in atom_llm.adapters.events.
BUDGET_THRESHOLD: Final = "Budget threshold reached"
PRICES_CHANGED: Final = "Prices changed"


class BudgetAlertTopic(Construct):
    """A topic of its own: what tenants spend is not what wakes the operator up."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        source: str,
        key: kms.IKey,
        queue: sqs.IQueue,
    ) -> None:
        super().__init__(scope, construct_id)
        self.topic = sns.Topic(
            self,
            "Topic",
            display_name=f"atom-llm {environment.name}: budgets",
            # By its ARN: given the key itself, the target below would write a wildcard action into the key's policy.
            master_key=kms.Key.from_key_arn(self, "KeyOfTopic", key.key_arn),
            enforce_ssl=True,
        )
        if environment.budget_alert_email:
            self.topic.add_subscription(subscriptions.EmailSubscription(environment.budget_alert_email))
        if environment.budget_alert_webhook:
            self.topic.add_subscription(subscriptions.UrlSubscription(environment.budget_alert_webhook))
        for name, detail_type, what in (
            ("Reached", BUDGET_THRESHOLD, "A budget reached one of its thresholds"),
            ("Repriced", PRICES_CHANGED, "Changed prices mean something for a tenant's own calls"),
        ):
            rule = events.Rule(
                self,
                name,
                description=what,
                event_pattern=events.EventPattern(source=[source], detail_type=[detail_type]),
            )
            rule.add_target(targets.SnsTopic(self.topic, dead_letter_queue=queue))
