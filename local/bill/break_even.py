"""From how many calls a month on instances that stand cost less than Lambda's own memory by the second."""

from decimal import ROUND_CEILING, Decimal
from typing import Final

from local.bill.idle import core_second_price
from local.bill.list_prices import ListPrices
from local.bill.synthesised import HOURS_A_MONTH
from local.bill.usage import CORE_MB, UTILISED, UsageOfACall

NAT_GATEWAYS: Final = 1


def standing_usd(environments: int, prices: ListPrices) -> Decimal:
    """Return what instances cost a month that nobody calls: a core for each environment, and the way out."""
    cores = core_second_price(prices) * environments * HOURS_A_MONTH * 3600
    return cores + prices.of("nat_gateway_hour", HOURS_A_MONTH * NAT_GATEWAYS)


def break_even(used: UsageOfACall, memory_mb: int, places: int, environments: int, prices: ListPrices) -> int | None:
    """Return the calls a month, coming evenly, from which on instances with so many places each are the cheaper.

    None where they never are.

    `memory_mb` is what a call has to itself otherwise. `environments` are those that stand at least: they take the
    first calls, and from then on each call costs its part of another.
    """
    seconds = used.waits + used.cpu_seconds * CORE_MB / Decimal(memory_mb)
    by_memory = prices.of("lambda_arm64_gb_second", Decimal(memory_mb) / 1024 * seconds)
    core_seconds = max((used.waits + used.cpu_seconds) / places, used.cpu_seconds) / UTILISED
    on_instances = core_second_price(prices) * core_seconds
    taken = environments * HOURS_A_MONTH * 3600 / core_seconds  # by those that stand
    standing = standing_usd(environments, prices)
    if by_memory * taken >= standing:
        return int((standing / by_memory).to_integral_value(ROUND_CEILING))
    if by_memory <= on_instances:
        return None
    return int((taken + (standing - by_memory * taken) / (by_memory - on_instances)).to_integral_value(ROUND_CEILING))
