"""`make freeze`: every kind of answer of every function, frozen behind it and thawed, and once more killed.

With `--write` the table goes into docs/reliability.md; other arguments choose kinds by words of their names.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

from local.emulator import Emulator, client_environment
from local.processes import free_port
from testing import real_data
from testing.lambda_runtime.account import Account, deployed_account
from tests.runtime.chat_answers import CHAT_ANSWERS
from tests.runtime.control_answers import CONTROL_ANSWERS
from tests.runtime.freeze import Fate, Found, frozen
from tests.runtime.report import PAGE, summed_up, table, told, write_into

KINDS: Final = CHAT_ANSWERS + CONTROL_ANSWERS
WRITE: Final = "--write"


def main(arguments: Sequence[str]) -> int:
    """Run all of them, one after the other; the last line counts them."""
    if sys.platform != "linux":
        print("AWS builds its runtime client for Linux only.", file=sys.stderr)
        return 1
    words = [each for each in arguments if each != WRITE]
    kinds = [kind for kind in KINDS if not words or any(word in f"{kind.function} {kind.name}" for word in words)]
    found: list[Found] = []
    with _account() as account:
        for kind in kinds:
            if absent := [name for name in kind.needs if not real_data.is_present(name)]:
                print(f"--  {kind.function}: {kind.name}: needs {', '.join(absent)}")
                continue
            for fate in Fate:
                began = perf_counter()
                found.append(frozen(account, kind, fate))
                print(f"{told(found[-1])} ({perf_counter() - began:.1f} s)", flush=True)
    if WRITE in arguments and not words:
        write_into(PAGE, table(found))
    passed = sum(each.is_well for each in found)
    print(f"{summed_up(found)}\n{passed} passed, {len(found) - passed} failed")
    return 0 if passed == len(found) else 1


@contextmanager
def _account() -> Iterator[Account]:
    with TemporaryDirectory() as folder, Emulator(free_port(), Path(folder)) as emulator:
        os.environ.update(client_environment(emulator.url))
        with deployed_account(emulator.url, Path(folder)) as account:
            yield account


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
