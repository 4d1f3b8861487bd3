"""Let uv fetch packages from wherever pip on this machine is configured to, so that one configuration serves both."""

import ast
import os
import subprocess
import sys

UV_NAMES = {"index-url": "UV_DEFAULT_INDEX", "cert": "SSL_CERT_FILE"}
UV_TIMEOUT_S = "120"  # uv's own 30 s is short for a mirror that fetches on demand


def uv_environment() -> dict[str, str]:
    """Return this process's environment, with pip's settings under uv's names; what is set for uv already wins."""
    settings = _pip_settings()
    environment = {UV_NAMES[name]: value for name, value in settings.items() if name in UV_NAMES}
    return {"UV_HTTP_TIMEOUT": UV_TIMEOUT_S, "UV_PYTHON_DOWNLOADS": "never"} | environment | dict(os.environ)


def _pip_settings() -> dict[str, str]:
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", "config", "list"],
        capture_output=True,
        text=True,
        check=False,
    )
    settings: dict[str, str] = {}
    for line in listed.stdout.splitlines():  # global.index-url='…', :env:.cert='…': later files and the environment win
        name, _, quoted = line.partition("=")
        if quoted:
            settings[name.rpartition(".")[2]] = str(ast.literal_eval(quoted))
    return settings
