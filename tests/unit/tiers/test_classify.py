"""Classification: what the rules are for, one claim each; how often they are right is in test_labelled_prompts."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atom_llm.domain.tiers.classify import Classification, classify, classify_prompt
from atom_llm.domain.tiers.signs import folded
from atom_llm.domain.tiers.tier import TIERS, Tier, tier_of
from testing.labelled import long_text


def names(found: Classification) -> set[str]:
    return {signal.name for signal in found.signals}


def asked(*turns: str, system: str | None = None) -> list[dict[str, Any]]:
    """A conversation: the user's turns and the assistant's in between."""
    messages: list[dict[str, Any]] = [{"role": "system", "content": system}] if system else []
    return messages + [{"role": ("user", "assistant")[at % 2], "content": turn} for at, turn in enumerate(turns)]


def test_a_text_is_compared_without_accents_and_with_letters_of_the_english_alphabet_where_there_are_such() -> None:
    assert folded("Straße, Łódź, Ærøskøbing, DIŞARI, đồng, cœur") == "strasse, lodz, aeroskobing, disari, dong, coeur"
    assert folded("Ёлка Й") == "елка и"


@pytest.mark.parametrize(
    "prompt",
    [
        "Give me a list of ten fruits",
        "Let me know when you return from the class",
        "Print a list of the global holidays",
        "Which countries import the most coffee on the global market?",
        "I want to import a car and let my flat",
        "What is the function of the liver?",
        "How often should I feed a ball python?",
        "My bicycle chain has rust, and the java I drank was cold",
    ],
)
def test_everyday_words_are_no_code(prompt: str) -> None:
    found = classify_prompt(prompt)
    assert names(found).isdisjoint({"code", "code fence", "technical", "advanced"})
    assert found.tier <= Tier.STANDARD


def test_a_function_that_sorts_a_list_is_code_and_not_simple() -> None:
    found = classify_prompt("Write a Python function to sort a list")
    assert {"code"} <= names(found)
    assert "simple" not in names(found)
    assert found.tier is Tier.VERSATILE


@pytest.mark.parametrize(
    ("instruction", "corpus"),
    [
        ("Translate the following text into French.", "story"),
        ("Summarise this in one page:", "report"),
        ("Übersetze den folgenden Text ins Englische:", "bericht"),
        ("Résume le texte suivant :", "rapport"),
        ("Resume el siguiente texto:", "informe"),
        ("把下面的文章翻译成英文。", "文章"),
        ("次の文章を要約してください。", "記事"),
        ("다음 글을 요약해 줘.", "기사"),
        ("لخص النص التالي:", "مقال"),
        ("Кратко перескажи этот текст:", "отчёт"),
        ("Aşağıdaki metni özetle:", "makale"),
        ("इस लेख का सारांश लिखिए:", "लेख"),
    ],
)
@pytest.mark.parametrize("tokens", [1_500, 7_000, 40_000])
def test_a_long_but_simple_text_is_not_complex_because_it_is_long(instruction: str, corpus: str, tokens: int) -> None:
    found = classify_prompt(f"{instruction}\n\n{long_text(corpus, tokens)}")
    assert Tier.STANDARD <= found.tier <= Tier.VERSATILE


def test_a_long_text_that_has_to_be_thought_about_is_as_hard_as_it_is_long() -> None:
    found = classify_prompt(f"Analyse the contradictions in this report critically.\n\n{long_text('report', 7_000)}")
    assert found.tier is Tier.COMPLEX


def test_a_simple_question_may_stand_behind_a_long_document() -> None:
    found = classify_prompt(f"{long_text('lease', 2_400)}\n\nHow much is the monthly rent?")
    assert found.tier is Tier.STANDARD


@pytest.mark.parametrize(
    "prompt",
    [
        "Debug this distributed system architecture",
        "debug this distributed system architecture.",
        "Débogue cette architecture de système distribué",
        "分析这个分布式系统架构的死锁并证明修复的正确性",
    ],
)
def test_a_short_prompt_may_be_as_hard_as_it_gets(prompt: str) -> None:
    assert classify_prompt(prompt).tier is Tier.COMPLEX


@pytest.mark.parametrize(
    ("corpus", "tokens"), [("文章", 900), ("記事", 900), ("기사", 900), ("مقال", 900), ("लेख", 900), ("отчёт", 900)]
)
def test_text_without_spaces_or_latin_letters_is_counted_whole(corpus: str, tokens: int) -> None:
    found = classify_prompt(long_text(corpus, tokens).replace("\n", ""))
    (length,) = (signal for signal in found.signals if signal.name == "length")
    assert (length.weight, found.tier >= Tier.VERSATILE) == (3, True)


def test_the_words_of_a_system_prompt_do_not_count() -> None:
    system = "You are an expert in distributed systems, formal proofs, Kubernetes and concurrency. " * 50
    assert classify(asked("Hi!", system=system)) == classify(asked("Hi!"))


def test_the_last_turn_counts_and_not_the_hard_ones_before_it() -> None:
    hard = "Prove the spectral theorem for compact self-adjoint operators on a Hilbert space."
    assert classify(asked(hard)).tier is Tier.COMPLEX
    assert classify(asked(hard, "Step 1 …", "Thanks, that helped a lot!")).tier is Tier.MICRO
    assert classify(asked(hard, "Step 1 …", "What is the capital of Peru?")).tier is Tier.MICRO


@pytest.mark.parametrize("turn", ["go on", "why?", "Are you sure about this?", "continue please", "继续", "Weiter"])
def test_a_turn_that_says_nothing_by_itself_is_as_hard_as_what_it_goes_back_to(turn: str) -> None:
    hard = "Prove the spectral theorem for compact self-adjoint operators on a Hilbert space."
    assert classify(asked(hard, "Step 1 …", turn)).tier is Tier.COMPLEX
    assert classify(asked("Tell me a story about a fox.", "Once …", turn)).tier <= Tier.STANDARD


def test_what_is_quoted_or_fenced_is_not_what_is_asked() -> None:
    quoted = classify_prompt('Translate "prove that the distributed consensus protocol is linearizable" into German')
    assert quoted.tier is Tier.MICRO
    fenced = classify_prompt(
        "What does this print?\n```python\n# prove the theorem of distributed consensus\nprint(1)\n```"
    )
    assert names(fenced).isdisjoint({"advanced", "technical"})


def test_code_counts_once_whether_in_a_fence_or_in_words() -> None:
    fenced = classify_prompt("Fix this Python function:\n```python\ndef f(x):\n    return x +\n```")
    assert sum(signal.weight for signal in fenced.signals if signal.name in ("code", "code fence")) in (3, 5)
    assert [signal.name for signal in fenced.signals].count("code fence") == 1


def test_of_two_advanced_words_the_second_is_technical_too() -> None:
    assert "technical" not in names(classify_prompt("Tell me of linearizability"))
    assert {"advanced", "technical"} <= names(classify_prompt("Tell me of linearizability under byzantine faults"))


def test_pasted_code_without_a_fence_is_code() -> None:
    assert "code" in names(classify_prompt("why does this fail\n\ndef f(x):\n    return x == self.y\n"))


def test_a_loop_of_tools_is_agentic_work_and_its_results_count() -> None:
    call = {"id": "1", "type": "function", "function": {"name": "search", "arguments": '{"q": "oslo"}'}}
    messages: list[dict[str, Any]] = [
        {"role": "user", "content": "What's the weather in Oslo?"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "1", "content": "light rain"},
    ]
    found = classify(messages)
    assert ("agentic" in names(found), found.tier) == (True, Tier.STANDARD)
    messages[-1]["content"] = long_text("report", 3_000)
    assert classify(messages).tokens > 2_700


def test_a_picture_is_looked_at_rather_than_read() -> None:
    parts = [{"type": "text", "text": "What is this?"}, {"type": "image_url", "image_url": {"url": "https://a/b.png"}}]
    found = classify([{"role": "user", "content": parts}])
    assert ("picture" in names(found), found.tier) == (True, Tier.STANDARD)


def test_texts_in_parts_and_in_messages_in_a_row_are_one_turn() -> None:
    text = "Prove the Hahn-Banach theorem."
    parts = [{"type": "text", "text": "Hello."}, {"type": "text", "text": text}]
    assert classify([{"role": "user", "content": parts}]).tier is Tier.COMPLEX
    rows = [{"role": "user", "content": text}, {"role": "user", "content": "Thanks in advance!"}]
    assert classify(rows).tier is Tier.COMPLEX


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [{"role": "system", "content": "You are helpful."}],
        [{"role": "user"}],
        [{"role": "user", "content": None}],
        [{"role": "user", "content": [{"type": "text"}, "x", {"type": 3}]}],
        [{"role": "user", "content": "hi"}, {"role": "assistant", "tool_calls": [None, {}, {"function": {}}]}],
    ],
)
def test_messages_that_say_nothing_have_a_tier(messages: list[dict[str, Any]]) -> None:
    assert classify(messages).tier in TIERS


@given(st.text(max_size=3_000))
def test_any_text_has_a_tier_that_its_score_and_tokens_give_and_reasons_that_sum_up(text: str) -> None:
    found = classify_prompt(text)
    assert found.tier is tier_of(found.tokens, found.score)
    assert found.score == sum(signal.weight for signal in found.signals)
    assert 0 < found.confidence <= 1


def test_nothing_known_is_doubted_more_than_something_known() -> None:
    unknown = classify_prompt("Zzyx qlorp vantu mirelda osk, tranvik pelu domari essk halvo brint ukka teremo?")
    assert unknown.confidence < classify_prompt("Write a Python function to sort a list").confidence


def test_the_time_it_takes_does_not_grow_with_the_text_squared() -> None:
    for piece in ('"', "“a", "```", "(", "a.", "\n\n", "das ", "中", "x" * 40 + " ", "{=", "「", ": "):
        assert classify_prompt(piece * 50_000).tier in TIERS  # a quadratic one would take minutes
