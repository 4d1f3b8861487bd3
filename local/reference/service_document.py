"""The OpenAPI document of the whole service, as its apps declare themselves."""

from importlib import import_module
from typing import Any, Final

from fastapi import FastAPI

from atom_llm import __version__
from local.reference.examples import with_examples
from local.reference.merge import merged

GROUPS: Final = ("chat", "byok", "pricing", "registry", "tiers")
ABOUT: Final = {
    "title": "atom-llm",
    "version": __version__,
    "description": (
        "Calls of language models with the tenant's own provider keys: routed, budgeted, and costed to the last digit."
        " `/v1` speaks the dialects of OpenAI and Anthropic; `/api` is what is behind it: keys, budgets, usage, prices."
    ),
    "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
}
SERVERS: Final = (
    {"url": ".", "description": "Where this document comes from"},
    {"url": "http://127.0.0.1:8080", "description": "`make run`"},
    {
        "url": "https://{api}.execute-api.{region}.amazonaws.com/live",
        "description": "A deployment: its stack's `ApiUrl`",
        "variables": {"api": {"default": "abcdefghij"}, "region": {"default": "eu-central-1"}},
    },
)


def service_document() -> dict[str, Any]:
    """Return the document of all route groups, with an example of each operation's request and answer."""
    documents = {group: _app(group).openapi() for group in GROUPS}
    document: dict[str, Any] = merged(documents, about=ABOUT, servers=SERVERS)
    return with_examples(document)


def _app(group: str) -> FastAPI:
    app: FastAPI = import_module(f"functions.{group}.main").app
    return app
