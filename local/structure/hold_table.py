"""Writes the table of what a hold covers into docs/security.md."""

import re
from pathlib import Path
from typing import Final

from atom_llm.domain.routing.billed_options import BILLED_OPTIONS

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "security.md"
_TABLE: Final = re.compile(r"^\| provider \| option \|.*?(?=\n\n)", re.DOTALL | re.MULTILINE)


def as_markdown() -> str:
    """Return the table in Markdown."""
    rows = [
        f"| {each.provider} | {each.option} | {each.bills} | {each.bound} | `{each.test}` |" for each in BILLED_OPTIONS
    ]
    return "\n".join(["| provider | option | bills | bounded by | proven in |", "|---|---|---|---|---|", *rows])


if __name__ == "__main__":
    PAGE.write_text(_TABLE.sub(lambda _: as_markdown(), PAGE.read_text(), count=1))
