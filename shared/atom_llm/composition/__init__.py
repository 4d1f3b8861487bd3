"""The one place that sees both sides: it reads the environment, builds the adapters and gives them to the services.

Each module adds its parts to those of the one before: stores, catalogue, money, tenancy, routing, calls.
"""

import os
from functools import lru_cache

from atom_llm.composition.calls import CallParts
from atom_llm.composition.given import MoneyStores, RuntimeStores, utc_now
from atom_llm.settings import Settings

__all__ = ["Container", "MoneyStores", "RuntimeStores", "container", "runs_in_lambda", "utc_now"]


class Container(CallParts):
    """Everything that the routes ask for; each part is built when first asked for and then kept.

    Imports stand inside, so that a function pays for the parts that it uses. A test gives its own ports.
    """


def runs_in_lambda() -> bool:
    """Whether this process is a Lambda's: its runtime names the function, and nothing else does."""
    return "AWS_LAMBDA_FUNCTION_NAME" in os.environ


@lru_cache(maxsize=1)
def container() -> Container:
    """The container of this process, by its environment."""
    return Container(Settings.from_environment(os.environ))
