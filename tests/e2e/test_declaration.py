"""`make apply` against the deployed stack: the file that docs/money.md shows, planned, applied, and then so already."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from local.account.apply import main
from local.workspace import ROOT
from tests.e2e.conftest import RunningService
from tests.e2e.test_byok import BYOK, data_of

KINDS = ("tenant", "team", "budget", "allow_list", "price", "price_alerts")  # of what a file may declare


@pytest.fixture
def tenant() -> str:
    """The name of a tenant that nobody has made."""
    return f"t-{uuid4().hex[:12]}"


@pytest.fixture
def file(tenant: str, tmp_path: Path) -> Path:
    """The file of the documentation, for that tenant."""
    shown = (ROOT / "docs" / "money.md").read_text().partition("```yaml\n")[2].partition("```")[0]
    path = tmp_path / "budgets.yaml"
    path.write_text(shown.replace("  acme:", f"  {tenant}:"))
    return path


@dataclass
class Applying:
    """The command, with the operator's key: what it prints, as lines, and what it complains of."""

    deployment: RunningService
    file: Path
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def by_make(self) -> list[str]:
        """Let make run it, for the plan alone."""
        given = {**os.environ, "URL": self.deployment.api_url, "KEY": self.deployment.service_key}
        command = ["make", "-s", "apply", "ENV=local", f"FILE={self.file}"]
        ended = subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, timeout=120, check=True)
        return _lines(ended.stdout)

    def __call__(self) -> tuple[int, list[str], str]:
        """Run it here with `YES=1`; returns its exit code besides."""
        given = {"URL": self.deployment.api_url, "KEY": self.deployment.service_key, "YES": "1"}
        for name, value in given.items():
            self.monkeypatch.setenv(name, value)
        code = main("local", str(self.file))
        printed = self.capsys.readouterr()
        return code, _lines(printed.out), printed.err


def _lines(text: str) -> list[str]:
    return [each for each in text.splitlines() if each]


@pytest.fixture
def applied(
    deployment: RunningService, file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Applying:
    """The command for that file."""
    return Applying(deployment, file, monkeypatch, capsys)


def test_a_file_is_planned_applied_and_then_so_already(applied: Applying, tenant: str) -> None:
    *plan, ending = applied.by_make()
    assert ending == f"{len(plan)} changes would be made; YES=1 makes them."
    assert [each.split()[:3] for each in plan if " budget " in each] == [["+", f"{tenant}:", "budget"]] * 4
    assert {each.split()[2] for each in plan} == set(KINDS)
    with applied.deployment.http() as operator:
        assert operator.get(f"{BYOK}/tenants/{tenant}").status_code == 404

        assert applied() == (0, [*plan, f"{len(plan)} changes were made."], "")
        budgets = data_of(operator.get(f"{BYOK}/budgets", params={"tenant": tenant}))["items"]
        assert {(each["scope"], each["window"], each["limit_usd"]) for each in budgets} == {
            ("tenant", "month", "500"),
            ("team:research", "week", "50"),
            ("pool:shared", "month", "100"),
            ("person:*", "day", "20"),
        }
        assert applied() == (0, ["It is all so already."], "")

        applied.file.write_text(applied.file.read_text().replace("limit_usd: 20,", "limit_usd: 25,"))
        code, changes, _ = applied()
        assert (code, changes[1]) == (0, "1 changes were made.")
        assert changes[0].startswith(f"~ {tenant}: budget person:* day")
        data_of(operator.delete(f"{BYOK}/tenants/{tenant}"))


def test_a_fault_is_told_by_its_place_and_nothing_is_made(applied: Applying, tenant: str) -> None:
    applied.file.write_text(applied.file.read_text().replace("limit_usd: 50,", "limit_usd: -1,"))
    code, lines, complaint = applied()
    assert (code, lines) == (1, [])
    assert "Nothing was changed" in complaint
    assert f"tenants.{tenant}.budgets.1.limit_usd" in complaint
    with applied.deployment.http() as operator:
        assert operator.get(f"{BYOK}/tenants/{tenant}").status_code == 404
