"""The estimate of tokens by script: sane at its edges, and never a surprise."""

import time
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atom_llm.domain.pricing.token_estimate import (
    LATIN_LETTERS_PER_TOKEN,
    LONG,
    TOKENS_OF_REPLY,
    TOKENS_PER_IMAGE,
    TOKENS_PER_MESSAGE,
    WHOLE_WORD_LETTERS,
    estimated_prompt_tokens,
    estimated_tokens,
    tokens_of_texts,
)
from testing.labelled import labelled

HERE: Final = Path(__file__).parents[3]


def prompts() -> list[str]:
    return [text for each in labelled() for one in each.messages if isinstance(text := one.get("content"), str)]


def program() -> list[str]:
    return [each.read_text() for each in sorted((HERE / "shared").rglob("*.py"))]


def pages() -> list[str]:
    return [each.read_text() for each in sorted((HERE / "docs").glob("*.md"))]


def paragraphs() -> list[str]:
    return [each for page in pages() for each in page.split("\n\n")]


REAL: Final = {"prompts": prompts, "program": program, "pages": pages, "paragraphs": paragraphs}


def conversation(texts: Sequence[str], size: int, seed: int) -> list[str]:
    """Texts in an order that the seed says, until they are so many characters."""
    shuffled = Random(seed).sample(texts, len(texts))
    taken, length = [], 0
    for text in cycle(shuffled):
        taken.append(text)
        length += len(text)
        if length >= size:
            return taken
    raise AssertionError("no texts")


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


def test_a_conversation_is_counted_text_by_text_up_to_a_bound() -> None:
    texts = conversation(paragraphs(), LONG // 2, seed=1)
    assert tokens_of_texts(texts) == sum(map(estimated_tokens, texts))
    assert tokens_of_texts([]) == tokens_of_texts([""]) == 0


@pytest.mark.parametrize("kind", REAL)
@pytest.mark.parametrize("size", [30_000, 500_000])
def test_a_long_conversation_is_judged_within_a_seventh_of_what_it_comes_to_whole(kind: str, size: int) -> None:
    texts = REAL[kind]()
    for seed in range(3):
        said = conversation(texts, size, seed)
        assert tokens_of_texts(said) == pytest.approx(sum(map(estimated_tokens, said)), rel=1 / 7)


def test_an_estimate_depends_on_nothing_but_the_texts() -> None:
    said = conversation(pages(), 200_000, seed=2)
    first = tokens_of_texts(said)
    tokens_of_texts(conversation(program(), 400_000, seed=3))
    assert tokens_of_texts(list(said)) == first


def test_a_text_in_pieces_is_about_the_text_in_one() -> None:
    whole = "".join(pages())
    pieces = [whole[at : at + 1_000] for at in range(0, len(whole), 1_000)]
    assert tokens_of_texts(pieces) == pytest.approx(tokens_of_texts([whole]), rel=0.03)


def test_a_conversation_of_four_million_characters_takes_no_longer_than_one_of_forty_thousand() -> None:
    def cheapest(size: int, kind: int) -> float:
        taken = []
        for seed in range(5):
            said = [f"{kind} {seed} {at} {text}" for at, text in enumerate(conversation(paragraphs(), size, seed))]
            started = time.thread_time()
            tokens_of_texts(said)
            taken.append(time.thread_time() - started)
        return min(taken)

    assert cheapest(4_000_000, 1) < 8 * cheapest(40_000, 2)  # read whole it would be a hundred times as long


@given(st.lists(st.text(max_size=300), max_size=40), st.integers(0, 3_000))
def test_any_texts_have_an_estimate_and_what_is_in_them_counts(texts: list[str], filler: int) -> None:
    said = [*texts, "word " * filler * 5, *texts]
    assert 0 <= tokens_of_texts(said) <= 2 * sum(map(len, said))
