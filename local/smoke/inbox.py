"""What topics deliver, in a queue of the run's own: the alarms' topic and that of budgets."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import boto3

from local.smoke.report import NotSeen, Report

WAIT_S: Final = 10  # of one request for messages


class Inbox:
    """A queue that is subscribed to topics; messages that nobody has asked for yet are kept."""

    def __init__(self, name: str, report: Report) -> None:
        """Make the queue, and have it deleted afterwards."""
        self._queues: Any = boto3.client("sqs")
        self._topics: Any = boto3.client("sns")
        self._report = report
        self._arrived: list[Mapping[str, Any]] = []
        self._url = self._queues.create_queue(QueueName=name)["QueueUrl"]
        report.afterwards("Deleting the queue", lambda: self._queues.delete_queue(QueueUrl=self._url))
        asked = self._queues.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])
        self._arn = asked["Attributes"]["QueueArn"]

    def subscribe(self, topics: list[str]) -> None:
        """Have the topics deliver here, and end that afterwards."""
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": self._arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": topics}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self._queues.set_queue_attributes(QueueUrl=self._url, Attributes={"Policy": policy})
        for topic in topics:
            self._subscribe(topic)

    def _subscribe(self, topic: str) -> None:
        asked = {"TopicArn": topic, "Protocol": "sqs", "Endpoint": self._arn, "ReturnSubscriptionArn": True}
        subscription = self._topics.subscribe(**asked)["SubscriptionArn"]
        self._report.afterwards("Unsubscribing", lambda: self._topics.unsubscribe(SubscriptionArn=subscription))

    def wait_for(self, what: str, is_it: Callable[[Mapping[str, Any]], bool], *, within_s: float) -> Mapping[str, Any]:
        """Return the first message that is it; raises `NotSeen` when none has come in time."""
        until = time.monotonic() + within_s
        while True:
            found = next((each for each in self._arrived if is_it(each)), None)
            if found is not None:
                return found
            if time.monotonic() > until:
                raise NotSeen(f"{what} did not arrive within {within_s:.0f} s")
            self._receive()

    def _receive(self) -> None:
        got = self._queues.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10, WaitTimeSeconds=WAIT_S)
        for each in got.get("Messages", []):
            self._arrived.append(json.loads(json.loads(each["Body"])["Message"]))
            self._queues.delete_message(QueueUrl=self._url, ReceiptHandle=each["ReceiptHandle"])
