"""Faults at the nth step: in memory at the fakes' writes, on real tables at every call of the AWS client."""

from dataclasses import dataclass
from typing import Any, Literal

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError
from botocore.httpsession import URLLib3Session

from atom_llm.adapters.dynamodb.table import dynamodb_client
from atom_llm.adapters.secrets import secrets_client
from atom_llm.domain.core.errors import StoreUnavailable

Kind = Literal["throttled", "failed before", "timed out after", "killed before", "killed after", "answer lost once"]

KINDS: tuple[Kind, ...] = (
    "throttled",
    "failed before",
    "timed out after",
    "killed before",
    "killed after",
    "answer lost once",
)


class Died(BaseException):
    """The process was killed: nothing catches it, and nothing runs after it."""


@dataclass
class FaultPlan:
    """One fault of a kind at the step that is `countdown` steps away; None: all is well."""

    kind: Kind | None = None
    countdown: int = 0
    steps: int = 0
    fired: bool = False

    def arm(self, kind: Kind, countdown: int) -> None:
        """Plan the next fault; `fired` says later whether its step was reached."""
        self.kind, self.countdown, self.steps, self.fired = kind, countdown, 0, False

    def disarm(self) -> None:
        """All is well again."""
        self.kind, self.steps = None, 0

    def due(self) -> Kind | None:
        """The fault of this step, if it is its turn; a store that fails goes on failing until it is disarmed."""
        self.steps += 1
        if self.kind is None or self.steps <= self.countdown:
            return None
        kind, self.fired = self.kind, True
        if kind in ("killed before", "killed after", "answer lost once"):
            self.kind = None
        return kind


class FaultsInMemory:
    """A fault plan as the fakes' `reached`: it hears of every write before and after its effect."""

    BEFORE = frozenset(
        {
            "open",
            "settle",
            "close",
            "post",
            "reserve",
            "open window",
            "apply",
            "give back",
            "correct",
            "refuse",
            "renew",
        }
    )

    def __init__(self, plan: FaultPlan) -> None:
        self.plan = plan
        self._due: Kind | None = None

    def __call__(self, step: str) -> None:
        if step in self.BEFORE:
            self._due = self.plan.due()
            if self._due in ("throttled", "failed before"):
                raise StoreUnavailable(f"{step}: {self._due}")
            if self._due == "killed before":
                raise Died
        elif self._due == "timed out after":
            raise StoreUnavailable(f"{step}: {self._due}")
        elif self._due == "killed after":
            raise Died


class FaultsOnTheWire:
    """Stands before the requests of one botocore client."""

    def __init__(self, plan: FaultPlan, client: Any) -> None:
        self.plan = plan
        self._session = URLLib3Session()
        self._asks_again = False
        client.meta.events.register_first("before-send.dynamodb", self._before_send)
        client.meta.events.register_first("needs-retry.dynamodb", self._needs_retry)

    def _needs_retry(self, **_: object) -> float | None:
        """The client asks again when an answer was lost, and after no pause; what else fails is not asked again."""
        asks, self._asks_again = self._asks_again, False
        return 0.0 if asks else None

    def _before_send(self, request: Any, **_: object) -> AWSResponse | None:
        match self.plan.due():
            case "throttled":
                return _throttled(request.url)
            case "failed before":
                raise ConnectTimeoutError(endpoint_url=request.url)
            case "killed before":
                raise Died
            case "killed after":
                self._session.send(request)
                raise Died
            case "timed out after":
                self._session.send(request)
                raise ReadTimeoutError(endpoint_url=request.url)
            case "answer lost once":
                self._asks_again = True
                self._session.send(request)
                raise ReadTimeoutError(endpoint_url=request.url)
            case None:
                return None


class FaultsOnBothWires(FaultsOnTheWire):
    """One plan for the calls of both clients, in the order in which they are made."""

    def __init__(self, plan: FaultPlan, dynamodb: Any, secrets: Any) -> None:
        super().__init__(plan, dynamodb)
        dynamodb.meta.events.unregister("needs-retry.dynamodb", unique_id="retry-config-dynamodb")  # and its pauses
        secrets.meta.events.register_first("before-send.secrets-manager", self._before_secret)

    def _before_secret(self, request: Any, **_: object) -> AWSResponse | None:
        try:
            return self._before_send(request)
        finally:
            self._asks_again = False  # this client asks once; the adapter repeats what may be repeated


class FailingClients:
    """The AWS clients of one process, with a plan of what goes wrong with them."""

    def __init__(self) -> None:
        self.plan = FaultPlan()
        self.dynamodb, self.secrets = dynamodb_client(), secrets_client()
        self.faults = FaultsOnBothWires(self.plan, self.dynamodb, self.secrets)


class _Raw:
    """A body as botocore's response object wants to read it."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: object) -> list[bytes]:
        return [self._content]

    def read(self, *_: object) -> bytes:
        return self._content


def _throttled(url: str) -> AWSResponse:
    body = b'{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"slow down"}'
    headers: Any = {"x-amzn-requestid": "drill", "content-type": "application/x-amz-json-1.0"}
    return AWSResponse(url, 400, headers, _Raw(body))
