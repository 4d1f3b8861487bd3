"""The newest price file to a checked snapshot, as a refresh does it: read, judge against what is in force, encode."""

import json
import sys
import tracemalloc
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from time import perf_counter

from atom_llm.adapters.sources import litellm
from atom_llm.domain.catalogue.catalogue import decode, encode
from atom_llm.domain.catalogue.merge import merge
from atom_llm.domain.catalogue.price_events import encode_events
from atom_llm.domain.catalogue.quarantine import NO_APPROVAL, Quarantine, encode_quarantine
from benchmarks.timing import peak_mb


def main() -> None:
    """Measure once; with `trace`, measure the memory that Python allocates: the times then mean nothing."""
    arguments = json.loads(sys.argv[1])
    in_force, body = Path(arguments["in_force"]).read_bytes(), Path(arguments["file"]).read_bytes()
    if arguments["trace"]:
        tracemalloc.start()
    instants = [perf_counter()]
    base = decode(in_force)
    reading = litellm.read(body)
    instants.append(perf_counter())
    merged = merge(
        base,
        {litellm.NAME: reading},
        Quarantine(),
        now=datetime(2026, 11, 12, tzinfo=UTC),
        refresh_number=2,
        approval=NO_APPROVAL,
    )
    instants.append(perf_counter())
    version, snapshot = encode(merged.entries.values())
    events, held = encode_events(merged.events), encode_quarantine(Quarantine(merged.held))
    instants.append(perf_counter())
    if arguments.get("keep"):
        Path(arguments["keep"]).write_bytes(snapshot)
    read, judge, write = ((after - before) * 1000 for before, after in pairwise(instants))
    report = {
        "read_ms": read,
        "judge_ms": judge,
        "encode_ms": write,
        "total_ms": read + judge + write,
        "peak_mb": peak_mb(),
        "traced_mb": tracemalloc.get_traced_memory()[1] / 1024 / 1024 if arguments["trace"] else 0.0,
        "rows": len(merged.entries),
        "version": version,
        "snapshot_bytes": len(snapshot),
        "events_bytes": len(events),
        "held_bytes": len(held),
    }
    print(json.dumps(report))


main()
