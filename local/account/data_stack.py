"""A deployment's data, reached by the caller's own AWS credentials through the outputs of its data stack.

`local` is what `make run` runs, whose emulator takes any credentials.
"""

import os
from typing import Any, Final, get_args

import boto3

from atom_llm.settings import EnvironmentName, Settings
from local.emulator import client_environment
from local.processes import HOST

DEFAULT_PORT: Final = 4566  # the emulator's, as the Makefile has it
TABLES: Final = ("keys", "usage", "catalogue", "runtime")
WHICH: Final = f"Say which environment: ENV={' or ENV='.join(get_args(EnvironmentName))}."


def reach(environment: str) -> bool:
    """Return whether there is such an environment; `local` points this process's AWS clients to the emulator."""
    if environment == "local":
        reaching = client_environment(f"http://{HOST}:{os.environ.get('EMULATOR_PORT') or DEFAULT_PORT}")
        os.environ.clear()  # never to the account of its caller
        os.environ.update(reaching)
    return environment in get_args(EnvironmentName)


def settings_of(environment: str) -> Settings:
    """Return a deployment's tables and pepper; raises `ClientError` where it is not there."""
    client: Any = boto3.client("cloudformation")
    found = client.describe_stacks(StackName=f"atom-llm-{environment}-data")["Stacks"][0]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", [])}
    tables = {f"ATOM_{table.upper()}_TABLE": outputs[f"{table.capitalize()}TableName"] for table in TABLES}
    secret = {"ATOM_PEPPER_SECRET_ID": outputs["PepperSecretArn"]}
    return Settings.from_environment({"ATOM_ENVIRONMENT": environment, **tables, **secret})
