"""`make smoke ENV=dev`: a deployed environment tried with a tenant of its own, which is erased whatever happens.

`ENV=local` runs the whole on an emulator of its own. It forces an alarm and spends a few cents, so that it is not for
an environment whose alarms wake people.
"""

import argparse
import signal
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from secrets import token_hex
from typing import Final

from local.account.reached import main as reached
from local.smoke import emulated, real_account
from local.smoke.place import Place
from local.smoke.report import EXPECTED, Report
from local.smoke.walk import walk
from local.steps import CannotGoOn

ENVIRONMENTS: Final = ("dev", "staging", "local")
SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LONGER_THAN_A_GATEWAYS_S: Final = 65.0  # what streams must outlast: 29 s of the integration's default, 60 s of others'


def main(arguments: Sequence[str]) -> int:
    """Take every step, clean up, print what was seen; returns the exit code."""
    asked = _asked(arguments)
    for each in SIGNALS:
        signal.signal(each, _interrupt)
    report, faults = Report(), list[str]()
    try:
        with _place(asked) as place:
            try:
                walk(place, report, name=_name(), stream_s=asked.stream_seconds)
            except EXPECTED as error:
                faults.append(str(error))
            finally:
                for each in SIGNALS:
                    signal.signal(each, signal.SIG_IGN)  # what was made in an account must not be left there
                faults += report.clean_up()
    except CannotGoOn as obstacle:
        faults.append(str(obstacle))
    except KeyboardInterrupt:
        faults.append("Stopped before its end.")
    print(f"\n{report.table()}\n")
    for fault in faults:
        print(fault, file=sys.stderr)
    if not faults:
        print(f"All {len(report.steps)} steps are well; nothing of them is left in {asked.environment}.")
    return 1 if faults else 0


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make smoke")
    parser.add_argument("environment", choices=ENVIRONMENTS, metavar="ENV")
    parser.add_argument("--deployed", action="store_true", help="take what is deployed")
    parser.add_argument(
        "--stream-seconds", type=float, default=LONGER_THAN_A_GATEWAYS_S, help="how long a stream lasts"
    )
    return parser.parse_args(arguments)


def _place(asked: argparse.Namespace) -> AbstractContextManager[Place]:
    if asked.environment == "local":
        return emulated.place()
    if reached():
        raise CannotGoOn("Nothing was tried.")
    return nullcontext(real_account.place(asked.environment, is_deployed=asked.deployed))


def _name() -> str:
    return f"smoke-{datetime.now(UTC):%Y%m%d-%H%M}-{token_hex(3)}"


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
