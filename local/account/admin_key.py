"""`make admin-key ENV=…`: an admin key of a deployment, made with the caller's AWS credentials.

It finds the tables and the pepper in the outputs of the deployment's data stack, makes the operator's tenant if there
is none, and prints a new key of it, this once.
"""

import sys
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from atom_llm.composition import Container, DeployedPorts
from atom_llm.domain.core.errors import AtomError
from atom_llm.domain.core.ids import TenantId
from atom_llm.services.tenancy.operator.bootstrap_operator import operators_key, operators_tenant
from local.account.data_stack import reach, settings_of
from local.steps import CannotGoOn

TENANT: Final = TenantId("operator")


def main(environment: str) -> int:
    """Print a key, or the part that is missing; returns the exit code."""
    try:
        reach(environment)
        container = Container(DeployedPorts(settings_of(environment)))
        tenant = operators_tenant(container.ports.tenants, TENANT, container.clock)
        issued = operators_key(tenant, container.tenancy.service_key_issuer, "admin-key")
    except CannotGoOn as obstacle:
        print(obstacle, file=sys.stderr)
        return 1
    except (AtomError, BotoCoreError, ClientError) as error:
        print(f"No key was made: {error}", file=sys.stderr)
        return 1
    print(f"An admin key of the tenant {tenant.id}, shown this once:\n\n  {issued.plaintext}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if sys.argv[1:] else ""))
