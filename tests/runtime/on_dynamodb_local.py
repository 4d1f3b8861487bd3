"""`make contract-on-local DYNAMODB_LOCAL_DIR=…`: the contract tests with their tables on AWS's DynamoDB Local.

It is AWS's own under AWS's own terms, so that it is in no list of requirements: whoever has accepted them says where
its copy is unpacked (`DynamoDBLocal.jar` and `DynamoDBLocal_lib`); it needs a JRE. Tests whose processes find tables by
a stack's outputs stay with the emulator.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from local.processes import HOST, free_port
from local.workspace import PYTHON, ROOT

DIRECTORY: Final = "DYNAMODB_LOCAL_DIR"
JAR: Final = "DynamoDBLocal.jar"
START_S: Final = 60.0
# Their processes, or the stacks that they read, are the emulator's.
NOT_HERE: Final = ("test_admin_key.py", "test_rotate_pepper.py", "test_killed_processes.py", "test_drills.py")


def main(arguments: Sequence[str]) -> int:
    """Start it, run the tests on it, stop it; returns the tests' exit code."""
    folder = Path(os.environ.get(DIRECTORY, ""))
    if not os.environ.get(DIRECTORY) or not (folder / JAR).is_file():
        sys.stderr.write(f"Say in {DIRECTORY} where {JAR} of a copy is whose terms you have accepted.\n")
        return 1
    port = free_port()
    start: list[str | Path] = ["java", f"-Djava.library.path={folder / 'DynamoDBLocal_lib'}", "-jar", folder / JAR]
    server = subprocess.Popen([*start, "-inMemory", "-port", str(port)], stdout=subprocess.DEVNULL, cwd=folder)
    try:
        if not _listens(server, port):
            sys.stderr.write("DynamoDB Local did not start.\n")
            return 1
        tests: list[str | Path] = [PYTHON, "-m", "pytest", "tests/contract", "-m", "not thorough"]
        tests += [f"--ignore=tests/contract/{name}" for name in NOT_HERE]
        environment = os.environ | {"AWS_ENDPOINT_URL_DYNAMODB": f"http://{HOST}:{port}"}
        return subprocess.run([*tests, *arguments], cwd=ROOT, env=environment, check=False).returncode
    finally:
        server.terminate()
        server.wait()


def _listens(server: subprocess.Popen[bytes], port: int) -> bool:
    until = time.monotonic() + START_S
    while server.poll() is None and time.monotonic() < until:
        try:
            socket.create_connection((HOST, port), 1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return True
    return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
