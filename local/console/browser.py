"""Find Chromium, or install Debian's where nobody has to be asked: before `make e2e`."""

import os
import shutil
import sys
from pathlib import Path
from typing import Final

from local.steps import CannotGoOn, run
from local.workspace import LOGS, ROOT

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OF_MACOS: Final = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
PACKAGES: Final = ("chromium", "fonts-dejavu-core")


def browser() -> Path:
    """Return the path of a Chromium, or of the Chrome that is made of it; raises `CannotGoOn` where there is none."""
    found = next((path for path in map(shutil.which, NAMES) if path is not None), None)
    if found is not None:
        return Path(found)
    if OF_MACOS.exists():
        return OF_MACOS
    raise CannotGoOn(f"Chromium is needed to try the console: no {' or '.join(NAMES)} on PATH.")


def install() -> None:
    """Install Chromium where there is none and this is root on a Debian; elsewhere raises `CannotGoOn`."""
    try:
        browser()
    except CannotGoOn:
        if os.geteuid() != 0 or shutil.which("apt-get") is None:
            raise
        get: list[str | Path] = ["apt-get", "-o", "Acquire::Retries=3"]
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        log = LOGS / "setup-browser.log"
        run("Reading the lists of packages", [*get, "update"], log=log, cwd=ROOT, env=environment)
        packages = [*get, "install", "--yes", "--no-install-recommends", *PACKAGES]
        run("Installing Chromium", packages, log=log, cwd=ROOT, env=environment)
        browser()


if __name__ == "__main__":
    try:
        install()
    except CannotGoOn as obstacle:
        sys.exit(str(obstacle))
