"""`make bill ENV=dev`: what the synthesised stacks cost at AWS's list prices: idle, for a million calls, a tenant."""

import sys
from collections.abc import Sequence
from pathlib import Path

from infra.environments import ManagedCapacity
from local.bill.break_even import break_even, standing_usd
from local.bill.calls import call_lines, is_on_instances, tenant_lines, total
from local.bill.idle import WEB_ACL, BillLine, idle_lines
from local.bill.list_prices import ListPrices, list_prices
from local.bill.synthesised import Template, function_with, templates_in
from local.bill.usage import STREAMED, VOLUME, WHOLE


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
    _print(f"A million of {VOLUME:,} calls of 5 s a month", call_lines(templates, WHOLE, prices, VOLUME))
    _print("A tenant, a month", tenant_lines(templates, prices), digits=4)
    _compare_with_instances(templates, prices)
    return 0


def _compare_with_instances(templates: Sequence[Template], prices: ListPrices) -> None:
    """Say from where on `managed_capacity` is the cheaper one of an environment's two ways to run `chat`."""
    chat = function_with(templates, "functions.chat")
    if is_on_instances(chat):
        return
    wanted = ManagedCapacity()
    calls = break_even(WHOLE, chat["MemorySize"], wanted.calls_an_environment, wanted.least_environments, prices)
    if calls is None:
        return
    print(
        f"\nOn instances (managed_capacity: {wanted.calls_an_environment} calls an environment, "
        f"{wanted.least_environments} of them always) ${standing_usd(wanted.least_environments, prices):,.2f} a month "
        f"stand;\nfrom {calls:,} calls of 5 s a month on, coming evenly, they cost less than memory by the second."
    )


def _print(title: str, lines: Sequence[BillLine], digits: int = 2) -> None:
    print(f"\n{title}, USD")
    for line in lines:
        print(f"  {line.what:<48}{line.quantity:>18}{line.usd:>10.{digits}f}")
    print(f"  {'together':<48}{'':>18}{total(lines):>10.{digits}f}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
