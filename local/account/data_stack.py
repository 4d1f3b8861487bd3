"""A deployment's data, reached by the caller's own AWS credentials through the outputs of its data stack.

`local` is what `make run` runs, whose emulator takes any credentials.
"""

import os
import socket
from typing import Any, Final, get_args

import boto3

from atom_llm.settings import EnvironmentName, Settings
from local.emulator import client_environment
from local.ports import emulator_port
from local.processes import HOST, PROBE_TIMEOUT_S
from local.steps import CannotGoOn

TABLES: Final = ("keys", "usage", "catalogue", "runtime")
VAULT_OUTPUTS: Final = {
    "ATOM_KMS_KEY_ID": "KeyArn",
    "ATOM_TENANT_VAULT": "TenantVault",
    "ATOM_TENANT_VAULT_BEFORE": "TenantVaultBefore",
    "ATOM_VAULT_TABLE": "VaultTableName",
}
WHICH: Final = f"Say which environment: ENV={' or ENV='.join(get_args(EnvironmentName))}."


def reach(environment: str) -> None:
    """Point this process's AWS clients to a deployment: for `local` to the emulator of the service that runs here.

    Raises `CannotGoOn` where there is no such environment, or nothing runs here.
    """
    if environment not in get_args(EnvironmentName):
        raise CannotGoOn(WHICH)
    if environment == "local":
        port = emulator_port()
        try:
            socket.create_connection((HOST, port), PROBE_TIMEOUT_S).close()
        except OSError as error:
            raise CannotGoOn(
                f"No local service runs: nothing answers on port {port}. Start it with `make run`, in another terminal."
            ) from error
        reaching = client_environment(f"http://{HOST}:{port}")
        os.environ.clear()  # never to the account of its caller
        os.environ.update(reaching)


def settings_of(environment: str) -> Settings:
    """Return a deployment's tables, pepper and vault; raises `ClientError` where it is not there."""
    client: Any = boto3.client("cloudformation")
    found = client.describe_stacks(StackName=f"atom-llm-{environment}-data")["Stacks"][0]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", [])}
    tables = {f"ATOM_{table.upper()}_TABLE": outputs[f"{table.capitalize()}TableName"] for table in TABLES}
    secret = {"ATOM_PEPPER_SECRET_ID": outputs["PepperSecretArn"]}
    vault = {variable: outputs[output] for variable, output in VAULT_OUTPUTS.items() if output in outputs}
    return Settings.from_environment({"ATOM_ENVIRONMENT": environment, **tables, **secret, **vault})
