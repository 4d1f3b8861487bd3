"""A process outlives the threads that make its first calls."""

import subprocess
import sys

FIRST_CALL_IN_A_THREAD_THAT_ENDS = """
import asyncio, threading
import functions.chat.main
from pyreqwest.client import ClientBuilder
from pyreqwest.exceptions import ConnectError

async def asked():
    async with ClientBuilder().build() as client:
        try:
            await client.get("http://127.0.0.1:9/").build().send()
        except ConnectError:
            pass

for _ in range(3):
    thread = threading.Thread(target=asyncio.run, args=(asked(),))
    thread.start()
    thread.join()
print("alive")
"""


def test_a_process_outlives_the_thread_that_first_used_the_providers_client() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FIRST_CALL_IN_A_THREAD_THAT_ENDS], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, "alive"), done.stderr
