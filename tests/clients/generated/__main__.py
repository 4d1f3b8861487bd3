"""`make client`: make a client of Python and one of TypeScript from the document, and call ten operations with each.

The clients stay in build/client: `python/` is a package, `typescript/document.d.ts` the types for openapi-fetch.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from local.reference.service_document import service_document
from local.steps import CannotGoOn
from local.workspace import ROOT
from tests.clients.__main__ import served
from tests.clients.environments import ENVIRONMENTS, installed
from tests.clients.matrix import Served

MADE: Final = ROOT / "build" / "client"
SCRIPTS: Final = Path(__file__).parent
OPERATIONS: Final = 10
TIMEOUT_S: Final = 180.0


def main() -> int:
    """Make both clients, call with them, and print a line an operation; returns the exit code."""
    MADE.mkdir(parents=True, exist_ok=True)
    document = MADE / "openapi.json"
    document.write_text(json.dumps(service_document()), "utf-8")
    with served() as service:
        told = {"python": _of_python(document, service), "typescript": _of_typescript(document, service)}
    failed = 0
    for language, operations in told.items():
        for operation, is_right in operations.items():
            print(f"{language:10} {operation:22} {'pass' if is_right else 'fail'}")
        failed += OPERATIONS - sum(operations.values())
    print(f"{OPERATIONS * len(told) - failed} passed, {failed} failed")
    return int(failed > 0)


def _of_python(document: Path, service: Served) -> dict[str, bool]:
    """Make the package `atom_llm_client` with openapi-python-client, and return the operations that it called."""
    python = installed("generated-python")
    package = MADE / "python"
    shutil.rmtree(package, ignore_errors=True)
    make: list[str | Path] = [python.with_name("openapi-python-client"), "generate", "--meta", "setup"]
    make += ["--path", document, "--output-path", package]
    _run(make, environment={"PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}"})
    return _called([python, SCRIPTS / "ten_operations.py"], service, PYTHONPATH=str(package))


def _of_typescript(document: Path, service: Served) -> dict[str, bool]:
    """Make types with openapi-typescript, compile the calls by them, and return the operations that were called."""
    node = installed("generated-typescript")
    folder, package = ENVIRONMENTS / "generated-typescript", MADE / "typescript"
    package.mkdir(exist_ok=True)
    tools = folder / "node_modules" / ".bin"
    path = {"PATH": f"{node.parent}{os.pathsep}{os.environ['PATH']}"}
    optional = "--default-non-nullable=false"  # what has a default need not be sent
    _run([tools / "openapi-typescript", document, optional, "-o", package / "document.d.ts"], environment=path)
    for each in (package / "document.d.ts", SCRIPTS / "ten_operations.ts"):  # beside the packages that they import
        shutil.copy(each, folder)
    strict = ["--strict", "--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler"]
    _run([tools / "tsc", *strict, "--skipLibCheck", folder / "ten_operations.ts"], environment=path)
    shutil.move(folder / "ten_operations.js", folder / "ten_operations.mjs")
    return _called([node, folder / "ten_operations.mjs"], service)


def _called(command: list[str | Path], service: Served, **more: str) -> dict[str, bool]:
    environment = {
        "ROOT_URL": service.url,
        "SERVICE_KEY": service.service_keys[0],
        "MODEL": "openai/gpt-4o-mini",
        **more,
    }
    lines = _run(command, environment=environment).splitlines()
    told = [json.loads(line) for line in lines]
    return {each["operation"]: each["is_right"] for each in told}


def _run(command: list[str | Path], *, environment: dict[str, str]) -> str:
    """Run a command and return what it writes; raises `CannotGoOn` with its last words."""
    done = subprocess.run(
        command, env=environment, cwd=MADE, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )
    if done.returncode:
        raise CannotGoOn(f"{Path(command[0]).name}:\n{(done.stderr + done.stdout)[-1500:]}")
    return done.stdout


if __name__ == "__main__":
    try:
        sys.exit(main())
    except CannotGoOn as obstacle:
        sys.exit(str(obstacle))
