"""Items in DynamoDB's JSON: as boto3 writes and reads them, numbers to the last digit."""

import json
from base64 import b64decode
from decimal import Decimal, localcontext
from typing import Any

import pytest
from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from atom_llm.adapters.dynamodb.attributes import attribute, read, value_of, written

NUMBERS = st.decimals(Decimal("-1e29"), Decimal("1e29"), allow_nan=False, allow_infinity=False, places=8)
PLAIN = st.one_of(st.text(), st.none(), st.booleans(), st.integers(-(10**37), 10**37), NUMBERS, st.binary())
SETS = st.one_of(
    st.frozensets(st.text(), min_size=1), st.frozensets(NUMBERS, min_size=1), st.frozensets(st.binary(), min_size=1)
)
VALUES = st.recursive(PLAIN | SETS, lambda part: st.lists(part) | st.dictionaries(st.text(), part), max_leaves=12)


def over_the_wire(value: object) -> Any:
    return json.loads(json.dumps(attribute(value)))


def raw(typed: Any) -> Any:
    """What boto3 hands on for the same attribute: bytes, which botocore packs later."""
    ((kind, content),) = typed.items()
    match kind:
        case "B":
            return {"B": b64decode(content)}
        case "BS":
            return {"BS": [b64decode(each) for each in content]}
        case "M":
            return {"M": {name: raw(each) for name, each in content.items()}}
        case "L":
            return {"L": [raw(each) for each in content]}
        case _:
            return typed


def plain(value: Any) -> Any:
    """A value as boto3 read it, without its own class for bytes."""
    if isinstance(value, Binary):
        return vars(value)["value"]
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    return {plain(each) for each in value} if isinstance(value, set) else value


@given(VALUES)
def test_a_value_is_written_and_read_as_boto3_does(value: object) -> None:
    wire = over_the_wire(value)
    assert plain(TypeDeserializer().deserialize(raw(wire))) == value_of(wire)
    if not isinstance(value, frozenset):  # the order of a set is nobody's
        assert raw(wire) == _of_boto3(value)


def _of_boto3(value: object) -> Any:
    return raw(json.loads(json.dumps(TypeSerializer().serialize(value), default=_packed)))


def _packed(content: bytes) -> str:
    text: str = attribute(content)["B"]
    return text


@given(VALUES)
def test_what_is_written_comes_back(value: object) -> None:
    assert read(json.loads(json.dumps(written({"it": value})))) == {"it": value}


@pytest.mark.parametrize("text", ["0.1234567890123456789012345678901234567", "1E+2", "-0", "9.9E+125", "1E-130"])
def test_a_number_keeps_all_its_digits_whatever_precision_a_caller_counts_in(text: str) -> None:
    with localcontext(prec=3):
        assert value_of(over_the_wire(Decimal(text))) == Decimal(text)


@pytest.mark.parametrize("value", [Decimal("0." + "1" * 39), 10**38 + 1, Decimal("1E+127")])
def test_a_number_that_does_not_fit_raises_and_is_not_rounded(value: object) -> None:
    with pytest.raises(ArithmeticError):
        attribute(value)


@pytest.mark.parametrize("value", [0.1, Decimal("NaN"), Decimal("Infinity"), object(), set(), {1, "a"}, {None}])
def test_what_dynamodb_has_no_form_for_raises(value: object) -> None:
    with pytest.raises(TypeError):
        attribute(value)


def test_a_type_that_there_is_not_raises() -> None:
    with pytest.raises(TypeError, match="no type X"):
        value_of({"X": "a"})
