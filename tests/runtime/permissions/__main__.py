"""`make iam`: what every function asks AWS for, under AWS's runtime client, compared with what its role may do.

It fails where a right is missing, and where one was not used. `IAM_ARGS=envelope` chooses a vault; both by default.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from local.emulator import Emulator, client_environment
from local.processes import free_port
from testing.lambda_runtime.account import deployed_account
from tests.runtime.chat_answers import CHAT_ANSWERS
from tests.runtime.control_answers import BYOK_ANSWERS, CONTROL_ANSWERS
from tests.runtime.permissions.compare import Compared, compared, report
from tests.runtime.permissions.exercise import exercise

KINDS = {
    "secrets-manager": (*CONTROL_ANSWERS, *CHAT_ANSWERS),
    "envelope": (*BYOK_ANSWERS, *CHAT_ANSWERS),  # the other functions know nothing of vaults
}


def main(arguments: Sequence[str]) -> int:
    """Compare in each vault; returns the exit code."""
    is_well = True
    for vault in arguments or KINDS:
        found = _found(vault)
        print("\n".join(report(found, vault)), flush=True)
        is_well = is_well and not found.missing and not found.unused
    return 0 if is_well else 1


def _found(vault: str) -> Compared:
    with TemporaryDirectory() as folder, Emulator(free_port(), Path(folder)) as emulator:
        os.environ.update(client_environment(emulator.url))
        with deployed_account(emulator.url, Path(folder), slow_s=0, tenant_vault=vault) as account:
            exercise(account, KINDS[vault])
            functions = {kind.function for kind in KINDS[vault]}
            grants = [grant for grant in account.grants if grant.function in functions]
            return compared(grants, account.permissions(), account.resource_names)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
