"""The alternatives that costs are compared with, each installed in an environment of its own under `.local/bench`."""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.real_files import ROOT
from infra.package_index import uv_environment

WORK: Final = ROOT / ".local" / "bench"
UV: Final = Path(sys.executable).with_name("uv")


@dataclass(frozen=True, slots=True)
class Engine:
    """An alternative: its package at one version, the imports of it, and the probe that costs calls with it."""

    name: str
    version: str
    module: str
    probe: str

    @property
    def title(self) -> str:
        """The name in the table."""
        return f"{self.name} {self.version}"

    @property
    def folder(self) -> Path:
        """The folder of its environment."""
        return WORK / self.name

    @property
    def python(self) -> Path:
        """The interpreter of its environment."""
        return self.folder / "bin" / "python"

    @property
    def packages(self) -> Path:
        """The folder of its packages."""
        return self.folder / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables that keep it from asking the network."""
        return {"LITELLM_LOCAL_MODEL_COST_MAP": "True"}


LITELLM: Final = Engine("litellm", "1.109.1", "litellm", "cost_litellm")
GENAI_PRICES: Final = Engine("genai-prices", "0.2.3", "genai_prices", "cost_genai")
ENGINES: Final = (GENAI_PRICES, LITELLM)

# LiteLLM pins a certifi that package indexes do not have yet; any will do, nothing here makes a connection.
OVERRIDES: Final = "certifi\n"


def install(engine: Engine) -> None:
    """Make an engine's environment, with its bytecode; one that holds this version already is left alone."""
    stamp = engine.folder / ".holds"
    requirement = f"{engine.name}=={engine.version}"
    if stamp.exists() and stamp.read_text() == requirement:
        return
    print(f"installing {requirement} for comparison", file=sys.stderr, flush=True)
    WORK.mkdir(parents=True, exist_ok=True)
    overrides = WORK / "overrides.txt"
    overrides.write_text(OVERRIDES)
    environment = uv_environment()
    make: list[str | Path] = [UV, "venv", "--quiet", "--clear", "--python", sys.executable, engine.folder]
    fill: list[str | Path] = [UV, "pip", "install", "--quiet", "--compile-bytecode", "--python", engine.python]
    subprocess.run(make, check=True, env=environment)
    subprocess.run([*fill, "--override", overrides, requirement], check=True, env=environment)
    stamp.write_text(requirement)
