"""Quick JSON says and writes what the standard library does."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atom_llm.quick_json import parsed, spelt

CONTENT = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(CONTENT)
def test_what_is_written_is_read_again(content: object) -> None:
    assert parsed(spelt(content)) == content
    assert json.loads(spelt(content)) == content


@given(content=CONTENT, is_ascii=st.booleans())
def test_it_reads_what_the_standard_library_writes(content: object, *, is_ascii: bool) -> None:
    text = json.dumps(content, ensure_ascii=is_ascii)
    assert parsed(text) == parsed(text.encode()) == json.loads(text)


@given(st.integers(min_value=-(10**40), max_value=10**40))
def test_every_integer_is_exact(number: int) -> None:
    assert parsed(f'{{"tokens":{number}}}') == {"tokens": number}
    assert type(parsed(str(number))) is int


@given(st.decimals(allow_nan=False, allow_infinity=False, places=25, min_value=-1000, max_value=1000))
def test_every_fraction_is_the_nearest_double(number: object) -> None:
    assert parsed(str(number)) == float(str(number))


@pytest.mark.parametrize("text", ["NaN", "Infinity", '"\\ud800"', '{"a":"\\udc00\\ud800"}', "1e400", '{"a":1,"a":2}'])
def test_it_reads_what_python_reads_beyond_json(text: str) -> None:
    read, expected = parsed(text), json.loads(text)
    assert read == expected or math.isnan(read)


@pytest.mark.parametrize("text", ["", "{", "{'a':1}", "[1,]", "nul", b"\xff", '{"a":1}}'])
def test_what_is_no_json_is_a_value_error(text: str | bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whose words they are is no matter
        parsed(text)


def test_what_json_has_no_word_for_is_a_type_error() -> None:
    with pytest.raises(TypeError):
        spelt({"a": object()})
