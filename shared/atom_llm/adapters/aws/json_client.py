"""Operations of an AWS service that speaks JSON: signed, repeated where that is safe, within one limit of time."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from random import SystemRandom
from time import monotonic, sleep
from typing import Any, Final, Protocol
from zlib import crc32

import orjson

from atom_llm.adapters.aws.credentials import CredentialsMissing, CredentialSource
from atom_llm.adapters.aws.endpoint import Endpoint
from atom_llm.adapters.aws.http import Transport, Unanswered
from atom_llm.adapters.aws.signature import Destination, signed
from atom_llm.adapters.network.answer import HttpAnswer
from atom_llm.quick_json import parsed

ATTEMPTS: Final = 5
ANSWER_TIMEOUT_S: Final = 3.0  # the slowest answer that is worth waiting for before another attempt
DEADLINE_S: Final = 10.0  # of an operation with all its attempts
PAUSE_S: Final = 0.05  # at most before the second attempt; it doubles with each (full jitter, as the AWS SDKs do)

# Refusals before anything was done (botocore's list of throttling errors, as far as these services send them).
THROTTLED: Final = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "Throttling",
        "ThrottlingException",
        "TransactionInProgressException",
    }
)


class Refused(Exception):
    """The service's own error: its code, its words, and the rest of what it said."""

    def __init__(self, operation: str, code: str, body: Mapping[str, Any]) -> None:
        super().__init__(f"{operation}: {code}")
        self.code = code
        self.message = str(body.get("message", body.get("Message", "")))
        self.body = body


class NoAnswer(Exception):
    """Nobody answered, or not as the service does; what was asked for may have been done."""


class Requests(Protocol):
    """The operations of a service."""

    def ask(self, operation: str, request: Mapping[str, Any], *, repeats: bool = True) -> dict[str, Any]:
        """Return the answer; raises `Refused` and `NoAnswer`.

        One that `repeats` is sent again where it may have been done already.
        """
        ...


@dataclass(frozen=True, slots=True)
class Service:
    """The names of a service: in signatures, before its operations, and of its format."""

    name: str
    target: str
    content_type: str


DYNAMODB: Final = Service("dynamodb", "DynamoDB_20120810", "application/x-amz-json-1.0")
SECRETS_MANAGER: Final = Service("secretsmanager", "secretsmanager", "application/x-amz-json-1.1")


@dataclass(frozen=True, slots=True)
class Timing:
    """The attempts at an operation and the seconds that they may take, with the clocks and the chance they go by."""

    attempts: int = ATTEMPTS
    answer_s: float = ANSWER_TIMEOUT_S
    deadline_s: float = DEADLINE_S
    monotonic: Callable[[], float] = monotonic
    pause: Callable[[float], None] = sleep
    chance: Callable[[], float] = SystemRandom().random
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


class JsonClient:
    """Implements `Requests` over a transport."""

    def __init__(
        self,
        service: Service,
        endpoint: Endpoint,
        credentials: CredentialSource,
        transport: Transport,
        timing: Timing = Timing(),
    ) -> None:
        """Take all that it needs; nothing is asked yet."""
        self._service = service
        self._destination = Destination(service.name, endpoint.region, endpoint.path)
        self._credentials = credentials
        self._transport = transport
        self._timing = timing
        # No packing: answers are small, and their checksum is of what comes over the wire.
        self._headers = {"accept-encoding": "identity", "content-type": service.content_type, "host": endpoint.host}

    def ask(self, operation: str, request: Mapping[str, Any], *, repeats: bool = True) -> dict[str, Any]:
        """Ask until there is an answer, at most `attempts` times; each request is signed anew.

        A refusal for being asked too much says that nothing was done: that is always asked again. An error of the
        server's, a lost answer or a garbled one leaves open what was done.
        """
        timing = self._timing
        body = _spelt(request)
        until = timing.monotonic() + timing.deadline_s
        attempt, left = 1, timing.deadline_s
        while True:
            try:
                answer = self._answer(operation, body, min(timing.answer_s, left))
                return _content(operation, answer)
            except _Undecided as undecided:
                failure: Exception = undecided.failure
                if undecided.may_be_done and not repeats:
                    raise failure from None
            pause = timing.chance() * PAUSE_S * 2 ** (attempt - 1)
            if attempt == timing.attempts or timing.monotonic() + pause >= until:
                raise failure from None
            timing.pause(pause)
            left = until - timing.monotonic()
            if left <= 0:  # it stood still for longer than it meant to: a process that is starved, or was frozen
                raise failure from None
            attempt += 1

    def _answer(self, operation: str, body: bytes, timeout_s: float) -> HttpAnswer:
        headers = self._headers | {"x-amz-target": f"{self._service.target}.{operation}"}
        timing = self._timing
        try:
            credentials = self._credentials()
        except CredentialsMissing as missing:
            raise NoAnswer(f"no credentials: {missing}") from missing
        sent = signed(headers, body, credentials, self._destination, timing.now())
        try:
            return self._transport.post(sent, body, timeout_s)
        except Unanswered as unanswered:
            raise _Undecided(NoAnswer(str(unanswered)), may_be_done=unanswered.was_sent) from None


class _Undecided(Exception):
    """An attempt that is worth another, and what is raised when there is none."""

    def __init__(self, failure: Exception, *, may_be_done: bool) -> None:
        super().__init__()
        self.failure = failure
        self.may_be_done = may_be_done


def _content(operation: str, answer: HttpAnswer) -> dict[str, Any]:
    """Return what an answer says; raises `Refused`, `NoAnswer`, and `_Undecided` where another attempt may help."""
    body = _json(answer)
    if answer.status == 200 and body is not None:
        return body
    code = None if body is None else _code(body, answer)
    if code is None:
        failure: Exception = NoAnswer(f"HTTP {answer.status} that is not the service's")
        if answer.status == 200 or answer.status >= 500:
            raise _Undecided(failure, may_be_done=True)
        raise failure
    refused = Refused(operation, code, body or {})
    if code in THROTTLED:
        raise _Undecided(refused, may_be_done=False)
    if answer.status >= 500:
        raise _Undecided(refused, may_be_done=True)
    raise refused


def _spelt(request: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(request)
    except TypeError:  # half a character, which the service has to refuse by itself
        return json.dumps(request, separators=(",", ":")).encode()


def _json(answer: HttpAnswer) -> dict[str, Any] | None:
    """Return the object that a body holds; None where it holds none, or is not as its checksum says."""
    checksum = answer.headers.get("x-amz-crc32")
    if checksum is not None and checksum != str(crc32(answer.body)):
        return None
    try:
        content = parsed(answer.body or b"{}")
    except ValueError:
        return None
    return content if isinstance(content, dict) else None


def _code(body: Mapping[str, Any], answer: HttpAnswer) -> str | None:
    """Return `ThrottlingException` of `com.amazonaws.dynamodb.v20120810#ThrottlingException:http://…`."""
    named = body.get("__type") or answer.headers.get("x-amzn-errortype")
    return str(named).rpartition("#")[2].partition(":")[0] if named else None
