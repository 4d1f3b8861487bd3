"""Searching a snapshot's models: the index built in a fresh process, the first question, and warm ones."""

import json
import sys
from datetime import date
from itertools import cycle
from pathlib import Path
from statistics import quantiles
from time import perf_counter
from typing import Final

from atom_llm.adapters.seed import load_quality_seed
from atom_llm.domain.catalogue.catalogue import decode
from atom_llm.domain.registry.quality import decode_set
from atom_llm.domain.registry.search import SearchIndex, SearchQuery
from benchmarks.timing import once_us, peak_mb

TODAY: Final = date(2026, 11, 23)
PAGE: Final = 50
ROUNDS: Final = 40  # of every question: enough for a tail

# What people ask: names, names mistyped, what a model can do, what it may cost, all of it at once, and nonsense.
QUESTIONS: Final = (
    SearchQuery(query="gpt-4o"),
    SearchQuery(query="claude-4.5-sonnet"),
    SearchQuery(query="gemini flash"),
    SearchQuery(query="claud sonet 4.5"),
    SearchQuery(query="gtp4o"),
    SearchQuery(query="mistrall lage"),
    SearchQuery(query="deepsek r1 groq"),
    SearchQuery(query="zzzzqqq xyzzy"),
    SearchQuery(),
    SearchQuery(min_quality=90.0),
    SearchQuery(capabilities=frozenset({"vision", "function_calling", "prompt_caching"})),
    SearchQuery(provider="openai", mode="chat", min_context=200_000),
    SearchQuery(query="mini", min_quality=80.0, capabilities=frozenset({"function_calling"}), min_context=100_000),
)


def main() -> None:
    """Measure once."""
    catalogue = decode(Path(json.loads(sys.argv[1])["snapshot"]).read_bytes())
    quality = decode_set(load_quality_seed())
    before_mb = peak_mb()
    built: list[SearchIndex] = []
    built_us = once_us(lambda: built.append(SearchIndex(catalogue, quality)))
    (index,) = built
    built_mb = peak_mb() - before_mb
    first_us = once_us(lambda: index.search(QUESTIONS[0], TODAY, limit=PAGE))
    for wanted in QUESTIONS:
        index.search(wanted, TODAY, limit=PAGE)
    warm = []
    for wanted, _ in zip(cycle(QUESTIONS), range(ROUNDS * len(QUESTIONS)), strict=False):
        started = perf_counter()
        index.search(wanted, TODAY, limit=PAGE)
        warm.append((perf_counter() - started) * 1000)
    percent = quantiles(warm, n=100)
    report = {
        "built_ms": built_us / 1000,
        "built_mb": built_mb,
        "first_ms": first_us / 1000,
        "p50_ms": percent[49],
        "p99_ms": percent[98],
        "worst_ms": max(warm),
        "rows": len(index),
    }
    print(json.dumps(report))


main()
