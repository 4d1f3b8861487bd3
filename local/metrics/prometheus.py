"""`/metrics` of the front door: what CloudWatch reads in the log, as Prometheus reads it."""

import io
import json
import re
import sys
from collections.abc import Mapping
from typing import Any, Final, TextIO

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

PREFIX: Final = "atom_llm_"
SECONDS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)
# The conventions' own bounds, in seconds and in tokens.
DURATIONS: Final = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
TOKENS: Final = tuple(4**power for power in range(14))
_WORDS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_OF_CALLS: Final = ("gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model")


class LogMetrics:
    """Counters and histograms that are fed with lines of the log."""

    def __init__(self) -> None:
        """Start at nothing, as a process does."""
        self._registry = CollectorRegistry()
        self._known: dict[tuple[str, tuple[str, ...]], Counter | Histogram] = {}
        of_calls = tuple(each.replace(".", "_") for each in _OF_CALLS)
        self._durations = Histogram(
            "gen_ai_client_operation_duration_seconds",
            "How long attempts took.",
            (*of_calls, "error_type"),
            registry=self._registry,
            buckets=DURATIONS,
        )
        self._tokens = Histogram(
            "gen_ai_client_token_usage",
            "Tokens that attempts used.",
            (*of_calls, "gen_ai_token_type"),
            registry=self._registry,
            buckets=TOKENS,
        )
        self._cost = Counter(f"{PREFIX}cost_usd", "What attempts cost.", ("tenant", *of_calls), registry=self._registry)

    def read(self, line: str) -> None:
        """Count what a line of the log holds; one that holds no metrics counts nothing."""
        if '"_aws"' not in line and '"gen_ai.' not in line:
            return
        try:
            told = json.loads(line)
        except ValueError:
            return  # somebody else's line
        if isinstance(told, dict):
            self._count_embedded(told)
            if told.get("message") == "call":
                self._count_call(told)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a scrape, as an ASGI app."""
        await Response(generate_latest(self._registry), media_type=CONTENT_TYPE_LATEST)(scope, receive, send)

    def _count_embedded(self, told: Mapping[str, Any]) -> None:
        """Count metrics of CloudWatch's embedded format, whose first set of dimensions becomes the labels."""
        for group in told.get("_aws", {}).get("CloudWatchMetrics", ()):
            dimensions = tuple(next(iter(group.get("Dimensions", ())), ()))
            labels = [str(told.get(each, "")) for each in dimensions]
            for metric in group.get("Metrics", ()):
                values = told.get(metric["Name"], 0)
                for value in values if isinstance(values, list) else [values]:
                    self._count(metric["Name"], metric.get("Unit", "Count"), dimensions, labels, float(value))

    def _count(self, name: str, unit: str, dimensions: tuple[str, ...], labels: list[str], value: float) -> None:
        spelt = PREFIX + _WORDS.sub("_", name).lower()
        known = self._known.get((spelt, dimensions))
        if known is None:
            if unit in ("Milliseconds", "Seconds"):
                known = Histogram(f"{spelt}_seconds", name, dimensions, registry=self._registry, buckets=SECONDS)
            else:
                known = Counter(spelt, name, dimensions, registry=self._registry)
            self._known[spelt, dimensions] = known
        one = known.labels(*labels) if labels else known
        if isinstance(one, Histogram):
            one.observe(value / 1000 if unit == "Milliseconds" else value)
        else:
            one.inc(value)

    def _count_call(self, told: Mapping[str, Any]) -> None:
        of_call = [str(told.get(each, "")) for each in _OF_CALLS]
        self._durations.labels(*of_call, str(told.get("error.type", ""))).observe(told.get("duration_ms", 0) / 1000)
        for side in ("input", "output"):
            self._tokens.labels(*of_call, side).observe(told.get(f"gen_ai.usage.{side}_tokens", 0))
        # Prometheus has floats alone: a rate to look at, not an amount; the ledger has those.
        self._cost.labels(str(told.get("atom_llm.tenant", "")), *of_call).inc(float(told.get("atom_llm.cost_usd", 0)))


class CountedOutput(io.TextIOBase):
    """A text stream that passes everything on, and counts each whole line of it."""

    def __init__(self, stream: TextIO, metrics: LogMetrics) -> None:
        """Take the stream that is written to and where its lines are counted."""
        self._stream = stream
        self._metrics = metrics
        self._begun = ""

    def write(self, text: str) -> int:
        """Pass a text on, and count the lines that it ends."""
        *lines, self._begun = (self._begun + text).split("\n")
        for line in lines:
            self._metrics.read(line)
        return self._stream.write(text)

    def flush(self) -> None:
        """Flush the stream that is written to."""
        self._stream.flush()


def counted_stdout() -> LogMetrics:
    """Count what this process writes to its standard output from now on."""
    metrics = LogMetrics()
    sys.stdout = CountedOutput(sys.stdout, metrics)
    return metrics
