"""The word on each attempt beside the books: a line of the log, and a span where somebody collects them."""

from atom_llm.domain.calls.gen_ai import attributes_of
from atom_llm.domain.ledger.rows import LedgerRow
from atom_llm.observability import record
from atom_llm.ports.calls import CallTracer


class CallTelemetry:
    """The log and, where the deployment names a collector, the trace."""

    def __init__(self, tracer: CallTracer | None = None) -> None:
        self._tracer = tracer

    def tell(self, row: LedgerRow, mode: str | None, *, is_stream: bool) -> None:
        """Tell of an attempt that has its row; `mode` is that of its model in the catalogue."""
        attributes = attributes_of(row, mode, is_stream=is_stream)
        latency_ms = row.settlement.latency_ms
        record("call", attributes if latency_ms is None else {**attributes, "duration_ms": latency_ms}, {}, "chat")
        if self._tracer is not None:
            self._tracer.ended(row, attributes)
