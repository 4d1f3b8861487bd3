"""A bus of alerts in memory."""

from collections.abc import Mapping

from atom_llm.domain.core.errors import Unavailable


class AlertsInMemory:
    """Implements `AlertChannel`."""

    def __init__(self) -> None:
        self.sent: list[Mapping[str, object]] = []
        self.is_down = False

    def publish(self, alert: Mapping[str, object]) -> None:
        if self.is_down:
            raise Unavailable("EventBridge did not take the alert")
        self.sent.append(alert)
