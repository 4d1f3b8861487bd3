"""`make bill ENV=dev`: what the synthesised stacks cost at AWS's list prices: idle, for a million calls, a tenant."""

import sys
from collections.abc import Sequence
from pathlib import Path

from local.bill.calls import call_lines, tenant_lines, total
from local.bill.idle import WEB_ACL, BillLine, idle_lines
from local.bill.list_prices import list_prices
from local.bill.synthesised import templates_in
from local.bill.usage import STREAMED, WHOLE


def main(environment: str, folder: Path) -> int:
    """Print the bill of the templates in a folder; returns the exit code."""
    templates, prices = templates_in(folder), list_prices()
    print(
        f"{environment}, at list prices of {prices.region} as of {prices.as_of} (local/bill/list_prices.json), without"
    )
    print("free allowances. The first two yearly rotations of the key add $1.00 a month each.")
    idle = idle_lines(templates, prices)
    _print("Idle, a month", idle)
    protected = sum(line.usd for line in idle if line.what == WEB_ACL)
    if protected:
        print(f"  {'without the web ACL':<48}{'':>18}{total(idle) - protected:>10.2f}")
    _print("A million calls of 5 s, whole", call_lines(templates, WHOLE, prices))
    _print("A million streams of 30 s", call_lines(templates, STREAMED, prices))
    _print("A tenant, a month", tenant_lines(templates, prices), digits=4)
    return 0


def _print(title: str, lines: Sequence[BillLine], digits: int = 2) -> None:
    print(f"\n{title}, USD")
    for line in lines:
        print(f"  {line.what:<48}{line.quantity:>18}{line.usd:>10.{digits}f}")
    print(f"  {'together':<48}{'':>18}{total(lines):>10.{digits}f}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
