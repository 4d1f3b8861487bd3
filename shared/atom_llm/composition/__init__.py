"""The one place that sees both sides: it reads the environment, builds the adapters and gives them to the services.

`ports` has everything that services are built from, `deployed` builds those of a deployed process, a module a
capability builds its services from them, and `container` holds the capabilities together.
"""

import os
from functools import lru_cache

from atom_llm.composition.container import Container
from atom_llm.composition.deployed import DeployedPorts
from atom_llm.composition.ports import Ports
from atom_llm.settings import Settings

__all__ = ["Container", "DeployedPorts", "Ports", "container", "is_for_a_snapshot", "runs_in_lambda"]


def runs_in_lambda() -> bool:
    """Return true in a Lambda's process: its runtime names the function, and nothing else does."""
    return "AWS_LAMBDA_FUNCTION_NAME" in os.environ


def is_for_a_snapshot() -> bool:
    """Return true in a Lambda's process that is copied once it is ready, and started from its copies."""
    return os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "snap-start"


@lru_cache(maxsize=1)
def container() -> Container:
    """Build the container of this process by its environment, once; raises `SettingsError`."""
    return Container(DeployedPorts(Settings.from_environment(os.environ)))
