"""Spans of attempts, sent by OTLP over HTTP through OpenTelemetry's own SDK, each before its call's answer ends."""

from collections.abc import Mapping
from contextvars import ContextVar
from datetime import datetime, timedelta
from secrets import randbits
from typing import Final, override

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.trace import SpanKind, Status, StatusCode

from atom_llm.domain.calls.gen_ai import Attributes
from atom_llm.domain.core.ids import number_of
from atom_llm.domain.ledger.rows import LedgerRow

SERVICE: Final = "atom-llm"
TIMEOUT_S: Final = 2.0  # a call's last byte waits for its span: behind it a Lambda may be frozen
_traced: Final[ContextVar[int]] = ContextVar("traced_call")


class _TraceOfTheCall(IdGenerator):
    """A trace's id is its call's id, the same 128 bits: whoever has one has the other."""

    @override
    def generate_span_id(self) -> int:
        return randbits(63) + 1

    @override
    def generate_trace_id(self) -> int:
        return _traced.get()


class OtlpCallTracer:
    """The `CallTracer` of a deployment that names an address."""

    def __init__(self, endpoint: str, headers: Mapping[str, str], environment: str) -> None:
        """Take the address of the collector without its path, and the headers that it asks for."""
        resource = Resource({"service.name": SERVICE, "deployment.environment.name": environment})
        provider = TracerProvider(resource=resource, id_generator=_TraceOfTheCall(), shutdown_on_exit=False)
        exporter = OTLPSpanExporter(
            endpoint=f"{endpoint.rstrip('/')}/v1/traces", headers=dict(headers), timeout=TIMEOUT_S
        )
        provider.add_span_processor(SimpleSpanProcessor(exporter))
        self._tracer = provider.get_tracer("atom_llm")

    def ended(self, row: LedgerRow, attributes: Attributes) -> None:
        """Send the span of an attempt; one that cannot be sent is in the log, and keeps nothing else back."""
        ended = row.settlement.settled_at
        began = ended - timedelta(milliseconds=row.settlement.latency_ms or 0)
        within = _traced.set(number_of(row.attempt.call_id))
        try:
            span = self._tracer.start_span(
                f"{attributes['gen_ai.operation.name']} {row.attempt.model}",
                context=Context(),  # of no span that happens to be around
                kind=SpanKind.CLIENT,
                attributes=attributes,
                start_time=_nanoseconds(began),
            )
        finally:
            _traced.reset(within)
        if "error.type" in attributes:
            span.set_status(Status(StatusCode.ERROR))
        span.end(_nanoseconds(ended))


def _nanoseconds(instant: datetime) -> int:
    """Return an instant as nanoseconds of the Unix epoch, exact to the microsecond."""
    return int(instant.timestamp()) * 1_000_000_000 + instant.microsecond * 1_000
