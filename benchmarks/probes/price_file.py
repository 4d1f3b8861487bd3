"""The newest price file to a checked snapshot, as a refresh does it: read, judge against what is in force, encode."""

import json
import sys
import tracemalloc
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from time import process_time

from atom_llm.adapters.sources import genai_prices, litellm, models_dev, openrouter
from atom_llm.domain.catalogue.catalogue import decode, encode
from atom_llm.domain.catalogue.consensus import slipped
from atom_llm.domain.catalogue.merge import merge
from atom_llm.domain.catalogue.price_events import encode_events
from atom_llm.domain.catalogue.quarantine import NO_APPROVAL, Quarantine, encode_quarantine
from atom_llm.domain.catalogue.statements import PRIMARY, HeardList, Statements, encode_lists, heard, passed_on
from atom_llm.services.catalogue.hear_lists import own_words
from benchmarks.timing import peak_mb

NOW = datetime(2026, 11, 28, tzinfo=UTC)


def main() -> None:
    """Measure once; with `trace`, measure the memory that Python allocates: the times then mean nothing."""
    arguments = json.loads(sys.argv[1])
    in_force, body = Path(arguments["in_force"]).read_bytes(), Path(arguments["file"]).read_bytes()
    if arguments["trace"]:
        tracemalloc.start()
    instants = [process_time()]
    base = decode(in_force)
    readings = {litellm.NAME: litellm.read(body)}
    lists: dict[str, HeardList] = {}
    if others := arguments.get("others"):
        readings[openrouter.NAME] = openrouter.read(Path(others["openrouter"]).read_bytes())
        for name, read_list in ((genai_prices.NAME, genai_prices.read), (models_dev.NAME, models_dev.read)):
            lists[name] = heard(None, read_list(Path(others[name]).read_bytes()), NOW.date())
        lists[openrouter.NAME] = heard(None, passed_on(readings[openrouter.NAME]), NOW.date())
    instants.append(process_time())
    statements = Statements(lists, NOW.date())
    if faults := slipped(base, statements):
        raise AssertionError(f"real lists are believed: {faults}")
    merged = merge(base, readings, Quarantine(), now=NOW, refresh_number=2, approval=NO_APPROVAL, statements=statements)
    if lists:
        lists[PRIMARY] = own_words(None, merged.entries.values(), statements, NOW.date())
    instants.append(process_time())
    version, snapshot = encode(merged.entries.values())
    events, held = encode_events(merged.events), encode_quarantine(Quarantine(merged.held))
    said = encode_lists(lists)
    instants.append(process_time())
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
        "listed": len(readings[litellm.NAME].entries),
        "version": version,
        "snapshot_bytes": len(snapshot),
        "events_bytes": len(events),
        "held_bytes": len(held),
        "lists_bytes": len(said),
    }
    print(json.dumps(report))


main()
