"""`python -m benchmarks.differential`: our costs against LiteLLM's arithmetic, over the newest file."""

import sys
from collections.abc import Mapping
from typing import Any, Final

from benchmarks import real_files
from benchmarks.engines import LITELLM, install
from benchmarks.probing import ProbeFailed, probe
from benchmarks.real_files import NEWEST

# Differences that were looked into: LiteLLM takes the base rate of a 1 h cache write above a length threshold as
# soon as a service tier is named, whether or not the tier has a price of its own; the price file says otherwise.
EXPLAINED: Final = frozenset({"cache_write_1h_tokens under a service tier"})


def compared() -> Mapping[str, Any]:
    """Return the comparison's report."""
    install(LITELLM)
    report: Mapping[str, Any] = probe(
        "differential", python=LITELLM.python, environ=LITELLM.environment, file=str(NEWEST)
    )
    return report


def main() -> int:
    """Print the comparison; the exit code is 1 when something differs that is not explained."""
    if absent := real_files.missing():
        print(f"These real files are needed in ../shared/data: {', '.join(absent)}", file=sys.stderr)
        return 2
    try:
        report = compared()
    except ProbeFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    for each in report["differing"]:
        counts = ", ".join(f"{name} {count}" for name, count in each.items() if name.endswith("_tokens") and count)
        print(f"{each['model']} (tier {each['tier']}): ours {each['ours']}, theirs {each['theirs']}; {counts}")
    for about, number in report["about"].items():
        print(f"{number} differ about {about}{' (explained)' if about in EXPLAINED else ''}")
    for kind, number in report["failures"].items():
        print(f"{number} usages were refused by {LITELLM.title} itself: {kind}")
    print(
        f"{report['compared']} usages compared, {len(report['differing'])} differ, {report['unpriced']} unpriced here"
    )
    return int(bool(report["about"].keys() - EXPLAINED))


if __name__ == "__main__":
    sys.exit(main())
