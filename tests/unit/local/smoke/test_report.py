"""`make smoke`'s report: what steps saw and took, and that everything is undone whatever happened."""

from itertools import count

import pytest
from httpx import ConnectError

from local.smoke.report import NotSeen, Report


def report() -> Report:
    """A report whose clock moves on by a second each time that it is looked at."""
    return Report(now=iter(count()).__next__)


def test_a_step_says_what_it_saw_and_took() -> None:
    told = report()
    with told.step("Calling") as step:
        step.saw("answered 200")
        step.must(True, "it cost $0.1")
    assert told.table() == "  ok          1.0 s  Calling  answered 200; it cost $0.1"


def test_a_step_that_does_not_show_what_it_must_has_failed_and_says_so() -> None:
    told = report()

    def call() -> None:
        with told.step("Calling") as step:
            step.saw("answered 200")
            step.must(False, "it cost $0.1")

    with pytest.raises(NotSeen, match="Not so: it cost"):
        call()
    assert told.table() == "  FAILED      1.0 s  Calling  answered 200"


def test_what_was_made_is_undone_the_latest_first() -> None:
    told, undone = report(), list[str]()
    told.afterwards("Erasing the tenant", lambda: undone.append("tenant"))
    told.afterwards("Deleting the key", lambda: undone.append("key"))
    assert (told.clean_up(), undone) == ([], ["key", "tenant"])


def test_what_cannot_be_undone_keeps_nothing_else_from_being_and_is_named() -> None:
    told, undone = report(), list[str]()

    def fail() -> None:
        raise ConnectError("nobody is there")

    told.afterwards("Erasing the tenant", lambda: undone.append("tenant"))
    told.afterwards("Deleting the queue", fail)
    assert told.clean_up() == ["Deleting the queue: nobody is there"]
    assert undone == ["tenant"]


def test_nothing_is_undone_twice() -> None:
    told, undone = report(), list[str]()
    told.afterwards("Erasing the tenant", lambda: undone.append("tenant"))
    told.clean_up()
    told.clean_up()
    assert undone == ["tenant"]
