"""The ledger's own function: woken by new rows to bring them into the sums, each minute to sweep and write exports.

Every quarter of an hour it goes on with the day's check and the telling of changed prices, where there is any left.
"""

from collections.abc import Callable
from datetime import timedelta
from time import sleep
from typing import Any, Final

from atom_llm.composition import Container, container
from atom_llm.domain.core.money import plain
from atom_llm.observability import emit, logger
from atom_llm.services.ledger.roll_up import RolledUp
from functions.byok.usage.present_exports import ExportAsCsv

DIMENSIONS = {"group": "byok"}  # the alarms in infra/constructs/watch.py look for exactly these

WORK_FOR: Final = timedelta(minutes=4)  # of the function's five: one tenant may take its time
LATE_SPENDING_FOR: Final = timedelta(minutes=1)  # a sweep, however many budgets are young
SECOND_LOOK_S: Final = 30.0  # a rule comes once a minute, and a dead process's holds are to be back within one


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle one event of Lambda's: the table's stream, or a schedule's."""
    return run(event, container())


def run(event: dict[str, Any], container: Container, pause: Callable[[float], None] = sleep) -> dict[str, Any]:
    """Do what the event asks for and return the counts; a failure is raised, so that Lambda tries again.

    `pause` waits for a number of seconds.
    """
    if "Records" in event:
        return _told(container.ledger.roll_up.run_woken(event["Records"]))
    match event.get("trigger"):
        case "sweep":
            return _sweep(container, pause)
        case "check":
            return _check(container)
        case "prices":
            return _tell_of_prices(container)
        case _:
            raise ValueError("trigger must be sweep, check or prices")


def _sweep(container: Container, pause: Callable[[float], None]) -> dict[str, Any]:
    """Work through all that is open; where calls are under way, look once more before the next minute's sweep.

    What young budgets have missed is counted then, for its calls are in the sums by now. With what is left of its time
    it writes the files that tenants have asked for.
    """
    until = container.clock() + WORK_FOR
    done = container.ledger.roll_up.run()
    if done.still_open:
        pause(SECOND_LOOK_S)
        done = done.then(container.ledger.roll_up.run())
    _report(container, done)
    recounted = container.ledger.late_spending.count(container.clock() + LATE_SPENDING_FOR)
    written = container.ledger.export_writer.run(until, ExportAsCsv())
    exports = {"finished": written.finished, "failed": written.failed, "lines": written.lines}
    return {**_told(done), "recounted": recounted, "exports": exports}


def _told(done: RolledUp) -> dict[str, Any]:
    return {
        "posted": done.posted,
        "swept": done.swept,
        "never_called": done.never_called,
        "finished": done.finished,
        "still_open": done.still_open,
        "alerts": done.alerts,
    }


def _report(container: Container, done: RolledUp) -> None:
    """Count what there was; where nothing was open nothing is counted, for a series is charged for by the hour."""
    if done.swept or done.still_open:
        age = container.clock() - done.oldest if done.oldest is not None else timedelta(0)
        emit(
            {
                "SweptCalls": ("Count", done.swept),
                "OpenAttempts": ("Count", done.still_open),
                "OpenAttemptAgeSeconds": ("Seconds", age.total_seconds()),
            },
            DIMENSIONS,
        )
    if done.swept or done.never_called or done.finished:
        logger().warning("swept", swept=done.swept, never_called=done.never_called, finished=done.finished)


def _check(container: Container) -> dict[str, Any]:
    """Check yesterday for every tenant, and the windows as they stand, for as long as the function may."""
    done = container.ledger.daily_check.run(container.clock() + WORK_FOR)
    return {
        "days": done.days,
        "tenants": done.found.tenants,
        "rows": done.found.rows,
        "windows": done.found.windows,
        "orphans": done.found.orphans,
        "drift": {name: plain(amount) for name, amount in done.found.drift.items()},
        "is_finished": done.is_finished,
    }


def _tell_of_prices(container: Container) -> dict[str, Any]:
    """Tell tenants of changed prices, for as long as the function may; the next run goes on."""
    done = container.ledger.price_alerter.run(container.clock() + WORK_FOR)
    if done.sent:
        emit({"PriceAlertsSent": ("Count", done.sent)}, DIMENSIONS)
    return {
        "activations": done.activations,
        "tenants": done.tenants,
        "sent": done.sent,
        "is_finished": done.is_finished,
    }
