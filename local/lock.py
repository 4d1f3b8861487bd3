"""Write `requirements/*.txt`, with hashes and without addresses, and both `package-lock.json`.

Versions that are locked stay, and what is new is added; with `--upgrade` all are chosen anew.
"""

import argparse
import sys

from infra.package_index import uv_environment
from local.steps import CannotGoOn, run
from local.workspace import CONSOLE, LOGS, PYTHON, ROOT

# In this order: what is tested is what runs, so dev takes the versions of the files before it.
CONSTRAINTS = {"bootstrap": (), "runtime": (), "dev": ("bootstrap", "runtime"), "emulator": (), "lambda": ()}


def lock(*, upgrade: bool) -> None:
    """Resolve every `.in` file to a `.txt` file that holds on any platform of Python 3.13.

    Raises `CannotGoOn` where no set of versions fits.
    """
    for name, constraints in CONSTRAINTS.items():
        command = [
            str(PYTHON.with_name("uv")),
            "pip",
            "compile",
            "--universal",
            "--python-version",
            "3.13",
        ]
        command += ["--generate-hashes", "--no-emit-index-url", "--no-header", "-o", f"{name}.txt", f"{name}.in"]
        command += ["--upgrade"] if upgrade else []
        command += [part for constraint in constraints for part in ("-c", f"{constraint}.txt")]
        log = LOGS / f"lock-{name}.log"
        run(f"Choosing versions for {name}", command, log=log, cwd=ROOT / "requirements", env=uv_environment())
    npm = ["npm", "update" if upgrade else "install", "--package-lock-only"]
    run("Choosing versions for the CDK client", npm, log=LOGS / "lock-node.log", cwd=ROOT)
    run("Choosing versions for the console", npm, log=LOGS / "lock-console.log", cwd=CONSOLE)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m local.lock", description=__doc__)
    parser.add_argument("--upgrade", action="store_true", help="choose the newest versions of everything")
    try:
        lock(upgrade=parser.parse_args().upgrade)
    except CannotGoOn as obstacle:
        sys.exit(str(obstacle))
