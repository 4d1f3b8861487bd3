"""Servers that we start on this machine: on loopback, ready when they answer, stopped in order and awaited."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import TracebackType
from typing import Self

from local.steps import CannotGoOn
from local.workspace import ROOT

HOST = "127.0.0.1"

START_TIMEOUT_S = 60.0  # the emulator answers after 1 s, the front door after 3; a busy machine takes longer
STOP_TIMEOUT_S = 60.0  # the emulator writes its whole state in this time; killing it earlier would lose data
POLL_S = 0.1
PROBE_TIMEOUT_S = 2.0
LOG_TAIL_BYTES = 2000

PR_SET_PDEATHSIG = 1  # prctl(2)
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None  # loaded before any fork


def free_port() -> int:
    """Return a port on loopback that is free at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def require_free(port: int, variable: str) -> None:
    """Refuse a port that is taken, in words that say how to choose another."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: a closing connection is no owner
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise CannotGoOn(
                f"Port {port} cannot be used ({error.strerror}). Stop what listens there, or choose another: "
                f"make run {variable}={free_port()}"
            ) from error


def _answers(port: int, path: str) -> bool:
    """Return whether a server on this machine answers a GET with 200."""
    connection = HTTPConnection(HOST, port, timeout=PROBE_TIMEOUT_S)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def end_with_parent(by: int = signal.SIGTERM) -> None:
    """Ask the system (Linux) to end this process with a signal where its parent is killed; a server saves its state."""
    if _LIBC is not None:
        _LIBC.prctl(PR_SET_PDEATHSIG, by)


class Server:
    """One server: our process on one port, ready when its health path answers, stopped by a signal and awaited."""

    def __init__(
        self, name: str, command: Sequence[str | Path], env: Mapping[str, str], *, port: int, health: str, log: Path
    ) -> None:
        self.name = name
        self.url = f"http://{HOST}:{port}"
        self.log = log
        self._command = command
        self._env = env
        self._port = port
        self._health = health
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers; when that fails, or is interrupted, nothing is left running."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as output:
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches us alone, and we stop our servers in order
                preexec_fn=end_with_parent,  # one system call, before any thread of ours runs
            )
        try:
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            # In this order: on a port that another process has, an answer would not be ours.
            if self.has_ended() or time.monotonic() > deadline:
                said = self.log.read_bytes()[-LOG_TAIL_BYTES:].decode(errors="replace")
                raise CannotGoOn(f"{said}\n{self.name} did not start; everything it said is in {self.log}")
            if _answers(self._port, self._health):
                return
            time.sleep(POLL_S)

    def has_ended(self) -> bool:
        """Return whether it is not running: ended by itself, or never started."""
        return self._process is None or self._process.poll() is not None

    @property
    def pid(self) -> int:
        """The id of its process; raises `CannotGoOn` where there is none."""
        if self._process is None:
            raise CannotGoOn(f"{self.name} is not running")
        return self._process.pid

    def stop(self) -> None:
        """Ask it to stop and wait until it has; a process that does not obey in time is killed."""
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired as late:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise CannotGoOn(f"{self.name} did not stop within {STOP_TIMEOUT_S:.0f} s and was killed.") from late

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
