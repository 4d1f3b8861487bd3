"""`make freeze` in a short form: a function that is frozen, or ended, behind its answer loses nothing of it."""

from pathlib import Path

import pytest

from testing.lambda_runtime.account import Account
from testing.lambda_runtime.stacks import DeployedFunction
from tests.runtime.answer_kinds import AnswerKind
from tests.runtime.chat_answers import CHAT_ANSWERS
from tests.runtime.control_answers import CONTROL_ANSWERS
from tests.runtime.freeze import Fate, frozen

KINDS = {(kind.function, kind.name): kind for kind in CHAT_ANSWERS + CONTROL_ANSWERS}

LATE_WRITER = """
import threading
import boto3

client = boto3.client("dynamodb")

def handler(event, context):
    item = {"pk": {"S": "late"}, "sk": {"S": "write"}}
    for _ in range(2):
        client.put_item(TableName=event["table"], Item={**item, "sk": {"S": "in time"}})
    threading.Thread(target=client.put_item, kwargs={"TableName": event["table"], "Item": item}).start()
    return {"statusCode": 200}
"""


@pytest.mark.parametrize(
    ("function", "name", "fate"),
    [
        ("chat", "an answer behind a refused key", Fate.THAWED),
        ("chat", "every attempt: key refused", Fate.KILLED),
        ("chat", "every attempt: 500", Fate.THAWED),
        ("chat-streaming", "a whole answer", Fate.THAWED),
        ("chat-streaming", "a streamed answer", Fate.KILLED),
        ("byok", "a key stored and tested", Fate.KILLED),
        ("byok-ledger", "rows rolled up by the sweep", Fate.KILLED),
    ],
)
def test_all_that_an_answer_causes_is_there_at_the_next_poll(
    account: Account, function: str, name: str, fate: Fate
) -> None:
    found = frozen(account, KINDS[function, name], fate)
    assert (found.lost, found.wrong) == ((), ())
    assert found.writes > 0


def test_no_kind_of_answer_is_in_the_table_twice() -> None:
    assert len(KINDS) == len(CHAT_ANSWERS + CONTROL_ANSWERS)


# The late write is to be on its way when its process is frozen: sooner it was never asked for, later it is there.
@pytest.mark.flaky(reruns=3)
@pytest.mark.parametrize("fate", Fate)
def test_a_write_that_no_answer_waits_for_is_found_lost(account: Account, tmp_path: Path, fate: Fate) -> None:
    (tmp_path / "late_writer.py").write_text(LATE_WRITER)
    chat = account.functions["chat"]
    account.functions["late"] = DeployedFunction(
        "late", "late_writer.handler", {}, 29, 512, False, tmp_path, chat.layers
    )
    table = chat.variables["ATOM_RUNTIME_TABLE"]
    kind = AnswerKind("late", "late", None, lambda *_: [{"table": table}], lambda *_: None, None, providers=())
    found = frozen(account, kind, fate)
    assert (found.lost, found.wrong) == (("DynamoDB:PutItem",), ())
    assert found.writes == 2
