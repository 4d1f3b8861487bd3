"""One answer, and then a frozen process: what is there at that moment, and what would still have come."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final

from testing.lambda_runtime.account import STREAMING_CHAT, Account, CallingTenant
from testing.lambda_runtime.runtime_api import Answered
from testing.lambda_runtime.sandbox import Sandbox
from testing.lambda_runtime.web_adapter import WebAdapter
from tests.runtime.answer_kinds import AnswerKind

QUIET_S: Final = 0.4  # without an AWS call, before a thawed process counts as done; a call takes a twentieth of it
LONGEST_S: Final = 5.0
LOG_LINE: Final = '"message":"request"'


class Fate(StrEnum):
    """What happens to a process behind its answer."""

    THAWED = "thawed"
    KILLED = "killed"


@dataclass(frozen=True, slots=True)
class Found:
    """What came of an answer. `lost` are the writes that a process had not finished when it was frozen; `wrong` says
    what else is not as expected. `writes` is how many were there in time."""

    kind: AnswerKind
    fate: Fate
    writes: int
    lost: tuple[str, ...] = ()
    wrong: tuple[str, ...] = field(default=())

    @property
    def is_well(self) -> bool:
        """Whether nothing is lost, and everything as expected."""
        return not self.lost and not self.wrong


def frozen(account: Account, kind: AnswerKind, fate: Fate) -> Found:
    """Answer in a new process, freeze it at its next poll, look, and let its fate take its course."""
    account.forget_what_tenants_share()
    account.stand_in.behave()
    tenant = _tenant(account, kind)
    with _process(account, kind) as sandbox:
        *before, last = kind.events(account, tenant)
        for fault in kind.faults:
            account.stand_in.fault(fault.name, provider=fault.provider, times=fault.times, **dict(fault.more))
        for event in before:
            sandbox.invoke(event)
        account.relay.wait_until_quiet(QUIET_S, LONGEST_S)
        account.relay.forget()
        logged_before = sandbox.said().count(LOG_LINE)
        found = sandbox.invoke_and_freeze(last)
        wrong = _wrong(kind, found.answer)
        if kind.status is not None and sandbox.said().count(LOG_LINE) != logged_before + 1:
            wrong.append("the request is not in the log")
        if fate is Fate.KILLED:
            sandbox.kill()
        account.relay.wait_until_quiet(QUIET_S, LONGEST_S)
        caused = kind.caused(account, tenant)
        if fate is Fate.THAWED:
            sandbox.thaw()
            account.relay.wait_until_quiet(QUIET_S, LONGEST_S)
    if caused != kind.expected:
        wrong.append(f"caused {caused}, expected {kind.expected}")
    lost = tuple(str(each) for each in account.relay.late_writes(found.at))
    return Found(kind, fate, len(account.relay.writes(until=found.at)), lost, tuple(wrong))


def _process(account: Account, kind: AnswerKind) -> Sandbox | WebAdapter:
    if kind.function == STREAMING_CHAT:
        return account.streaming_chat(kind.variables)
    return account.sandbox(kind.function, kind.variables)


def _tenant(account: Account, kind: AnswerKind) -> CallingTenant:
    if kind.is_operators:
        return account.operator()
    return account.tenant(*kind.providers, limit=kind.limit, budget=Decimal(kind.budget))


def _wrong(kind: AnswerKind, answer: Answered) -> list[str]:
    if answer.is_error:
        return [f"raised {answer.body.decode()[:300]}"]
    if kind.status is None:
        return []
    said = answer.json()
    return [] if said["statusCode"] == kind.status else [f"answered {said['statusCode']}: {said['body'][:300]}"]
