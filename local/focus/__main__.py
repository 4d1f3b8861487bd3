"""`python -m local.focus FILE`: have FOCUS's own validator judge a usage file, and write it as Parquet beside it.

Both need packages that Python 3.13 has no wheels of, or that are a hundred megabytes: they live under `.local/focus`,
in an environment of Python 3.12.
"""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from atom_llm.domain.ledger.focus import DECIMALS, FOCUS_VERSION
from infra.package_index import uv_environment
from local.steps import CannotGoOn, run
from local.workspace import LOGS, PYTHON, ROOT

FOLDER: Final = ROOT / ".local" / "focus"
PACKAGES: Final = ("focus-validator==2.2.1", "pyarrow==21.0.0")  # a newer pyarrow needs a numpy that the first refuses
# The rules of what a provider of models has. Reserved capacity and commitments are none, and their rules want them.
CRITERIA: Final = (
    *("ACCOUNT_NAMING_SUPPORTED", "AVAILABILITY_ZONE_SUPPORTED", "MULTIPLE_PRICING_CATEGORIES_SUPPORTED"),
    *("MULTIPLE_SUB_ACCOUNT_TYPES_SUPPORTED", "MULTIPLE_BILLING_ACCOUNT_TYPES_SUPPORTED"),
    *("NEGOTIATED_PRICING_SUPPORTED", "PUBLIC_PRICE_LIST_SUPPORTED", "USAGE_MEASUREMENT_SUPPORTED"),
    *("UNIT_PRICING_SUPPORTED", "SUB_ACCOUNT_SUPPORTED", "BILLING_BASED_ON_PROVISIONED_RESOURCES_SUPPORTED"),
    *("RESOURCE_TYPE_ASSIGNMENT_SUPPORTED", "PRICING_BILLING_CURRENCY_DIFFERENCES_SUPPORTED"),
    *("VIRTUAL_CURRENCY_SUPPORTED", "REGION_SUPPORTED", "TAGGING_SUPPORTED"),
)
# One of two arms of which either is enough, and the validator reports both: an invoice's number is not known here.
STANDING: Final = "InvoiceId-C-005-C"
_FAILED: Final = re.compile(r"^❌ (\S+): FAIL", re.MULTILINE)
_PASSED: Final = re.compile(r"^✅ \S+: PASS", re.MULTILINE)


def main(name: str) -> int:
    """Judge a CSV file and write it as Parquet; 1 where a rule is broken."""
    file = Path(name).resolve()
    if not file.is_file():
        raise CannotGoOn(f"there is no file {name}")
    prepare()
    parquet = file.with_suffix(".parquet")
    columns = json.dumps(sorted(DECIMALS))
    subprocess.run([_python(), ROOT / "local" / "focus" / "parquet.py", file, parquet, columns], check=True)
    broken = 0
    for each in (file, parquet):
        said = judged(each)
        failed = sorted(set(_FAILED.findall(said)) - {STANDING})
        passed = len(_PASSED.findall(said))
        if not passed:
            raise CannotGoOn(f"the validator judged nothing:\n{said[-2000:]}")
        print(f"{each.name}: FOCUS {FOCUS_VERSION}, {passed} rules hold, {len(failed)} are broken")
        print("".join(f"  {rule}\n" for rule in failed), end="")
        broken += len(failed)
    return int(broken > 0)


def judged(file: Path) -> str:
    """Return all that the validator says of a file, for its exit code says nothing; it runs where its lists are."""
    asked: list[str | Path] = [
        *(_python().with_name("focus-validator"), "--data-file", file, "--validate-version", FOCUS_VERSION),
        *("--block-download", "--applicability-criteria", ",".join(CRITERIA)),
    ]
    packages = next((FOLDER / "venv" / "lib").glob("python3.*")) / "site-packages"
    return subprocess.run(asked, cwd=packages, capture_output=True, text=True, check=False).stdout


def prepare() -> None:
    """Make the environment, unless it holds these very packages; raises `CannotGoOn` without a Python 3.12."""
    stamp, wanted = FOLDER / ".holds", "\n".join(PACKAGES)
    if stamp.exists() and stamp.read_text() == wanted:
        return
    python = next(_pythons(), None)
    if python is None:
        raise CannotGoOn("Python 3.12 is needed for FOCUS's validator: none on PATH or among pyenv's versions")
    FOLDER.mkdir(parents=True, exist_ok=True)
    uv = PYTHON.with_name("uv")
    make: list[str | Path] = [uv, "venv", "--quiet", "--clear", "--python", python, FOLDER / "venv"]
    fill: list[str | Path] = [uv, "pip", "install", "--quiet", "--python", _python(), *PACKAGES]
    environment = uv_environment()
    run("Making an environment of Python 3.12", make, log=LOGS / "focus-venv.log", cwd=ROOT, env=environment)
    run("Installing FOCUS's validator", fill, log=LOGS / "focus-packages.log", cwd=ROOT, env=environment)
    stamp.write_text(wanted)


def _pythons() -> Iterator[str]:
    """Yield interpreters of Python 3.12 that run: a shim of pyenv's may be there and not."""
    on_path = shutil.which("python3.12")
    of_pyenv = sorted(Path.home().glob(".pyenv/versions/3.12*/bin/python3.12"))
    for each in [*([on_path] if on_path else []), *map(str, of_pyenv)]:
        if subprocess.run([each, "-c", ""], capture_output=True, check=False).returncode == 0:
            yield each


def _python() -> Path:
    return FOLDER / "venv" / "bin" / "python"


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1]))
    except CannotGoOn as obstacle:
        sys.exit(str(obstacle))
