"""What is asked again, what is not, and until when; how errors are read."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zlib import crc32

import pytest

from atom_llm.adapters.aws.credentials import CredentialsMissing
from atom_llm.adapters.aws.endpoint import Endpoint
from atom_llm.adapters.aws.http import Unanswered
from atom_llm.adapters.aws.json_client import (
    ANSWER_TIMEOUT_S,
    ATTEMPTS,
    DEADLINE_S,
    DYNAMODB,
    PAUSE_S,
    JsonClient,
    NoAnswer,
    Refused,
    Timing,
)
from atom_llm.adapters.aws.signature import Credentials
from atom_llm.adapters.network.answer import HttpAnswer

ENDPOINT = Endpoint("https://dynamodb.eu-west-1.amazonaws.com/", "eu-west-1")
SHAPES = "com.amazonaws.dynamodb.v20120810#"
SESSION = Credentials("id", "secret", "token")
NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
Step = HttpAnswer | Unanswered

DIED, NEVER_SENT = Unanswered("ReadError"), Unanswered("PoolTimeoutError", was_sent=False)


def said(status: int, body: object, **headers: str) -> HttpAnswer:
    return HttpAnswer(
        status, {name.replace("_", "-"): value for name, value in headers.items()}, json.dumps(body).encode()
    )


def refusal(code: str, status: int = 400, **more: object) -> HttpAnswer:
    return said(status, {"__type": SHAPES + code, "message": "why", **more})


OK = said(200, {"Item": {}})
THROTTLED, BROKEN = refusal("ThrottlingException"), refusal("InternalServerError", 500)
GARBLED = HttpAnswer(200, {"x-amz-crc32": str(crc32(b"other"))}, b"{}")
NOT_ITS_OWN = HttpAnswer(503, {}, b"<html>Service Unavailable</html>")


class Scripted:
    """Implements `Transport`: each answer in its turn, the last one for ever; its clock passes what is waited."""

    def __init__(self, steps: Sequence[Step], takes_s: float = 0.0) -> None:
        self.steps = list(steps)
        self.takes_s = takes_s
        self.sent: list[tuple[Mapping[str, str], Any]] = []
        self.limits: list[float] = []
        self.pauses: list[float] = []
        self.at = 0.0

    def post(self, headers: Mapping[str, str], body: bytes, timeout_s: float) -> HttpAnswer:
        self.sent.append((headers, json.loads(body)))
        self.limits.append(timeout_s)
        self.at += min(self.takes_s, timeout_s)
        step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        if isinstance(step, Unanswered):
            raise step
        return step

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.at += seconds

    def client(self, credentials: Callable[[], Credentials] = lambda: SESSION) -> JsonClient:
        timing = Timing(
            monotonic=lambda: self.at,
            pause=self.pause,
            chance=lambda: 1.0,
            now=lambda: NOON,
        )
        return JsonClient(DYNAMODB, ENDPOINT, credentials, self, timing)


def test_a_request_names_its_operation_and_carries_the_session_signed() -> None:
    wire = Scripted([OK])
    assert wire.client().ask("GetItem", {"TableName": "keys"}) == {"Item": {}}
    ((headers, body),) = wire.sent
    assert body == {"TableName": "keys"}
    assert headers["x-amz-target"] == "DynamoDB_20120810.GetItem"
    assert headers["x-amz-security-token"] == "token"
    assert "x-amz-security-token;x-amz-target" in headers["authorization"]


@pytest.mark.parametrize("step", [THROTTLED, refusal("ProvisionedThroughputExceededException"), NEVER_SENT])
@pytest.mark.parametrize("repeats", [True, False])
def test_what_was_surely_not_done_is_asked_again(step: Step, repeats: bool) -> None:
    wire = Scripted([step, step, OK])
    assert wire.client().ask("UpdateItem", {}, repeats=repeats) == {"Item": {}}
    assert len(wire.sent) == 3


@pytest.mark.parametrize("step", [DIED, BROKEN, GARBLED, NOT_ITS_OWN])
def test_what_may_have_been_done_is_asked_again_only_where_twice_is_as_good_as_once(step: Step) -> None:
    safe, unsafe = Scripted([step, OK]), Scripted([step, OK])
    assert safe.client().ask("UpdateItem", {}) == {"Item": {}}
    with pytest.raises((NoAnswer, Refused)):
        unsafe.client().ask("UpdateItem", {}, repeats=False)
    assert (len(safe.sent), len(unsafe.sent)) == (2, 1)


@pytest.mark.parametrize("code", ["ValidationException", "TransactionConflictException", "AccessDeniedException"])
def test_a_refusal_with_a_reason_is_final(code: str) -> None:
    wire = Scripted([refusal(code)])
    with pytest.raises(Refused) as raised:
        wire.client().ask("UpdateItem", {})
    assert (raised.value.code, raised.value.message, len(wire.sent)) == (code, "why", 1)


def test_a_refusal_keeps_what_else_was_said() -> None:
    with pytest.raises(Refused) as raised:
        Scripted([refusal("ConditionalCheckFailedException", Item={"pk": {"S": "a"}})]).client().ask("PutItem", {})
    assert raised.value.body["Item"] == {"pk": {"S": "a"}}


def test_a_code_may_stand_in_a_header_with_an_address() -> None:
    answer = said(400, {"Message": "no"}, x_amzn_errortype="AccessDeniedException:http://internal/")
    with pytest.raises(Refused) as raised:
        Scripted([answer]).client().ask("GetItem", {})
    assert (raised.value.code, raised.value.message) == ("AccessDeniedException", "no")


def test_an_answer_of_somebody_else_on_the_way_is_none() -> None:
    with pytest.raises(NoAnswer, match="HTTP 407"):
        Scripted([HttpAnswer(407, {}, b"Proxy Authentication Required")]).client().ask("GetItem", {})


def test_attempts_end_and_their_pauses_double() -> None:
    wire = Scripted([THROTTLED])
    with pytest.raises(Refused):
        wire.client().ask("GetItem", {})
    assert len(wire.sent) == ATTEMPTS
    assert wire.pauses == [PAUSE_S * 2**each for each in range(ATTEMPTS - 1)]


def test_a_silent_service_is_asked_no_longer_than_the_whole_may_take() -> None:
    wire = Scripted([Unanswered("ReadTimeoutError")], takes_s=60)
    with pytest.raises(NoAnswer, match="ReadTimeoutError"):
        wire.client().ask("GetItem", {})
    assert wire.limits[0] == ANSWER_TIMEOUT_S
    assert wire.limits[-1] < ANSWER_TIMEOUT_S
    assert wire.at <= DEADLINE_S


def test_who_wakes_behind_the_end_of_the_whole_asks_no_more_and_says_what_failed() -> None:
    class Overslept(Scripted):
        def pause(self, seconds: float) -> None:
            super().pause(seconds + DEADLINE_S)

    wire = Overslept([DIED, OK])
    with pytest.raises(NoAnswer, match="ReadError"):
        wire.client().ask("GetItem", {})
    assert len(wire.sent) == 1


def test_each_attempt_is_signed_with_the_credentials_of_its_moment() -> None:
    found = iter([Credentials("first", "a"), Credentials("second", "b")])
    wire = Scripted([DIED, OK])
    wire.client(lambda: next(found)).ask("GetItem", {})
    assert ["first" in wire.sent[0][0]["authorization"], "second" in wire.sent[1][0]["authorization"]] == [True, True]


def test_without_credentials_nothing_is_sent() -> None:
    def none() -> Credentials:
        raise CredentialsMissing("no provider has any")

    wire = Scripted([OK])
    with pytest.raises(NoAnswer, match="no credentials: no provider has any"):
        wire.client(none).ask("GetItem", {})
    assert wire.sent == []


def test_a_checksum_that_holds_is_an_answer() -> None:
    body = b'{"Item":{}}'
    assert Scripted([HttpAnswer(200, {"x-amz-crc32": str(crc32(body))}, body)]).client().ask("GetItem", {}) == {
        "Item": {}
    }
