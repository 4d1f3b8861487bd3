"""`make rotate-pepper`: run again and again, and by two operators at once."""

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

from atom_llm.composition import Container, DeployedPorts
from atom_llm.domain.core.errors import Conflict
from atom_llm.services.tenancy.rotate_pepper import PepperRotation
from local.account.data_stack import settings_of
from local.workspace import PYTHON, ROOT
from tests.contract.test_admin_key import key_of, run

OPERATORS = 6


def rotate(environment: str, endpoint: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, as the Makefile runs it."""
    own = {"EMULATOR_PORT": str(urlsplit(endpoint).port), "PYTHONPATH": f"{ROOT}:{ROOT / 'shared'}"}
    command: list[str | Path] = [PYTHON, "-m", "local.account.rotate_pepper", environment, *arguments]
    return subprocess.run(command, env={**os.environ, **own}, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_rotation_is_made_once_told_of_and_ended_only_when_it_may_be(deployed: str, emulator: str) -> None:
    before = key_of(run(deployed, emulator))
    of_names = DeployedPorts(settings_of(deployed)).peppers.of_names()
    first, again, early = (rotate(deployed, emulator, *more) for more in ((), (), ("--retire",)))
    assert first.returncode == 0, first.stderr
    assert "hashed by v2" in first.stdout
    assert "within 5 minutes" in first.stdout
    assert (again.returncode, early.returncode) == (1, 1)
    assert "v1 still opens keys: retire it first" in again.stderr
    assert "v1 must stay until" in early.stderr
    after = key_of(run(deployed, emulator))
    tenancy = Container(DeployedPorts(settings_of(deployed))).tenancy
    assert tenancy.pepper_rotation.live_keys() == {"v1": 1, "v2": 1}
    assert DeployedPorts(settings_of(deployed)).peppers.of_names() == of_names
    for key in (before, after):
        tenancy.authenticator.authenticate(key)
    assert tenancy.pepper_rotation.live_keys() == {"v2": 2}
    status = rotate(deployed, emulator, "--status")
    assert (status.returncode, "v2: 2 live keys" in status.stdout) == (0, True)
    told = first.stdout + again.stderr + early.stderr + status.stdout
    assert not any(pepper in told for pepper in tenancy.pepper_rotation.stored().peppers.by_version.values())


def test_of_operators_who_rotate_at_once_one_does_and_the_others_are_told(deployed: str, emulator: str) -> None:
    rotations = [Container(DeployedPorts(settings_of(deployed))).tenancy.pepper_rotation for _ in range(OPERATORS)]
    assert {rotation.stored().peppers.current for rotation in rotations} == {"v1"}

    def attempt(rotation: PepperRotation) -> str:
        try:
            return rotation.rotate().by_version["v2"]
        except Conflict:
            return ""

    with ThreadPoolExecutor(OPERATORS) as pool:
        made = [pepper for pepper in pool.map(attempt, rotations) if pepper]
    stored = rotations[0].stored().peppers
    assert (len(made), stored.current, stored.former) == (1, "v2", ("v1",))
    assert stored.by_version["v2"] == made[0]


def test_without_a_deployment_it_says_so(emulator: str) -> None:
    done = rotate("staging", emulator)
    assert (done.returncode, done.stdout) == (1, "")
    assert "atom-llm-staging-data" in done.stderr
    assert rotate("nowhere", emulator).returncode == 1
