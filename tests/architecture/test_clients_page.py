"""docs/clients.md: every client of the matrix has its row, its script and its pinned versions."""

import pytest

from tests.architecture.citations import ROOT
from tests.clients.environments import PINNED
from tests.clients.listed import CLIENTS
from tests.clients.matrix import DOORS, PASSED, PERSON, SCRIPTS, TEXT, Client, judged


@pytest.mark.parametrize("client", CLIENTS, ids=lambda each: f"{each.name}, {each.door}")
def test_a_client_is_on_the_page_and_can_be_run(client: Client) -> None:
    assert f"| {client.name} | `{DOORS[client.door]}` |" in (ROOT / "docs" / "clients.md").read_text()
    assert (SCRIPTS / client.script).exists()
    assert [each.suffix for each in PINNED.glob(f"{client.environment}.*")] in ([".txt"], [".json"])


@pytest.mark.parametrize(
    ("thing", "told", "passes"),
    [
        ("chat", {"text": TEXT}, True),
        ("chat", {"text": TEXT[:-1]}, False),
        ("chat", {}, False),
        ("chat", {"failed": "NotFoundError"}, False),
        ("stream", {"text": TEXT, "pieces": 20}, True),
        ("stream", {"text": TEXT, "pieces": 1}, False),
        ("structured", {"parsed": PERSON}, True),
        ("structured", {"parsed": {**PERSON, "age": 8}}, False),
    ],
)
def test_only_the_whole_answer_passes(thing: str, told: dict[str, object], passes: bool) -> None:
    assert (judged(thing, told) == PASSED) is passes
