"""aider, unmodified: its command line, asked once, in an empty folder."""

import os
import subprocess
import tempfile

from report import BASE_URL, HELLO, MODEL, SERVICE_KEY, report

QUIET = (
    "--no-git",
    "--yes-always",
    "--no-check-update",
    "--no-show-model-warnings",
    "--no-pretty",
    "--analytics-disable",
)


def said(*more: str) -> str:
    command = ["aider", "--model", f"openai/{MODEL}", "--openai-api-base", BASE_URL, "--openai-api-key", SERVICE_KEY]
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [*command, *QUIET, "--message", HELLO, *more],
            cwd=folder,
            env={**os.environ, "COLUMNS": "2000"},  # it breaks lines at the end of the terminal
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise RuntimeError(done.stderr.strip())
    return " ".join(line for line in done.stdout.splitlines() if line.startswith("Grüße"))


report(chat=lambda: {"text": said("--no-stream")}, stream=lambda: {"text": said()})
