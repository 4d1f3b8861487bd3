"""Checks of a body before anything parses it."""

import json
from time import thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atom_llm.domain.core.errors import InvalidRequest, MalformedBody
from atom_llm.http.body import MAX_JSON_DEPTH, check_body

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=40,
)


def is_refused(body: bytes) -> bool:
    try:
        check_body(body)
    except InvalidRequest as error:
        return error.field == "body"
    return False


@given(json_values, st.booleans())
def test_sound_json_passes_escaped_or_not(value: object, ascii_only: bool) -> None:
    assert not is_refused(json.dumps(value, ensure_ascii=ascii_only).encode())


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}"), (b'[{"]":', b"}]")])
def test_nesting_passes_up_to_the_limit(opening: bytes, closing: bytes) -> None:
    deepest = MAX_JSON_DEPTH // len([each for each in opening if each in b"[{"] or [1])
    assert not is_refused(opening * deepest + b"1" + closing * deepest)
    assert is_refused(opening * (deepest + 1) + b"1" + closing * (deepest + 1))


@pytest.mark.parametrize("text", ["[" * 500, '\\"' + "[" * 500, "\\\\", "{" * 500 + "\\n"])
def test_brackets_in_a_string_are_text(text: str) -> None:
    assert not is_refused(f'{{"prompt": "{text}"}}'.encode())


def test_a_string_cannot_hide_what_follows_it() -> None:
    assert is_refused(b'{"a": "\\\\", "b": ' + b"[" * 100)


def test_many_small_brackets_are_not_deep() -> None:
    assert not is_refused(b"[" + b"[]," * 10_000 + b"[]]")


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 65 + b'"' + b'\\"' * 500_000,  # took minutes once: every quote began a search to the end
        b"[" * 65 + b'"' * 999_999,
        b"[" * 65 + b"\\" * 999_999,
        b"[]" * 500_000,
        b'"' + b"\\ud800\\udc00" * 80_000 + b"\\ud800",
        b"9" * 1_000_000,
        b"[" + b"1e999," * 160_000 + b"1]",
        b'{"NaN": [' + b"1.5," * 250_000 + b"1]}",
    ],
    ids=["escaped quotes", "quotes", "backslashes", "brackets", "surrogates", "digits", "exponents", "numbers"],
)
def test_a_hostile_megabyte_costs_no_more_than_another(body: bytes) -> None:
    started = thread_time()
    is_refused(body)
    assert thread_time() - started < 5.0  # of the processor; it takes 0.05, what is quadratic takes 500


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_json_in_another_encoding_is_refused(encoding: str) -> None:
    assert is_refused('{"a": 1}'.encode(encoding))


@pytest.mark.parametrize("text", ["\\ud83d", "\\uDE00", "\\ud83d\\ud83d", "\\ud83dx", "\\\\\\ud83d", "\\ude00\\ud83d"])
def test_half_of_a_surrogate_pair_is_refused(text: str) -> None:
    assert is_refused(f'["{text}"]'.encode())


@pytest.mark.parametrize("text", ["\\ud83d\\ude00", "\\\\ud83d", "\\u00e9\\ud83d\\ude00", "d83d", "\\uD7FF\\uE000"])
def test_whole_pairs_and_escaped_backslashes_pass(text: str) -> None:
    assert not is_refused(f'["{text}"]'.encode())


@pytest.mark.parametrize(
    "number", ["NaN", "Infinity", "-Infinity", "1e309", "-2E+400", "1.5e999999", "9" * 310, "9" * 5_000]
)
@pytest.mark.parametrize(
    ("around", "field"),
    [
        ('{{"temperature": {}}}', "temperature"),
        (
            '{{"tools": [{{}}, {{"function": {{"parameters": {{"maximum": {}}}}}}}]}}',
            "tools.1.function.parameters.maximum",
        ),
        ("[1, {}]", "1"),
        ("{}", "body"),
    ],
    ids=["field", "tool schema", "list", "whole body"],
)
def test_a_number_that_no_double_holds_is_refused_by_its_fields_name(number: str, around: str, field: str) -> None:
    with pytest.raises(MalformedBody) as caught:
        check_body(around.format(number).encode())
    assert caught.value.field == field


@pytest.mark.parametrize(
    "value", [1.7976931348623157e308, 5e-324, 10**308, "NaN and Infinity", "1e999 of them", "9" * 400, {"NaN": 0.0}]
)
def test_every_double_passes_and_texts_may_speak_of_what_is_none(value: object) -> None:
    assert not is_refused(json.dumps({"a": value}).encode())


@pytest.mark.parametrize("raw", [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xed\xb0\x80", b"\xc0\xaf", b"\xf4\x90\x80\x80"])
def test_bytes_that_are_no_utf_8_are_malformed(raw: bytes) -> None:
    with pytest.raises(MalformedBody, match="body is not UTF-8"):
        check_body(b'{"a": "' + raw + b'"}')
