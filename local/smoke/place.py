"""Where the smoke runs: what is deployed there, how it is reached, and what a provider there is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3


def nothing(*_: object) -> None:
    """Do nothing: what a real provider is asked for, where a stand-in is told how to behave."""


@dataclass(frozen=True, slots=True)
class Place:
    """A deployed environment. AWS clients of this process reach it by the process's own environment.

    `stream_url` is where answers stream, which the emulated gateway cannot. `provider_keys` are the key that is stored
    and the one that it is rotated to. `stretch(seconds)` makes the next streams last so long, `end_of_key(key)` has
    the provider refuse a key, `at_ease()` ends what `stretch` began: each does nothing at a real provider.
    """

    environment: str
    outputs: Mapping[str, str]
    api_url: str
    stream_url: str
    model: str
    prompt: str
    provider_keys: tuple[str, str] = field(repr=False)
    stretch: Callable[[float], None] = nothing
    at_ease: Callable[[], None] = nothing
    end_of_key: Callable[[str], None] = nothing

    @property
    def provider(self) -> str:
        """The provider of the model that is called."""
        return self.model.partition("/")[0]

    @property
    def service_stack(self) -> str:
        """The stack whose alarms are looked for."""
        return f"atom-llm-{self.environment}-service"


def outputs_of(environment: str) -> dict[str, str]:
    """Return the outputs of both stacks; raises `ClientError` where one is not there."""
    client: Any = boto3.client("cloudformation")
    found: dict[str, str] = {}
    for part in ("data", "service"):
        stack = client.describe_stacks(StackName=f"atom-llm-{environment}-{part}")["Stacks"][0]
        found |= {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}
    return found
