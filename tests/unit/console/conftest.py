"""The console's own modules without a browser: those that compute and draw nothing."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.workspace import CONSOLE

Run = Callable[[str, Any], Any]
MODULES = {
    "d": "exact/decimal",
    "j": "exact/json",
    "p": "exact/proof",
    "e": "api/event-stream",
    "s": "pages/spend/stack",
    "b": "pages/budgets/request",
}
TRANSPILE = """
const ts = require("typescript"); const fs = require("fs"); const [, folder, ...modules] = process.argv;
for (const name of modules) {
  const source = fs.readFileSync(`src/${name}.ts`, "utf8");
  const { outputText } = ts.transpileModule(source, { compilerOptions: { module: "ESNext", target: "ES2022" } });
  const flat = outputText.replace(/"[./]+(?:exact\\/)?decimal"/g, '"./decimal.mjs"');
  fs.writeFileSync(`${folder}/${name.split("/").pop()}.mjs`, flat);
}
"""


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run an expression over the console's own modules, each by its letter, with JSON as its `given`."""
    folder: Path = tmp_path_factory.mktemp("console-modules")
    subprocess.run(["node", "-e", TRANSPILE, str(folder), *MODULES.values()], cwd=CONSOLE, check=True)
    imports = "".join(f'import * as {each} from "./{Path(name).name}.mjs";' for each, name in MODULES.items())

    def evaluated(expression: str, given: Any) -> Any:
        code = (
            f"{imports}"
            'import { text } from "node:stream/consumers"; const given = JSON.parse(await text(process.stdin));'
            f"process.stdout.write(JSON.stringify({expression}));"
        )
        (folder / "run.mjs").write_text(code)
        done = subprocess.run(
            ["node", "run.mjs"], cwd=folder, input=json.dumps(given), capture_output=True, text=True, check=True
        )
        return json.loads(done.stdout)

    return evaluated
