"""Alerts on EventBridge's default bus, where rules hand them to a topic."""

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Final

from atom_llm.domain.core.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_events.client import EventBridgeClient

# The rules in infra look for exactly these words.
BUDGET_THRESHOLD: Final = "Budget threshold reached"
PRICES_CHANGED: Final = "Prices changed"


def events_client() -> "EventBridgeClient":
    """Make the client of a process; region, credentials and endpoint come from the environment."""
    import boto3

    return boto3.client("events")


class EventBridgeAlerts:
    """Implements `AlertChannel`."""

    def __init__(self, connect: "Callable[[], EventBridgeClient]", source: str, detail_type: str) -> None:
        """Take `connect`, called at the first alert, for most processes send none.

        `source` names the deployment, `detail_type` the kind of alert.
        """
        self._connect = cache(connect)
        self._source = source
        self._detail_type = detail_type

    def publish(self, alert: Mapping[str, object]) -> None:
        """Put one event; raises `Unavailable` also where the answer is a success that reports a refusal."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = self._connect().put_events(
                Entries=[{"Source": self._source, "DetailType": self._detail_type, "Detail": json.dumps(alert)}]
            )
        except (BotoCoreError, ClientError) as error:
            raise Unavailable("EventBridge did not take the alert") from error
        if answer["FailedEntryCount"]:
            raise Unavailable(f"EventBridge refused the alert: {answer['Entries'][0].get('ErrorCode')}")
