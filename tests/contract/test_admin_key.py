"""`make admin-key`: with the account's own credentials, the operator's tenant once and a new key each time."""

import os
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from atom_llm.composition import Container, DeployedPorts
from atom_llm.domain.core.audit import OPERATOR
from atom_llm.domain.tenancy.service_keys import ALL_SCOPES
from local.account.data_stack import settings_of
from local.workspace import PYTHON, ROOT


def run(environment: str, endpoint: str) -> subprocess.CompletedProcess[str]:
    """The command, as the Makefile runs it."""
    own = {"EMULATOR_PORT": str(urlsplit(endpoint).port), "PYTHONPATH": f"{ROOT}:{ROOT / 'shared'}"}
    if environment == "local":
        own |= {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}  # it must not listen to what the environment says
    command: list[str | Path] = [PYTHON, "-m", "local.account.admin_key", environment]
    return subprocess.run(command, env={**os.environ, **own}, cwd=ROOT, capture_output=True, text=True, check=False)


def key_of(done: subprocess.CompletedProcess[str]) -> str:
    """The one key that was printed."""
    assert done.returncode == 0, done.stderr
    (key,) = (word for word in done.stdout.split() if word.startswith("atom_"))
    return key


def test_each_run_prints_a_key_of_the_operators_one_tenant(deployed: str, emulator: str) -> None:
    printed = [key_of(run(deployed, emulator)) for _ in range(2)]
    container = Container(DeployedPorts(settings_of(deployed)))
    callers = [container.tenancy.authenticator.authenticate(key) for key in printed]
    assert [(caller.tenant, caller.scopes) for caller in callers] == [("operator", ALL_SCOPES)] * 2
    assert callers[0].key_id != callers[1].key_id
    assert [(each.id, each.is_operator) for each in container.ports.tenants.all()] == [("operator", True)]
    entries = container.ports.audit_log.entries(callers[0].tenant, before=None, limit=10)
    told = [(entry.actor, entry.action, entry.subject) for entry in entries]
    issued = [(OPERATOR, "service_key.issued", caller.key_id) for caller in callers]
    assert sorted(told) == sorted([*issued, (OPERATOR, "tenant.created", "operator")])


def test_without_a_deployment_it_says_so_and_prints_no_key(emulator: str) -> None:
    done = run("staging", emulator)
    assert (done.returncode, done.stdout) == (1, "")
    assert "atom-llm-staging-data" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("environment", ["", "production", "Dev"])
def test_an_environment_that_there_is_not_is_refused(environment: str, emulator: str) -> None:
    done = run(environment, emulator)
    assert (done.returncode, done.stdout) == (1, "")
    assert "ENV=dev or ENV=staging or ENV=prod or ENV=local" in done.stderr
