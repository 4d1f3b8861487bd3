"""`make move-secrets ENV=…`: bring all tenants' provider keys into the vault that the environment names.

It uses the caller's own AWS credentials, and may be ended and begun again at any moment: each tenant's copy is read
back and compared before it is brought into force, and only then is the old one deleted.
"""

import sys
from collections import Counter

from botocore.exceptions import BotoCoreError, ClientError

from atom_llm.composition import Container, DeployedPorts
from atom_llm.domain.core.errors import AtomError
from local.account.data_stack import reach, settings_of
from local.steps import CannotGoOn


def main(environment: str) -> int:
    """Move what is elsewhere and print each tenant that moved or did not; returns the exit code."""
    counted: Counter[str] = Counter()
    try:
        reach(environment)
        settings = settings_of(environment)
        if settings.tenant_vault_before in (None, settings.tenant_vault):
            print(f"{environment} names no vault that keys come from: set tenant_vault_before, and deploy, first.")
            return 1
        for move in Container(DeployedPorts(settings)).tenancy.secrets_mover.move_all():
            counted[move.fate] += 1
            if move.fate != "was there":
                print(f"  {move.tenant}: {move.fate} {move.reason}".rstrip(), flush=True)
    except CannotGoOn as obstacle:
        print(obstacle, file=sys.stderr)
        return 1
    except (AtomError, BotoCoreError, ClientError) as error:
        print(f"Not all tenants were looked at; begin again: {error}", file=sys.stderr)
        return 1
    print(
        f"To {settings.tenant_vault}: {counted['moved']} tenants moved, {counted['was there']} had nothing elsewhere, "
        f"{counted['failed']} failed and are where they were."
    )
    if counted["failed"]:
        return 1
    print("All are there: tenant_vault_before can be taken out of the environment, with the next deployment.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if sys.argv[1:] else ""))
