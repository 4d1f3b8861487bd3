"""What is said of a wrong field: the words are of JSON, for a caller need not know Python."""

from decimal import Decimal
from typing import Annotated, Any

import pytest
from pydantic import AfterValidator, BaseModel, Field, ValidationError

from atom_llm.http.problems import problem_of_fields


def refuse(value: str) -> str:
    raise ValueError("is never right")


class Inner(BaseModel):
    name: str = ""


class Body(BaseModel):
    inner: Inner = Inner()
    named: dict[str, str] = Field(default_factory=dict, max_length=2)
    several: list[str] = []
    fixed: Annotated[tuple[str, ...], Field(min_length=1, max_length=1000)] = ("x",)
    scopes: Annotated[frozenset[str], Field(min_length=1, max_length=2)] = frozenset({"x"})
    seen: set[str] = set()
    nothing: None = None
    amount: Decimal = Decimal(0)
    own: Annotated[str, AfterValidator(refuse)] = ""


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("inner", 1, "must be an object"),
        ("named", [], "must be an object"),
        ("several", "x", "must be a list"),
        ("fixed", {"a": 1}, "must be a list"),
        ("scopes", "chat", "must be a list"),
        ("seen", 1, "must be a list"),
        ("nothing", 1, "must be null"),
        ("amount", "x", "must be a number"),
        ("amount", [], "must be a number"),
        ("fixed", [], "must have at least 1 entry"),
        ("fixed", ["x"] * 1001, "must have at most 1,000 entries"),
        ("scopes", [], "must have at least 1 entry"),
        ("scopes", ["a", "b", "c"], "must have at most 2 entries"),
        ("named", {"a": "", "b": "", "c": ""}, "must have at most 2 entries"),
        ("own", "x", "is never right"),
        ("several", [1], "Input should be a valid string"),
    ],
)
def test_a_wrong_field_is_told_in_the_words_of_json(name: str, value: Any, said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Body.model_validate({name: value})
    problem = problem_of_fields([{**each, "loc": ("body", *each["loc"])} for each in refused.value.errors()])
    assert problem.details is not None
    assert [each["message"] for each in problem.details["fields"]] == [said]
    assert problem.message == f"{problem.param}: {said}"
