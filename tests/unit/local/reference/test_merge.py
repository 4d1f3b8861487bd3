"""One document out of several says all that they say, and nothing twice."""

from typing import Any

import pytest

from local.reference.merge import Clash, merged

ABOUT = {"title": "All", "version": "1"}


def document(title: str, path: str, operation: str, **schemas: Any) -> dict[str, Any]:
    verbs = {"get": {"operationId": operation, "tags": [title], "responses": {}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": title},
        "paths": {path: verbs},
        "components": {"schemas": schemas},
    }


def test_paths_and_components_of_all_stand_side_by_side() -> None:
    text = {"type": "string"}
    one, two = document("One", "/one", "one", A=text), document("Two", "/two", "two", A=text)
    assert merged({"one": one, "two": two}, about=ABOUT, servers=[])["components"]["schemas"] == {"A": text}


@pytest.mark.parametrize(
    ("second", "named"),
    [
        (document("Two", "/two", "two", A={"type": "integer"}), "components/schemas/A"),
        (document("Two", "/one", "two"), "path /one"),
        (document("Two", "/two", "one"), "operation one"),
    ],
    ids=["component", "path", "operation"],
)
def test_two_things_of_one_name_are_a_clash_that_names_it(second: dict[str, Any], named: str) -> None:
    with pytest.raises(Clash, match=named):
        merged({"one": document("One", "/one", "one", A={"type": "string"}), "two": second}, about=ABOUT, servers=[])
