"""Faults at the nth step: in memory at the fakes' writes, on real tables at every call of the AWS client."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError
from botocore.httpsession import URLLib3Session

from atom_llm.adapters.aws.http import Transport, Unanswered
from atom_llm.adapters.aws.json_client import SECRETS_MANAGER, JsonClient, Timing
from atom_llm.adapters.data_keys import kms_client
from atom_llm.adapters.network.answer import HttpAnswer
from atom_llm.adapters.secrets import ONE_ATTEMPT
from atom_llm.domain.core.errors import StoreUnavailable
from testing.tables import client_over

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
    """Stands before the requests of one client of tables."""

    def __init__(self, plan: FaultPlan, transport: Transport) -> None:
        self.plan = plan
        self._transport = transport

    def post(self, headers: Mapping[str, str], body: bytes, timeout_s: float) -> HttpAnswer:
        """Send the request, or do to it what the plan says."""
        fault = self.plan.due()
        match fault:
            case "throttled":
                return HttpAnswer(400, {}, _SLOW_DOWN)
            case "failed before":
                raise Unanswered("ConnectTimeoutError", was_sent=False)
            case "killed before":
                raise Died
        answer = self._transport.post(headers, body, timeout_s)
        match fault:
            case "killed after":
                raise Died
            case "timed out after" | "answer lost once":
                raise Unanswered("ReadTimeoutError")
        return answer


def failing_client(plan: FaultPlan) -> JsonClient:
    """Make a client of tables that asks at most twice, at once, with a plan of what goes wrong."""
    return client_over(lambda wire: FaultsOnTheWire(plan, wire), Timing(attempts=2, pause=lambda _: None))


class FaultsOnClient:
    """Stands before the requests of a client of botocore's, by a plan that others may share."""

    def __init__(self, plan: FaultPlan, client: Any, service: str) -> None:
        self.plan = plan
        self._session = URLLib3Session()
        client.meta.events.register_first(f"before-send.{service}", self._before_send)

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
            case "timed out after" | "answer lost once":
                self._session.send(request)
                raise ReadTimeoutError(endpoint_url=request.url)
            case None:
                return None


class FailingClients:
    """The AWS clients of one process, with one plan for the calls of all, in the order in which they are made."""

    def __init__(self) -> None:
        self.plan = FaultPlan()
        self.dynamodb, self.kms = failing_client(self.plan), kms_client()
        self.secrets = client_over(lambda wire: FaultsOnTheWire(self.plan, wire), ONE_ATTEMPT, SECRETS_MANAGER)
        FaultsOnClient(self.plan, self.kms, "kms")


class _Raw:
    """A body as botocore's response object wants to read it."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: object) -> list[bytes]:
        return [self._content]

    def read(self, *_: object) -> bytes:
        return self._content


_SLOW_DOWN = b'{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"wait"}'


def _throttled(url: str) -> AWSResponse:
    headers: Any = {"x-amzn-requestid": "drill", "content-type": "application/x-amz-json-1.0"}
    return AWSResponse(url, 400, headers, _Raw(_SLOW_DOWN))
