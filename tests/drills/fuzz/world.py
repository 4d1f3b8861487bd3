"""The front door in one process: every group's routes, stores in memory, stand-ins for the providers."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from starlette.types import ASGIApp

from atom_llm.adapters.sources import litellm
from atom_llm.composition import Container
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.domain.registry.board import Board, BoardRow
from atom_llm.domain.routing.call_limits import CallLimits
from atom_llm.domain.tenancy.tenants import Tenant
from local.front_door import GROUPS, FrontDoor
from testing.audit import an_entry
from testing.chat_world import OURS, ChatWorld
from testing.fakes.quality import BoardInMemory
from testing.fakes.sources import SourceInMemory
from testing.group_app import GroupApp
from testing.stand_in.server import StandIn
from tests.drills.fuzz.surface import Operation, operations_of

RATED = ("gpt-4o-mini", "claude-haiku-4-5", "gemini-2.5-flash")
BOARD = Board(
    tuple(BoardRow(name, 1200.0) for name in RATED) + tuple(BoardRow(f"model-{n}", 1000.0 + n) for n in range(60))
)
OPERATORS = TenantId("operator")
CHAT = "/v1"


class FuzzWorld:
    """A deployment with a tenant that has every provider's key, and an operator."""

    def __init__(self, stand_in: StandIn) -> None:
        self.chat = ChatWorld(stand_in, limits=CallLimits())
        clock = self.chat.clock
        self.chat.ports.tenants.add(Tenant(OPERATORS, "Operator", "UTC", clock(), is_operator=True), an_entry())
        self.chat.ports.price_sources = [(SourceInMemory("litellm", clock), litellm.read)]  # down: prices stay
        self.chat.ports.boards = {"lmarena": BoardInMemory(lambda: BOARD)}
        for provider in PROVIDER_BY_ID:
            self.chat.provider_key(provider)
            self.chat.provider_key(provider, tenant=OPERATORS)
        self.keys = [self.chat.service_key(OURS), self.chat.service_key(OPERATORS)]
        self.groups = {
            prefix: GroupApp(lambda: self.container, import_module(f"functions.{group}.main").GROUP)
            for prefix, group in GROUPS.items()
        }
        self.door: ASGIApp = FrontDoor({**self.groups}, self.groups[CHAT])
        self._at_first = list(_contents(self.chat.ports))

    @property
    def container(self) -> Container:
        """The services that the routes ask."""
        return self.chat.container

    def operations(self) -> list[Operation]:
        """Return what there is to be called."""
        return operations_of([app.own().openapi() for app in self.groups.values()])

    def models(self) -> list[str]:
        """Return a model of each provider, and names that stand for more than one."""
        found = self.container.catalogue.reader.current().catalogue
        able = sorted(found, key=lambda each: -len(each.capabilities))
        chat = [each.id for each in able if each.mode == "chat" and found.rates(each).ladders]
        named = [next((model for model in chat if model.startswith(f"{each}/")), "") for each in PROVIDER_BY_ID]
        named = [model for model in named if model]  # one provider's models have no published price
        return [*named, "auto", ",".join(named[:3]), "text-embedding-3-small"]

    def forget(self) -> None:
        """Empty the stores to what they held at first: what callers stored is not what the process fails to free."""
        for live, held in self._at_first:
            live.clear()
            live.extend(held) if isinstance(live, list) else live.update(held)


def _contents(value: object, seen: set[int] | None = None) -> Iterator[tuple[Any, Any]]:
    """Iterate over the attributes, lists, sets and mappings of fakes, each with a copy of what it holds."""
    seen = set() if seen is None else seen
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, dict | list | set):
        yield value, value.copy()
    elif type(value).__module__.startswith("testing.fakes.") and hasattr(value, "__dict__"):
        yield vars(value), vars(value).copy()
        for each in vars(value).values():
            yield from _contents(each, seen)
    elif type(value).__module__.startswith("testing."):
        for each in vars(value).values():
            yield from _contents(each, seen)
