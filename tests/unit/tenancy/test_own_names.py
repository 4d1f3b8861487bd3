"""Own names: which models stand for what a service key's callers insist on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.tenancy.own_names import MAX_OWN_NAME, MAX_OWN_NAMES, NO_OWN_NAMES, own_names

AGENTS = own_names({"claude-sonnet-4-5": "auto", "gpt-5": "openai/gpt-4o-mini, claude-haiku-4-5", "*": "tier/heavy"})


def test_a_name_is_called_as_what_stands_for_it_and_any_other_one_as_what_the_star_stands_for() -> None:
    assert AGENTS.standing_for(["claude-sonnet-4-5"], is_chat=True) == ("auto",)
    assert AGENTS.standing_for(["whatever"], is_chat=True) == ("tier/heavy",)
    assert AGENTS.standing_for(["gpt-5", "claude-haiku-4-5"], is_chat=True) == (
        "openai/gpt-4o-mini",
        "claude-haiku-4-5",
        "tier/heavy",
    )


def test_the_star_is_of_chats_alone() -> None:
    assert AGENTS.standing_for(["text-embedding-3-small"], is_chat=False) == ("text-embedding-3-small",)
    assert AGENTS.standing_for(["gpt-5"], is_chat=False) == ("openai/gpt-4o-mini", "claude-haiku-4-5")


def test_without_own_names_a_caller_s_names_are_called() -> None:
    assert NO_OWN_NAMES.standing_for(["a", "b"], is_chat=True) == ("a", "b")
    assert NO_OWN_NAMES.used(["a"], is_chat=True) == []


def test_names_that_stand_for_each_other_make_no_loop() -> None:
    crossed = own_names({"a": "b", "b": "a", "c": "c"})
    assert crossed.standing_for(["a", "b", "c"], is_chat=True) == ("b", "a", "c")
    assert [*crossed.used(["a"], is_chat=True)] == [("a", "b")]


NAMES = st.sampled_from(["a", "b", "c", "*", "auto"])


@given(st.dictionaries(NAMES, NAMES.filter(lambda name: name != "*")), st.lists(NAMES.filter(lambda n: n != "*")))
def test_whatever_is_named_is_looked_up_once(names: dict[str, str], asked: list[str]) -> None:
    kept = own_names(names)
    expected = [names.get(name, names.get("*", name)) for name in asked]
    assert kept.standing_for(asked, is_chat=True) == tuple(dict.fromkeys(expected))


@pytest.mark.parametrize(
    "wrong",
    [
        {"": "auto"},
        {"a,b": "auto"},
        {"claude-*": "auto"},
        {"a\nb": "auto"},
        {"a" * (MAX_OWN_NAME + 1): "auto"},
        {"a": " "},
        {"a": "au\nto"},
        {"a": "auto", " a": "auto"},
    ],
)
def test_a_malformed_name_is_refused_by_its_place(wrong: dict[str, str]) -> None:
    with pytest.raises(InvalidRequest) as refused:
        own_names(wrong)
    assert str(refused.value.details["field"]).startswith("own_names.")


def test_names_are_bounded_in_number() -> None:
    assert len(own_names({str(number): "auto" for number in range(MAX_OWN_NAMES)}).targets) == MAX_OWN_NAMES
    with pytest.raises(InvalidRequest):
        own_names({str(number): "auto" for number in range(MAX_OWN_NAMES + 1)})
