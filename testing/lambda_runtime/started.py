"""A function whose process is started, frozen, thawed and killed, as a context."""

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self

from testing.lambda_runtime.stacks import DeployedFunction
from testing.lambda_runtime.stoppable import StoppableProcess


class SandboxFailed(Exception):
    """The process ended, or did not do in time what it had to."""


class StartedFunction(ABC):
    """A process of a function, which a context starts and kills."""

    def __init__(self, function: DeployedFunction) -> None:
        """Take the function; nothing is started yet."""
        self.function = function
        self._process: StoppableProcess | None = None

    @abstractmethod
    def start(self) -> None:
        """Start it and wait until it is ready; raises `SandboxFailed` with its words."""

    def thaw(self) -> None:
        """Let it go on."""
        self._started().thaw()

    def kill(self) -> None:
        """End it without a word."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()

    def said(self) -> str:
        """What it wrote to its log."""
        return self._started().said()

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def _started(self) -> StoppableProcess:
        if self._process is None:
            raise SandboxFailed(f"{self.function.name} is not running")
        return self._process
