"""A pytest plugin that notes which test files read the time of day: `-p testing.clock_reads --clock-reads FILE`.

A file none of whose tests, fixtures and modules reads the system's clock runs alike on any day. Reads by code of this
repository count, on whatever thread; those by libraries do not (a header `Date`, a cookie's age, a test's own timing),
nor does the time that a line of the log carries, which decides nothing.
Where a module reads while it is imported, every file counts: whoever imports it later sees what was read then.
"""

import datetime
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import BuiltinFunctionType, CodeType
from typing import Any, Final

import pytest

EVERY_FILE: Final = "every file"
_TOOL: Final = 4  # of `sys.monitoring`; no kind of tool that it names has this one, and Hypothesis takes 3
_LOG: Final = Path("shared", "atom_llm", "observability.py")
_READS: Final = frozenset(
    {"clock_gettime", "ctime", "gmtime", "localtime", "mktime", "strftime", "time", "time_ns"}  # of the module time
    | {"now", "today", "utcnow"}  # of datetime and date
)


class ClockReads:
    """The test files of this process that read the clock so far."""

    def __init__(self, root: Path) -> None:
        self.files: set[str] = set()
        self._root = root
        self._running: str | None = None  # the test file whose test runs

    def listen(self) -> None:
        """Note from here on which calls read the clock; each place that calls something else is looked at once."""
        sys.monitoring.use_tool_id(_TOOL, "clock reads")
        sys.monitoring.register_callback(_TOOL, sys.monitoring.events.CALL, self._called)
        sys.monitoring.set_events(_TOOL, sys.monitoring.events.CALL)

    def _called(self, code: CodeType, _: int, function: object, __: object) -> object:
        if not _is_read(function) or not self._is_ours(Path(code.co_filename)):
            return sys.monitoring.DISABLE
        self.files.add(self._running or EVERY_FILE)
        return None

    def _is_ours(self, file: Path) -> bool:
        """Return whether a file is the repository's, of none of its environments (`.venv`) and not the log's."""
        if not file.is_relative_to(self._root):
            return False
        own = file.relative_to(self._root)
        return own != _LOG and not own.parts[0].startswith(".")

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Begin a test; with each new file all places are looked at again, as a place may call another clock."""
        file = nodeid.partition("::")[0]
        if file != self._running:
            self._running = file
            sys.monitoring.restart_events()

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self) -> Iterator[Any]:
        """Import a test file, which is no test's doing."""
        before, self._running = self._running, None
        report = yield
        self._running = before
        return report

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Hand over what was noted: a worker to the process that started it, that one to the file."""
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput["clock_reads"] = sorted(self.files)
        else:
            target = Path(session.config.getoption("clock_reads"))
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text("".join(f"{file}\n" for file in sorted(self.files)))

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what a worker noted; of one that crashed nothing is known, so every file counts."""
        self.files.update(getattr(node, "workeroutput", {}).get("clock_reads", [EVERY_FILE]))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that names the file to write."""
    parser.addoption("--clock-reads", metavar="FILE", help="write down which test files read the time of day")


def pytest_configure(config: pytest.Config) -> None:
    """Listen, where it is asked for."""
    if config.getoption("clock_reads"):
        reads = ClockReads(config.rootpath)
        config.pluginmanager.register(reads, "clock reads")
        if not config.getoption("numprocesses", 0):  # the process that starts workers runs no test
            reads.listen()


def _is_read(function: object) -> bool:
    if not isinstance(function, BuiltinFunctionType) or function.__name__ not in _READS:
        return False
    owner = function.__self__
    return owner is time or (isinstance(owner, type) and issubclass(owner, datetime.date))
