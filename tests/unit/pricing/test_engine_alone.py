"""What costs a call stands by itself: a snapshot is read and a usage costed with the standard library alone."""

import subprocess
import sys
from pathlib import Path

SHARED = Path(__file__).parents[3] / "shared"
WORK = """
import sys
sys.path.insert(0, sys.argv[1])
from atom_llm.domain.catalogue.catalogue import decode
from atom_llm.domain.pricing.cost import cost
from atom_llm.domain.pricing.units import Unit
from atom_llm.domain.pricing.usage import Usage

catalogue = decode(open(sys.argv[2], "rb").read())
rates = catalogue.rates(catalogue.get("openai/gpt-4o"))
print(cost(Usage({Unit.INPUT: 1_000}, 1_000), rates).total)
"""


def test_a_call_is_costed_from_a_snapshot_where_no_package_is_installed() -> None:
    """orjson and what it loads took 0.4 MB of the import, and no cost is read by it."""
    snapshot = SHARED / "atom_llm" / "seed" / "catalogue.zlib"
    command = [sys.executable, "-I", "-S", "-c", WORK, str(SHARED), str(snapshot)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("0.0025000\n", "")
