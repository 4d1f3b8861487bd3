"""`make admin-key ENV=…`: an admin key of a deployment, made with the AWS credentials of whoever runs it.

It finds the tables and the pepper in the outputs of the deployment's data stack, makes the operator's tenant if there
is none, and prints a new key of it, this once.
"""

import sys
from typing import Any, Final

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from atom_llm.composition import Container
from atom_llm.domain.errors import AtomError
from atom_llm.domain.ids import TenantId
from atom_llm.services.operate import operators_key, operators_tenant
from atom_llm.settings import Settings

TENANT: Final = TenantId("operator")
TABLES: Final = ("keys", "usage", "catalogue", "runtime")


def main(environment: str) -> int:
    """Print a key, or what is missing."""
    try:
        outputs = _outputs(f"atom-llm-{environment}-data")
        services = Container(_settings(environment, outputs))
        tenant = operators_tenant(services.tenants, TENANT, services.clock)
        issued = operators_key(tenant, services.service_key_issuer, services.audit_log, services.clock, "admin-key")
    except (AtomError, BotoCoreError, ClientError) as error:
        print(f"No key was made: {error}", file=sys.stderr)
        return 1
    print(f"An admin key of the tenant {tenant.id}, shown this once:\n\n  {issued.plaintext}\n")
    return 0


def _outputs(stack: str) -> dict[str, str]:
    client: Any = boto3.client("cloudformation")
    found = client.describe_stacks(StackName=stack)["Stacks"][0]
    return {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", [])}


def _settings(environment: str, outputs: dict[str, str]) -> Settings:
    tables = {f"ATOM_{table.upper()}_TABLE": outputs[f"{table.capitalize()}TableName"] for table in TABLES}
    secret = {"ATOM_PEPPER_SECRET_ID": outputs["PepperSecretArn"]}
    return Settings.from_environment({"ATOM_ENVIRONMENT": environment, **tables, **secret})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
