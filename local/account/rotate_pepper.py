"""`make rotate-pepper ENV=…`: a new pepper for service keys, and with RETIRE=1 the end of the one before it.

It uses the caller's own AWS credentials. Both peppers open keys until the former is retired; each key is hashed by the
new one when it is first used. Without a change of its own, STATUS=1 says where a rotation stands.
"""

import argparse
import sys

from botocore.exceptions import BotoCoreError, ClientError

from atom_llm.composition import Container, DeployedPorts
from atom_llm.domain.core.errors import AtomError
from atom_llm.domain.tenancy.peppers import NOTICED_WITHIN, OVERLAP_AT_LEAST, Peppers
from atom_llm.services.tenancy.rotate_pepper import PepperRotation
from local.account.data_stack import reach, settings_of
from local.steps import CannotGoOn


def main(arguments: list[str]) -> int:
    """Carry out one step and print where the rotation stands; returns the exit code."""
    asked = _asked(arguments)
    try:
        reach(asked.environment)
        rotation = Container(DeployedPorts(settings_of(asked.environment))).tenancy.pepper_rotation
        counted = rotation.live_keys()  # before the step, which changes none of them
        peppers = _step(rotation, asked)
    except CannotGoOn as obstacle:
        print(obstacle, file=sys.stderr)
        return 1
    except (AtomError, BotoCoreError, ClientError) as error:
        print(f"The pepper is as it was: {error}", file=sys.stderr)
        return 1
    print(f"New service keys are hashed by {peppers.current}.")
    for version in (peppers.current, *peppers.former):
        print(f"  {version}: {counted.get(version, 0)} live keys")
    if peppers.former:
        print(
            f"Deployed functions know both within {NOTICED_WITHIN.total_seconds() / 60:g} minutes. Retire the former "
            f"with RETIRE=1, {OVERLAP_AT_LEAST.total_seconds() / 3600:.1f} hours after the rotation at the earliest."
        )
    return 0


def _asked(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make rotate-pepper")
    parser.add_argument("environment", nargs="?", default="")
    parser.add_argument("--status", action="store_true", help="change nothing")
    parser.add_argument("--retire", action="store_true", help="take the former pepper away")
    parser.add_argument("--despite-keys", action="store_true", help="also where live keys are still hashed by it")
    return parser.parse_args(arguments)


def _step(rotation: PepperRotation, asked: argparse.Namespace) -> Peppers:
    if asked.status:
        return rotation.stored().peppers
    return rotation.retire(despite_keys=asked.despite_keys) if asked.retire else rotation.rotate()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
