"""A snapshot from bytes to answers: decoded in a fresh process, the first look-ups, and warm ones."""

import json
import sys
from pathlib import Path

from atom_llm.adapters.seed import load_seed
from atom_llm.domain.catalogue.catalogue import decode
from atom_llm.domain.catalogue.refresh import Activation
from atom_llm.domain.core.errors import ModelNotFound
from atom_llm.services.catalogue.read_catalogue import CatalogueInForce
from benchmarks.timing import once_us, peak_mb, per_call_us

ALIAS, UNKNOWN, IDENTITY = "claude-4.5-sonnet", "gpt-4p-hyper", "openai/gpt-4o"


def main() -> None:
    """Measure once."""
    snapshot = Path(json.loads(sys.argv[1])["snapshot"]).read_bytes()
    before_mb = peak_mb()
    decoded_us = once_us(lambda: decode(snapshot))
    in_force = _catalogue_in_force(snapshot)
    report = {
        "decode_ms": decoded_us / 1000,
        "decode_mb": peak_mb() - before_mb,
        "first_by_id_us": once_us(lambda: in_force.find(IDENTITY)),
        "first_by_alias_ms": once_us(lambda: in_force.find(ALIAS)) / 1000,
        "first_unknown_ms": once_us(lambda: _refused(in_force)) / 1000,
        "by_id_us": per_call_us(lambda: in_force.find(IDENTITY)),
        "by_alias_us": per_call_us(lambda: in_force.find(ALIAS)),
        "unknown_ms": per_call_us(lambda: _refused(in_force)) / 1000,
        "seed_ms": once_us(lambda: decode(load_seed().snapshot)) / 1000,
    }
    print(json.dumps(report))


def _catalogue_in_force(snapshot: bytes) -> CatalogueInForce:
    as_of = load_seed().as_of
    catalogue = decode(snapshot)
    return CatalogueInForce(catalogue, Activation(1, catalogue.version, as_of, len(catalogue), len(snapshot), 0), as_of)


def _refused(in_force: CatalogueInForce) -> None:
    try:
        in_force.find(UNKNOWN)
    except ModelNotFound:
        return
    raise AssertionError(f"{UNKNOWN} is no model")


main()
