"""The AWS emulator as a child process: on loopback, its state in a folder, saved only when it is stopped cleanly."""

import json
import os
import shutil
from pathlib import Path

from local.processes import HOST, Server
from local.workspace import EMULATOR_PYTHON

ACCOUNT = "000000000000"
REGION = "us-east-1"

# What the emulator hands on to the functions it runs. Not more: its environment becomes theirs, and a developer's own
# AWS profile or provider keys have no business there.
HANDED_ON = (
    *("PATH", "HOME", "LANG", "SSL_CERT_FILE", "SSL_CERT_DIR"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
)


def client_environment(endpoint_url: str) -> dict[str, str]:
    """Return the environment by which an AWS client reaches the emulator, and never this person's account."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CDK_"))}
    return kept | {
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


class Emulator(Server):
    """One MiniStack with what it had in this folder when it was last stopped; stopping it is what saves."""

    def __init__(self, port: int, folder: Path) -> None:
        self._temporary = folder / "tmp"
        self._state = folder / "state"
        handed_on = {name: os.environ[name] for name in HANDED_ON if name in os.environ}
        settings = {
            "BIND_HOST": HOST,
            "SFTP_ENABLED": "0",  # it would listen on every interface
            "GATEWAY_PORT": str(port),
            "PERSIST_STATE": "1",
            "STATE_DIR": str(self._state),
            "TMPDIR": str(self._temporary),
            "MINISTACK_REGION": REGION,
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            "PYTHONUNBUFFERED": "1",
        }
        super().__init__(
            "The emulator",
            [EMULATOR_PYTHON, "-m", "ministack"],
            handed_on | settings,
            port=port,
            health="/_ministack/health",
            log=folder / "logs" / "emulator.log",
        )

    def start(self) -> None:
        """Start it, its temporary files cleared: it unpacks every function and layer there and leaves them."""
        shutil.rmtree(self._temporary, ignore_errors=True)
        self._temporary.mkdir(parents=True)
        forget_stream_positions(self._state / "lambda.json")
        super().start()


def forget_stream_positions(saved: Path) -> None:
    """Let functions read their tables' streams from the beginning.

    MiniStack saves how far they have read but not the streams: of the new ones they would skip as many records.
    """
    try:
        state = json.loads(saved.read_text())
        positions = state["payload"]["dynamodb_stream_positions"]["data"]
    except (OSError, ValueError, LookupError, TypeError):  # a first start, or a file that the emulator has to judge
        return
    if not positions:
        return
    positions.clear()
    changed = saved.with_suffix(".changed")
    changed.write_text(json.dumps(state))
    changed.replace(saved)  # whole or not at all, should we be killed here
