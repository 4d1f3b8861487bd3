"""Schemas of tools as Anthropic takes them: no combination at their top."""

from typing import Any

import pytest

from atom_llm.adapters.providers.anthropic.schema import without_combinations

BY_ID: dict[str, Any] = {"properties": {"id": {"type": "string"}, "x": {"type": "integer"}}, "required": ["id", "x"]}
BY_NAME: dict[str, Any] = {
    "properties": {"name": {"type": "string"}, "x": {"type": "integer"}},
    "required": ["name", "x"],
}


@pytest.mark.parametrize(
    ("combination", "required"),
    [("oneOf", ["x"]), ("anyOf", ["x"]), ("allOf", ["id", "name", "x"])],
)
def test_the_alternatives_become_one_object_that_says_in_words_what_it_cannot(
    combination: str, required: list[str]
) -> None:
    flat = without_combinations({"type": "object", combination: [BY_ID, BY_NAME], "description": "A person."})
    assert combination not in flat
    assert flat["properties"].keys() == {"id", "name", "x"}
    assert flat["required"] == required
    assert flat["description"].startswith("A person.")
    assert combination in flat["description"]


def test_a_combination_deeper_down_stays() -> None:
    schema = {"type": "object", "properties": {"x": {"anyOf": [{"type": "string"}, {"type": "null"}]}}}
    assert without_combinations(schema) == schema
