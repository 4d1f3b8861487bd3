"""JSON schemas in Gemini's words: references that it can follow, constants as choices, and nothing lost on the way."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atom_llm.adapters.providers.gemini.schema import MAX_DEPTH, MAX_INLINED, normalised
from atom_llm.domain.core.errors import InvalidRequest

TEXT = {"type": "string"}


def written(schema: dict[str, Any]) -> dict[str, Any]:
    return normalised(schema, "tools.0.function.parameters")


def test_a_plain_schema_stays_as_it_is() -> None:
    plain = {
        "type": "object",
        "title": "Person",
        "properties": {
            "name": {"type": "string", "minLength": 1, "pattern": "^a", "description": "…"},
            "age": {"type": ["integer", "null"], "minimum": 0},
            "tags": {"type": "array", "items": TEXT, "uniqueItems": True},
            "kind": {"enum": ["a", "b"]},
            "either": {"anyOf": [TEXT, {"type": "null"}], "default": None},
        },
        "required": ["name"],
        "additionalProperties": False,
        "propertyOrdering": ["name", "age"],
    }
    assert written(plain) == plain


def test_what_is_about_the_document_is_left_out() -> None:
    about = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "a", "$comment": "b", "$anchor": "c"}
    assert written(TEXT | about) == TEXT


def test_a_property_may_have_a_keywords_name() -> None:
    odd = {"type": "object", "properties": {"$ref": TEXT, "const": TEXT, "$defs": TEXT, "allOf": TEXT}}
    assert written(odd) == odd


def test_a_reference_is_replaced_with_what_stands_beside_it() -> None:
    schema = {
        "type": "object",
        "properties": {"home": {"$ref": "#/$defs/Address", "description": "Where"}},
        "$defs": {"Address": {"type": "object", "properties": {"city": TEXT}, "description": "An address"}},
    }
    home = {"type": "object", "properties": {"city": TEXT}, "description": "Where"}
    assert written(schema) == {"type": "object", "properties": {"home": home}}


@pytest.mark.parametrize(
    ("reference", "beside"),
    [
        ("#/definitions/A", {"definitions": {"A": TEXT}}),
        ("#/properties/b", {}),
        ("#/$defs/a~1b~0c", {"$defs": {"a/b~c": TEXT}}),
        ("#/$defs/a%20b", {"$defs": {"a b": TEXT}}),
        ("#/$defs/A/anyOf/0", {"$defs": {"A": {"anyOf": [TEXT]}}}),
    ],
)
def test_references_to_anywhere_in_the_document_are_followed(reference: str, beside: dict[str, Any]) -> None:
    schema = {"type": "object", "properties": {"a": {"$ref": reference}, "b": TEXT}} | beside
    assert written(schema)["properties"]["a"] == TEXT


@pytest.mark.parametrize("reference", ["#/$defs/Nowhere", "https://a.io/schema", "#/type", "#/properties/a/0"])
def test_a_reference_to_nothing_allows_everything(reference: str) -> None:
    schema = {"type": "object", "properties": {"a": {"$ref": reference, "description": "?"}}}
    assert written(schema)["properties"]["a"] == {"description": "?"}


def test_a_recursive_reference_stays_with_its_target() -> None:
    node = {"type": "object", "properties": {"children": {"type": "array", "items": {"$ref": "#/definitions/Node"}}}}
    schema = {"type": "object", "properties": {"root": {"$ref": "#/definitions/Node"}}, "definitions": {"Node": node}}
    kept = {
        "type": "object",
        "properties": {"children": {"type": "array", "items": {"$ref": "#/$defs/Node"}}},
    }
    assert written(schema) == {"type": "object", "properties": {"root": kept}, "$defs": {"Node": kept}}


def test_a_schema_that_is_itself_recursive_has_a_root() -> None:
    schema = {"type": "object", "properties": {"next": {"$ref": "#"}, "name": TEXT}}
    found = written(schema)
    assert found["properties"]["next"]["properties"]["next"] == {"$ref": "#/$defs/root"}
    assert found["$defs"]["root"]["properties"]["name"] == TEXT


def test_a_reference_at_the_top_is_followed_as_well() -> None:
    schema = {"$ref": "#/$defs/A", "$defs": {"A": {"type": "object", "properties": {"a": TEXT}}}}
    assert written(schema) == {"type": "object", "properties": {"a": TEXT}}


@pytest.mark.parametrize("loop", [{"$ref": "#"}, {"allOf": [{"$ref": "#"}]}, {"anyOf": [{"$ref": "#"}]}])
def test_a_reference_to_itself_ends(loop: dict[str, Any]) -> None:
    json.dumps(written(loop))


def test_references_that_double_each_other_do_not_grow_without_end() -> None:
    definitions = {f"a{n}": {"anyOf": [{"$ref": f"#/$defs/a{n + 1}"}] * 2} for n in range(60)}
    found = written({"$ref": "#/$defs/a0", "$defs": {**definitions, "a60": TEXT}})
    assert len(json.dumps(found)) < 40 * MAX_INLINED


@pytest.mark.parametrize(
    ("constant", "found"),
    [
        ("a", {"enum": ["a"]}),
        (3, {"enum": [3]}),
        (None, {"type": "null"}),
        (True, {"const": True}),
        ({"a": 1}, {"const": {"a": 1}}),
    ],
)
def test_a_constant_is_a_choice_of_one(constant: Any, found: Any) -> None:
    assert written({"anyOf": [{"const": constant}]}) == {"anyOf": [found]}


def test_all_of_several_are_one() -> None:
    schema = {
        "allOf": [
            {"$ref": "#/$defs/Named"},
            {"type": "object", "properties": {"age": {"type": "integer"}}, "required": ["age", "name"]},
        ],
        "description": "A person",
        "required": ["name"],
        "$defs": {"Named": {"type": "object", "properties": {"name": TEXT}, "description": "Named"}},
    }
    assert written(schema) == {
        "type": "object",
        "description": "A person",
        "properties": {"name": TEXT, "age": {"type": "integer"}},
        "required": ["name", "age"],
    }


def test_a_tuple_of_an_older_draft_is_one_of_the_newer() -> None:
    assert written({"type": "array", "items": [TEXT, {"const": 1}]}) == {
        "type": "array",
        "prefixItems": [TEXT, {"enum": [1]}],
    }


def nested(levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = TEXT
    for _ in range(levels):
        schema = {"type": "array", "items": schema}
    return schema


def test_a_schema_may_nest_to_a_depth() -> None:
    assert written(nested(MAX_DEPTH)) == nested(MAX_DEPTH)
    with pytest.raises(InvalidRequest) as error:
        written(nested(MAX_DEPTH + 1))
    assert error.value.field == "tools.0.function.parameters"


_names = st.sampled_from(["a", "b", "Node", "$ref"])
_references = st.sampled_from(["#", "#/$defs/a", "#/$defs/b", "#/definitions/Node", "#/properties/a", "#/x", "", "é"])
_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.builds(lambda ref: {"$ref": ref}, _references),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "type",
                    "properties",
                    "items",
                    "anyOf",
                    "allOf",
                    "$defs",
                    "definitions",
                    "const",
                    "required",
                    "not",
                    "$ref",
                ]
            )
            | _names,
            inner,
            max_size=4,
        )
    ),
    max_leaves=25,
)
_schemas = st.dictionaries(
    st.sampled_from(["properties", "$defs", "definitions", "anyOf", "allOf", "items", "$ref", "type"]),
    st.dictionaries(_names, _values, max_size=3) | _values | _references,
    max_size=5,
)


@given(_schemas)
def test_any_schema_becomes_one_whose_references_lead_somewhere(schema: dict[str, Any]) -> None:
    before = json.dumps(schema)
    found = written(schema)
    assert json.dumps(schema) == before
    for reference in _references_in(found):
        assert reference.removeprefix("#/$defs/") in found["$defs"]


def _references_in(node: Any, is_schema: bool = True) -> list[str]:
    if not isinstance(node, dict):
        return []
    if is_schema and isinstance(node.get("$ref"), str):
        return [node["$ref"]]
    found = []
    for name, value in node.items():
        if is_schema and name in ("properties", "$defs") and isinstance(value, dict):
            found += _references_in(value, is_schema=False)
        elif is_schema and name == "anyOf" and isinstance(value, list):
            found += [each for part in value for each in _references_in(part)]
        elif not is_schema or name in ("items", "not"):
            found += _references_in(value)
    return found
