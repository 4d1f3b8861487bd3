"""Every function asked for all that it does, in one process for as many requests as may share it."""

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from decimal import Decimal
from typing import Any

from testing import real_data
from testing.lambda_runtime.account import STREAMING_CHAT, Account, CallingTenant
from testing.lambda_runtime.events import Event
from testing.lambda_runtime.sandbox import Sandbox
from testing.lambda_runtime.web_adapter import WebAdapter
from tests.runtime.answer_kinds import AnswerKind
from tests.runtime.permissions.more_requests import LEDGER_TRIGGERS, changes, reads
from tests.runtime.permissions.rare_paths import rare_paths

NOT_THERE = (403, 404, 422)  # of reads that are for the operator alone, or want something named that nobody has made


def exercise(account: Account, kinds: Sequence[AnswerKind]) -> None:
    """Ask for every kind of answer, and for all else that the same functions do."""
    with ExitStack() as stack:
        processes: dict[tuple[str, tuple[tuple[str, str], ...]], Sandbox | WebAdapter] = {}

        def process_of(function: str, variables: Mapping[str, str]) -> Sandbox | WebAdapter:
            name = function, tuple(sorted(variables.items()))
            if name not in processes:
                if function == STREAMING_CHAT:
                    processes[name] = stack.enter_context(account.streaming_chat(variables))
                else:
                    processes[name] = stack.enter_context(account.sandbox(function, variables))
            return processes[name]

        account.stand_in.behave()
        if real_data.is_present(real_data.NOVEMBER):
            account.prices.serve(real_data.body_of(real_data.NOVEMBER))
        functions = {kind.function for kind in kinds}
        if "byok-ledger" in functions:
            for trigger in LEDGER_TRIGGERS:
                process_of("byok-ledger", {}).invoke({"trigger": trigger})
        operator, caller = account.operator(), account.tenant("openai", "anthropic")
        for function in ("chat", "tiers", "registry", "pricing", "byok"):  # calls first, then who looks at them
            if function not in functions:
                continue
            can_refresh = function != "pricing" or real_data.is_present(real_data.NOVEMBER)

            def ask(event: Event, function: str = function) -> Any:
                return _body(process_of(function, {}).invoke(event).json())

            if can_refresh:
                changes(function, ask, operator, caller)
            reads(function, ask, operator, caller)
        for kind in kinds:
            if absent := [name for name in kind.needs if not real_data.is_present(name)]:
                print(f"--  {kind.function}: {kind.name}: needs {', '.join(absent)}", flush=True)
                continue
            account.stand_in.behave()
            tenant = _tenant(account, kind)
            events = kind.events(account, tenant)
            for fault in kind.faults:
                account.stand_in.fault(fault.name, provider=fault.provider, times=fault.times, **dict(fault.more))
            for event in events:
                process_of(kind.function, kind.variables).invoke(event)
        rare_paths(account, functions, lambda function, event: process_of(function, {}).invoke(event).json())
        account.relay.wait_until_quiet(0.5, 10)


def _tenant(account: Account, kind: AnswerKind) -> CallingTenant:
    if kind.is_operators:
        return account.operator()
    return account.tenant(*kind.providers, limit=kind.limit, budget=Decimal(kind.budget))


def _body(answer: Mapping[str, Any]) -> Any:
    """Return an answer's body; raises `ValueError` for what is no success, but for what is not there."""
    if answer["statusCode"] >= 400 and answer["statusCode"] not in NOT_THERE:
        raise ValueError(f"answered {answer['statusCode']}: {answer['body'][:300]}")
    try:
        return json.loads(answer["body"])
    except ValueError:
        return None
