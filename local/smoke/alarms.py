"""The alarm that is forced."""

from collections.abc import Mapping
from typing import Any, Final

import boto3

from local.smoke.report import NotSeen

ALARM: Final = "GivenUp"  # not by what it watches, but by its state, whose reason says that it is a trial


class Alarm:
    """One alarm of the service stack."""

    def __init__(self, stack: str) -> None:
        """Find it; raises `NotSeen` where there is not exactly one."""
        self._client: Any = boto3.client("cloudwatch")
        pages = self._client.get_paginator("describe_alarms").paginate(
            AlarmNamePrefix=stack, AlarmTypes=["MetricAlarm"]
        )
        found = [each for page in pages for each in page["MetricAlarms"] if ALARM in each["AlarmName"]]
        if len(found) != 1:
            raise NotSeen(f"{stack} has {len(found)} alarms whose name has {ALARM}")
        self.name: str = found[0]["AlarmName"]
        self.topics: list[str] = found[0]["AlarmActions"]

    def put(self, state: str) -> None:
        """Put it into a state, until its metric is evaluated again."""
        self._client.set_alarm_state(AlarmName=self.name, StateValue=state, StateReason="make smoke: a trial")

    def is_told_by(self, message: Mapping[str, Any], state: str) -> bool:
        """Return whether a message says that this alarm went into a state."""
        return (message.get("AlarmName"), message.get("NewStateValue")) == (self.name, state)
