"""What a newcomer meets first: ports that cannot be, what to do next, and commands without what they need."""

import json
import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from local import proof
from local.account import admin_key
from local.ports import emulator_listens, emulator_port, ports_asked_for
from local.processes import free_port
from local.run import next_steps
from local.steps import CannotGoOn
from local.workspace import ROOT

DOOR = "http://127.0.0.1:9000"
KEY = "atom_local_made_up"


@pytest.fixture(autouse=True)
def no_ports_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FRONT_DOOR_PORT", "EMULATOR_PORT", "STAND_IN_PORT"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("given", ["abc", "0", "65536", "-1", "8080.0", "²", " 80"])
def test_what_is_no_port_is_refused_by_its_name(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRONT_DOOR_PORT", given)
    with pytest.raises(CannotGoOn, match=r"FRONT_DOOR_PORT must be a port number from 1 to 65535"):
        ports_asked_for()


def test_one_port_for_two_servers_is_refused_by_both_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRONT_DOOR_PORT", "4566")
    with pytest.raises(CannotGoOn, match=r"FRONT_DOOR_PORT and EMULATOR_PORT are both 4566"):
        ports_asked_for()


@pytest.mark.parametrize("port", ["1", "65535"])
def test_the_outermost_ports_are_taken(port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRONT_DOOR_PORT", port)
    assert ports_asked_for() == (int(port), 4566, 8090)


def test_the_running_emulator_is_found_while_it_runs_and_what_is_asked_for_goes_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "emulator-port"
    with emulator_listens(5001, file):
        assert emulator_port(file) == 5001
        monkeypatch.setenv("EMULATOR_PORT", "5002")
        assert emulator_port(file) == 5002
        monkeypatch.delenv("EMULATOR_PORT")
    assert emulator_port(file) == 4566


def test_a_key_of_a_local_service_that_does_not_run_is_refused_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    port = free_port()
    monkeypatch.setenv("EMULATOR_PORT", str(port))
    assert admin_key.main("local") == 1
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert f"nothing answers on port {port}. Start it with `make run`" in said.err


@pytest.mark.parametrize("with_stand_ins", [True, False])
def test_the_next_steps_say_the_key_once_and_then_use_it(with_stand_ins: bool) -> None:
    said = next_steps(DOOR, KEY, "http://gateway", "4,778 models", with_stand_ins=with_stand_ins)
    assert said.count(KEY) == 1
    order = ["export KEY=", "export OPENAI_API_KEY=$KEY OPENAI_BASE_URL=", '"stream": true', "from openai import"]
    assert sorted(order, key=said.index) == order
    assert ("STAND-INS" in said, "/api/byok/keys" in said) == (with_stand_ins, not with_stand_ins)
    assert said.count('-H "Authorization: Bearer $KEY"') == said.count("curl ")


def test_every_body_of_the_next_steps_is_json() -> None:
    said = next_steps(DOOR, KEY, "http://gateway", "4,778 models", with_stand_ins=False)
    bodies = re.findall(r"-d '(.*)'", said)
    assert [sorted(json.loads(body)) for body in bodies] == [
        ["api_key", "provider"],
        ["messages", "model", "stream"],
        ["limit_usd", "window"],
        ["input_tokens", "model", "output_tokens"],
    ]


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("run FRONT_DOOR_PORT=abc", "FRONT_DOOR_PORT must be a port number"),
        ("proof", "Say which file: make proof FILE="),
        ("proof FILE=/no/such/file.json", "There is no file /no/such/file.json"),
        ("diff", "Say which environment: ENV=dev"),
    ],
)
def test_a_command_without_what_it_needs_says_so_before_anything_is_set_up(command: str, sentence: str) -> None:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    made = ["make", "--no-print-directory", *shlex.split(command)]
    done = subprocess.run(made, cwd=ROOT, env=own, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode != 0, sentence in done.stderr) == (True, True), done.stderr
    assert (done.stdout, "Traceback" in done.stderr) == ("", False)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{", "Expecting property name"),
        ("[]", "it has no `attempts`"),
        ('{"success": false, "data": null, "message": "no call of that id"}', "it says 'no call of that id'"),
    ],
)
def test_a_file_that_holds_no_call_is_refused_in_a_sentence(
    text: str, fault: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "call.json"
    file.write_text(text)
    assert proof.main(str(file)) == 1
    said = capsys.readouterr()
    assert (said.out, fault in said.err) == ("", True)
