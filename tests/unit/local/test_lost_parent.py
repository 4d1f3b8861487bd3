"""A server whose starter was killed is asked to stop, so that nothing is left running and everything is saved."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from local.processes import free_port

ROOT = Path(__file__).parents[3]
STARTER = """
import os, sys, time
from pathlib import Path
from local.processes import Server
port = int(sys.argv[1])
command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]
server = Server("A server", command, dict(os.environ), port=port, health="/", log=Path(sys.argv[2]))
server.start()
print(server._process.pid, flush=True)
time.sleep(60)
"""
SOON_S = 10.0


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent is gone")
def test_a_server_ends_when_its_starter_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", STARTER, str(free_port()), str(tmp_path / "log")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        server = int(starter.stdout.readline())
        starter.kill()
    deadline = time.monotonic() + SOON_S
    while _runs(server):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"
