"""`make admin-key ENV=…`: an admin key of a deployment, made with the caller's AWS credentials.

It finds the tables and the pepper in the outputs of the deployment's data stack, makes the operator's tenant if there
is none, and prints a new key of it, this once. `local` is what `make run` runs, whose emulator takes any credentials.
"""

import os
import sys
from typing import Any, Final, get_args

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from atom_llm.composition import Container, DeployedPorts
from atom_llm.domain.core.errors import AtomError
from atom_llm.domain.core.ids import TenantId
from atom_llm.services.tenancy.bootstrap_operator import operators_key, operators_tenant
from atom_llm.settings import EnvironmentName, Settings
from local.emulator import client_environment
from local.processes import HOST

TENANT: Final = TenantId("operator")
DEFAULT_PORT: Final = 4566  # the emulator's, as the Makefile has it
TABLES: Final = ("keys", "usage", "catalogue", "runtime")


def main(environment: str) -> int:
    """Print a key, or the part that is missing; returns the exit code."""
    if environment not in get_args(EnvironmentName):
        print(f"Say which environment: ENV={' or ENV='.join(get_args(EnvironmentName))}.", file=sys.stderr)
        return 1
    if environment == "local":
        _reach_the_emulator()
    try:
        outputs = _outputs(f"atom-llm-{environment}-data")
        container = Container(DeployedPorts(_settings(environment, outputs)))
        tenant = operators_tenant(container.ports.tenants, TENANT, container.clock)
        issued = operators_key(tenant, container.tenancy.service_key_issuer, "admin-key")
    except (AtomError, BotoCoreError, ClientError) as error:
        print(f"No key was made: {error}", file=sys.stderr)
        return 1
    print(f"An admin key of the tenant {tenant.id}, shown this once:\n\n  {issued.plaintext}\n")
    return 0


def _reach_the_emulator() -> None:
    """Point AWS clients of this process to the emulator from here on, and never to the account of its caller."""
    reaching = client_environment(f"http://{HOST}:{os.environ.get('EMULATOR_PORT') or DEFAULT_PORT}")
    os.environ.clear()
    os.environ.update(reaching)


def _outputs(stack: str) -> dict[str, str]:
    client: Any = boto3.client("cloudformation")
    found = client.describe_stacks(StackName=stack)["Stacks"][0]
    return {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", [])}


def _settings(environment: str, outputs: dict[str, str]) -> Settings:
    tables = {f"ATOM_{table.upper()}_TABLE": outputs[f"{table.capitalize()}TableName"] for table in TABLES}
    secret = {"ATOM_PEPPER_SECRET_ID": outputs["PepperSecretArn"]}
    return Settings.from_environment({"ATOM_ENVIRONMENT": environment, **tables, **secret})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if sys.argv[1:] else ""))
