"""Filters that name nothing: every query parameter of every document refuses what is none of its values, by name.

A parameter is told apart by its schema, or stands in a table here; one that does neither fails.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

import pytest

from tests.functions.byok.byok_world import OPERATOR, OURS, ByokWorld
from tests.functions.http.test_health import PREFIXES
from tests.functions.http.test_permissions import EVERYBODYS, ITS_OWN, Everything, of_ours, status_of_a_fault

pytestmark = pytest.mark.anyio

NOTHING: Final = "no-such-thing"
MAX_REFUSAL: Final = 2_000  # characters, however much there is
# Texts that name something, with a value that does.
NAMED: Final[Mapping[str, str]] = {
    "GET /api/byok/usage/calls model": "openai/gpt-4o",
    "GET /api/byok/usage/calls provider": "openai",
    "GET /api/byok/usage/calls key": "{its own}",
    "POST /api/ai/pricing/refresh accept": "*",
    "GET /api/ai/pricing/provider/{provider} mode": "chat",
    "GET /api/ai/pricing/consensus provider": "openai",
    "GET /api/ai/pricing/changes provider": "openai",
    "GET /api/ai/pricing/changes model": "openai/gpt-4o",
    "GET /api/llm-registry/provider-health providers": "openai,groq",
    "POST /api/llm-registry/sync-quality source": "auto",
    "GET /api/llm-registry/models/by-quality capabilities": "vision",
    "GET /api/llm-registry/models/by-quality provider": "openai",
    "GET /api/llm-registry/models/by-quality mode": "chat",
    "GET /api/llm-registry/models/search capabilities": "vision",
    "GET /api/llm-registry/models/search provider": "openai",
    "GET /api/llm-registry/models/search mode": "chat",
}
_OF_CALLERS: Final = "a caller's own word for somebody or something of its own, of whom no list is kept"
FREE: Final[Mapping[str, str]] = {
    "GET /api/byok/usage user": _OF_CALLERS,
    "GET /api/byok/usage session": _OF_CALLERS,
    "GET /api/byok/usage/calls user": _OF_CALLERS,
    "GET /api/byok/usage/calls session": _OF_CALLERS,
    "GET /api/byok/usage/calls tag": _OF_CALLERS,
    "GET /api/llm-registry/models/search query": "a search by words, whose answer may be that nothing is like them",
}
CURSORS: Final = ("cursor", "after", "after_id", "before_id", "month")  # of a form: what is none is refused by its name
TENANT: Final = "tenant"  # a name like another's is 404 for all, so that nobody learns which tenants there are
FORMATS: Final = {"integer", "number", "boolean"}


@dataclass(frozen=True)
class Parameter:
    """One query parameter of a route."""

    route: str
    name: str
    schema: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.route} {self.name}"

    @property
    def is_typed(self) -> bool:
        """Return whether the schema alone refuses a word that is none: by a type, a format or an enumeration."""
        return all("enum" in each or "format" in each or each["type"] in FORMATS for each in _alternatives(self.schema))


def _alternatives(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for each in schema.get("anyOf", [schema]):
        if each.get("type") == "array":
            yield from _alternatives(each["items"])
        elif each.get("type") != "null":
            yield each


def parameters() -> Iterator[Parameter]:
    """Every query parameter of every document, references resolved."""
    for group in PREFIXES:
        document = import_module(f"functions.{group}.main").app.openapi()
        named = document["components"]["schemas"]
        for path, verbs in document["paths"].items():
            for verb, operation in verbs.items():
                for parameter in operation.get("parameters", []):
                    if parameter["in"] == "query":
                        schema = _resolved(parameter["schema"], named)
                        yield Parameter(f"{verb.upper()} {path}", parameter["name"], schema)


def _resolved(schema: Any, named: Mapping[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_resolved(each, named) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return named[schema["$ref"].rpartition("/")[2]]
    return {word: _resolved(value, named) for word, value in schema.items()}


ALL: Final = list(parameters())


def is_text(parameter: Parameter) -> bool:
    return not parameter.is_typed and parameter.name not in (*CURSORS, TENANT)


async def ask(byok: ByokWorld, parameter: Parameter, value: str) -> tuple[int, str]:
    """Ask a route as the operator with one parameter; returns status and text."""
    everything, key = Everything(byok), byok.key(OPERATOR)
    route = parameter.route.replace("{provider}", "openai").replace("{model}", "openai/gpt-4o")
    filled = await of_ours(everything, route, byok.key(OURS))
    body = EVERYBODYS.get(parameter.route) or ITS_OWN.get(parameter.route)
    named = value.replace("{its own}", key.split("_")[2])
    answer = await everything.ask(filled, key=key, body=body, query={parameter.name: named})
    return answer.status_code, answer.text


def test_every_text_is_classified_and_nothing_else() -> None:
    assert sorted(str(each) for each in ALL if is_text(each)) == sorted([*NAMED, *FREE])
    assert not NAMED.keys() & FREE.keys()


@pytest.mark.parametrize("parameter", [each for each in ALL if each.is_typed or each.name in CURSORS], ids=str)
async def test_what_is_none_of_a_parameters_values_is_refused_by_its_name(
    byok: ByokWorld, parameter: Parameter
) -> None:
    status, text = await ask(byok, parameter, NOTHING)
    assert (status, parameter.name in text) == (status_of_a_fault(parameter.route), True), text
    for each in _alternatives(parameter.schema):
        assert all(str(value) in text for value in each.get("enum", ())), text


@pytest.mark.parametrize("parameter", [each for each in ALL if str(each) in NAMED], ids=str)
async def test_a_name_of_nothing_is_refused_with_what_there_is(byok: ByokWorld, parameter: Parameter) -> None:
    status, text = await ask(byok, parameter, NOTHING)
    assert (status, f"{parameter.name} names nothing as '{NOTHING}'" in text) == (422, True), text
    assert len(text) < MAX_REFUSAL


@pytest.mark.parametrize("parameter", [each for each in ALL if str(each) in NAMED], ids=str)
async def test_a_name_of_something_is_no_wrong_request(byok: ByokWorld, parameter: Parameter) -> None:
    status, text = await ask(byok, parameter, NAMED[str(parameter)])
    assert status not in (400, 404, 422), text


@pytest.mark.parametrize("parameter", [each for each in ALL if str(each) in FREE], ids=str)
async def test_what_is_free_takes_anything(byok: ByokWorld, parameter: Parameter) -> None:
    status, _ = await ask(byok, parameter, f"{NOTHING}=at-all")
    assert status == 200


@pytest.mark.parametrize("parameter", [each for each in ALL if each.name == TENANT], ids=str)
async def test_a_tenant_that_never_was_is_not_found(byok: ByokWorld, parameter: Parameter) -> None:
    status, text = await ask(byok, parameter, NOTHING)
    assert (status, NOTHING in text) == (404, True)


@pytest.mark.parametrize("parameter", [each for each in ALL if each.name == TENANT], ids=str)
async def test_what_cannot_be_a_tenant_is_refused_by_its_name(byok: ByokWorld, parameter: Parameter) -> None:
    status, text = await ask(byok, parameter, "No such!")
    assert (status, TENANT in text) == (422, True)
