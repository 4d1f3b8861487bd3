"""The garbage collector is paused for a piece of work and runs again behind it."""

import gc

import pytest

from atom_llm.domain.core.collecting import without_collecting


def test_it_is_paused_within_and_runs_again_behind_also_after_an_error() -> None:
    within: list[bool] = []

    @without_collecting()
    def break_off() -> None:
        within.append(gc.isenabled())
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        break_off()
    assert (within, gc.isenabled()) == ([False], True)


def test_the_inner_one_of_two_leaves_it_paused() -> None:
    with without_collecting():
        with without_collecting():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_who_has_paused_it_finds_it_paused() -> None:
    gc.disable()
    try:
        with without_collecting():
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()
