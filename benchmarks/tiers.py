"""`python -m benchmarks.tiers`: accuracy and speed of classification; `--write` puts them into docs/tiers.md."""

import argparse
import os
import platform
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle, pairwise
from typing import Final

from atom_llm.domain.tiers.classify import Classification, classify, classify_prompt
from atom_llm.domain.tiers.tier import TIERS, Tier
from benchmarks.probing import pin
from benchmarks.real_files import ROOT
from benchmarks.report import Figure, Row, table
from benchmarks.timing import per_call_us
from testing.labelled import Labelled, labelled, long_text

DOCUMENT: Final = ROOT / "docs" / "tiers.md"
BEGIN: Final = "<!-- begin: python -m benchmarks.tiers --write -->"
END: Final = "<!-- end: python -m benchmarks.tiers --write -->"
BANDS: Final = (0.0, 0.7, 0.8, 0.9, 1.01)  # of confidence
TEXTS: Final = 200  # different ones, so that no text is met twice in a row
LENGTHS: Final = ((1_000, 100.0), (100_000, 1_000.0))  # characters, and microseconds to reach
CORPORA: Final = (("Latin letters", ("report", "story", "lease")), ("Chinese", ("文章",)), ("Arabic", ("مقال",)))


@dataclass(frozen=True, slots=True)
class Judged:
    """A labelled prompt and its classification."""

    prompt: Labelled
    found: Classification

    @property
    def distance(self) -> int:
        """The tiers between the two."""
        return abs(self.found.tier.rank - self.prompt.tier.rank)


def main() -> int:
    """Print, and write if asked to; the exit code is 0 whatever is reached."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tiers", description=__doc__)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--misses", action="store_true", help="also list what the training half has wrong")
    chosen = parser.parse_args()
    where = pin()
    content = "\n\n".join(_sections(where))
    print(content)
    if chosen.misses:
        print(*_misses(), sep="\n")
    if chosen.write:
        before, begin, rest = DOCUMENT.read_text().partition(BEGIN)
        _, end, after = rest.partition(END)
        if not begin or not end:
            raise ValueError(f"{DOCUMENT.name} has no place for the report, marked {BEGIN} and {END}")
        DOCUMENT.write_text(f"{before}{BEGIN}\n{content}\n{END}{after}")
    return 0


def _sections(where: str) -> Iterator[str]:
    halves = {split: _judged(split) for split in ("test", "train")}
    yield _accuracy(halves)
    yield _confusion(halves["test"])
    yield _by_language(halves["test"])
    yield _by_confidence(halves["test"])
    yield table(_timings())
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    yield f"Measured {datetime.now(UTC).date().isoformat()}: Python {platform.python_version()}, {system}, {where}."


def _judged(split: str) -> list[Judged]:
    return [Judged(each, classify(each.messages)) for each in labelled(split)]


def _accuracy(halves: dict[str, list[Judged]]) -> str:
    lines = [
        "| half | prompts | exact | within one tier | micro as versatile or above | complex as versatile or below |"
    ]
    lines.append("|---|---|---|---|---|---|")
    for split, half in halves.items():
        micro = sum(each.prompt.tier is Tier.MICRO and each.found.tier >= Tier.VERSATILE for each in half)
        hard = sum(each.prompt.tier is Tier.COMPLEX and each.found.tier <= Tier.VERSATILE for each in half)
        within = _share([each.distance <= 1 for each in half])
        lines.append(f"| {split} | {len(half)} | {_exact(half)} | {within} | {micro} | {hard} |")
    return "\n".join(lines)


def _confusion(half: Sequence[Judged]) -> str:
    counted = Counter((each.prompt.tier, each.found.tier) for each in half)
    lines = [f"| needs, of the test half | {' | '.join(f'judged {tier}' for tier in TIERS)} |", "|---" * 6 + "|"]
    lines += [f"| **{needed}** | {' | '.join(str(counted[needed, found]) for found in TIERS)} |" for needed in TIERS]
    return "\n".join(lines)


def _by_language(half: Sequence[Judged]) -> str:
    lines = ["| language | prompts | exact | within one tier |", "|---|---|---|---|"]
    for language, count in Counter(each.prompt.language for each in half).most_common():
        own = [each for each in half if each.prompt.language == language]
        lines.append(f"| {language} | {count} | {_exact(own)} | {_share([each.distance <= 1 for each in own])} |")
    return "\n".join(lines)


def _by_confidence(half: Sequence[Judged]) -> str:
    lines = ["| confidence | prompts | exact |", "|---|---|---|"]
    for least, most in pairwise(BANDS):
        own = [each for each in half if least <= each.found.confidence < most]
        if own:
            lines.append(f"| {least:.1f} to {min(most, 1):.1f} | {len(own)} | {_exact(own)} |")
    return "\n".join(lines)


def _timings() -> Iterator[Row]:
    for length, reach in LENGTHS:
        for script, corpora in CORPORA:
            texts = cycle(_texts(length, corpora))
            figure = Figure((per_call_us(lambda texts=texts: classify_prompt(next(texts))),), "µs")  # type: ignore[misc]
            yield Row(f"classification of {length:,} characters, {script}", figure, reach=reach)


def _texts(length: int, corpora: Sequence[str]) -> list[str]:
    """Return different texts: each begins elsewhere in a corpus."""
    whole = ["Explain this:\n" + long_text(name, 2 * length) for name in corpora]
    return [whole[at % len(whole)][at : at + length].ljust(length) for at in range(TEXTS)]


def _misses() -> Iterator[str]:
    for each in _judged("train"):
        if each.distance:
            reasons = ", ".join(
                f"{signal.name} {signal.weight:+d} ({signal.evidence})" for signal in each.found.signals
            )
            yield f"{each.prompt.id} ({each.prompt.language}): {each.prompt.tier} → {each.found.tier}: {reasons}"


def _exact(judged: Sequence[Judged]) -> str:
    return _share([each.distance == 0 for each in judged])


def _share(hits: Sequence[bool]) -> str:
    return f"{100 * sum(hits) / len(hits):.1f} %"


if __name__ == "__main__":
    sys.exit(main())
