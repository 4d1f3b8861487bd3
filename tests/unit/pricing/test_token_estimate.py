"""The estimate of tokens by script: sane at its edges, and never a surprise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atom_llm.domain.pricing.token_estimate import (
    LATIN_LETTERS_PER_TOKEN,
    TOKENS_OF_REPLY,
    TOKENS_PER_IMAGE,
    TOKENS_PER_MESSAGE,
    WHOLE_WORD_LETTERS,
    estimated_prompt_tokens,
    estimated_tokens,
)


def test_no_text_is_no_token() -> None:
    assert estimated_tokens("") == 0


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("hello", 1),
        ("hello world", 2),
        ("The quick brown fox jumps over the lazy dog.", 10),
        ("1234567", 3),
        ("a\n\nb", 3),
        ("中文", 3),
        ("こんにちは", 5),
        ("안녕", 3),
        ("🙂", 2),
        ("...", 2),
    ],
)
def test_a_text_is_about_as_many_tokens_as_a_vocabulary_makes_of_it(text: str, tokens: int) -> None:
    assert estimated_tokens(text) == tokens


def test_a_word_of_eight_letters_is_one_token_and_of_nine_is_more() -> None:
    assert estimated_tokens("a" * WHOLE_WORD_LETTERS) == 1
    assert estimated_tokens("a" * (WHOLE_WORD_LETTERS + 1)) == 2
    assert estimated_tokens("a" * 100) == 100 / LATIN_LETTERS_PER_TOKEN


@given(st.text(min_size=1).filter(str.strip))
def test_a_text_that_says_something_is_at_least_one_token_and_at_most_two_a_character(text: str) -> None:
    assert 1 <= estimated_tokens(text) <= 2 * len(text)


@given(st.text(max_size=50), st.text(max_size=50))
def test_more_text_on_a_new_line_is_never_fewer_tokens(one: str, other: str) -> None:
    assert estimated_tokens(f"{one}\n{other}") >= estimated_tokens(one.rstrip())


def test_the_time_it_takes_grows_with_the_text_and_not_with_its_square() -> None:
    for piece in ("\r", "\n", " ", "\f", "a", "!", " \n", "\r ", "é", "aé", "1", "\x00", "中"):
        assert estimated_tokens(piece * 100_000) > 0  # a quadratic one would take minutes


def test_each_message_has_its_framing_and_the_reply_is_primed_once() -> None:
    assert estimated_prompt_tokens(["hi", "hi"], messages=2) == 2 + 2 * TOKENS_PER_MESSAGE + TOKENS_OF_REPLY


def test_a_bare_prompt_has_no_framing() -> None:
    assert estimated_prompt_tokens(["hi"], messages=0) == 1
    assert estimated_prompt_tokens([], messages=0) == 0


def test_a_picture_is_a_fixed_number_of_tokens() -> None:
    assert estimated_prompt_tokens([], messages=0, images=2) == 2 * TOKENS_PER_IMAGE
