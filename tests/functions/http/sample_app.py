"""An app with a route for everything that can go wrong, and a caller of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

import httpx
from fastapi import APIRouter, Query
from pydantic import BaseModel
from starlette.responses import Response

from atom_llm.composition import Container
from atom_llm.domain.core.errors import AtomError
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.tenancy.service_keys import ALL_SCOPES, Scope
from atom_llm.http.app import FunctionApp
from atom_llm.http.auth import CurrentCaller, requires
from atom_llm.http.deps import CurrentContainer
from atom_llm.http.envelopes import Success, success
from atom_llm.http.paging import Paging, cursor
from atom_llm.http.problems import Dialect
from atom_llm.http.route_group import MAX_BODY_S, RouteGroup
from atom_llm.http.routed.responses import problem_responses
from atom_llm.http.schemas import ControlModel, Usd
from atom_llm.settings import Settings
from testing.audit import SOMEBODY
from testing.fakes.ports import PortsInMemory
from testing.fakes.service_keys import KeysInMemory, SetClock
from testing.settings import SETTINGS

PREFIX = "/api/sample"
TENANT = TenantId("tenant-a")


class PartIn(ControlModel):
    count: int


class BodyIn(ControlModel):
    name: str
    parts: tuple[PartIn, ...] = ()


class MoneyOut(BaseModel):
    amounts: list[Usd]
    at: datetime


class NamesOut(BaseModel):
    items: list[str]
    next_cursor: str | None


@dataclass
class World:
    """A process: its keys, its clock, and what its failing routes raise."""

    settings: Settings = SETTINGS
    clock: SetClock = field(default_factory=SetClock)
    keys: KeysInMemory = field(default_factory=KeysInMemory)
    raised: Exception = field(default_factory=lambda: AtomError("not set"))
    amounts: list[Decimal] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.container = Container(PortsInMemory(self.settings, self.clock, service_keys=self.keys))

    def key(self, *scopes: Scope) -> str:
        """The plaintext of a new key."""
        return self.container.tenancy.service_key_issuer.issue(TENANT, frozenset(scopes), SOMEBODY).plaintext

    def app(self, dialect: Dialect = "control", max_body_s: float = MAX_BODY_S) -> FunctionApp:
        group = RouteGroup(
            name="sample",
            prefix=PREFIX,
            title="A sample",
            routers=lambda: [sample_router(self)],
            dialect=dialect,
            max_body_s=max_body_s,
        )
        return FunctionApp(group, lambda: self.container)

    def client(
        self, dialect: Dialect = "control", *, key: str | None = None, max_body_s: float = MAX_BODY_S
    ) -> httpx.AsyncClient:
        """A client of the app, with a key of every scope unless another is given."""
        transport = httpx.ASGITransport(self.app(dialect, max_body_s))
        headers = {"authorization": f"Bearer {key or self.key(*ALL_SCOPES)}"}
        return httpx.AsyncClient(transport=transport, base_url=f"http://sample{PREFIX}", headers=headers)


def sample_router(world: World) -> APIRouter:
    router = APIRouter(dependencies=[requires(None)], responses=problem_responses(400, 403, 404, 422))

    @router.post("/bodies")
    async def bodies(container: CurrentContainer, body: BodyIn) -> Success[dict[str, Any]]:
        return success({"name": body.name}, container.clock())

    @router.get("/numbers")
    async def numbers(value: Annotated[int, Query(ge=1)]) -> dict[str, int]:
        return {"value": value}

    @router.get("/several")
    async def several(value: Annotated[list[int] | None, Query()] = None) -> dict[str, list[int] | None]:
        return {"value": value}

    @router.get("/failure")
    def failure() -> None:
        raise world.raised

    @router.get("/money")
    async def money(container: CurrentContainer) -> Success[MoneyOut]:
        now = container.clock()
        return success(MoneyOut(amounts=world.amounts, at=now.astimezone(UTC)), now)

    @router.get("/names")
    async def names(container: CurrentContainer, paging: Paging) -> Success[NamesOut]:
        position = paging.position(name=str)
        rest = [each for each in "abcdefghij" if position is None or each > position["name"]]
        page = rest[: paging.limit]
        more = cursor(name=page[-1]) if len(rest) > len(page) else None
        return success(NamesOut(items=page, next_cursor=more), container.clock())

    @router.get("/admins", dependencies=[requires(Scope.ADMIN)])
    async def admins() -> dict[str, str]:
        return {"may": "pass"}

    kept = Response("again", headers={"x-request-id": "of its own"})

    @router.get("/again")
    async def again() -> Response:
        """Answer with one and the same response each time."""
        return kept

    @router.get("/me")
    async def me(caller: CurrentCaller) -> dict[str, str]:
        return {"tenant": caller.tenant}

    return router


def error_of(answer: httpx.Response) -> dict[str, Any]:
    """The error of an answer in the control plane's envelope, which it checks."""
    body: dict[str, Any] = answer.json()
    assert body.keys() == {"success", "data", "error", "message", "timestamp"}
    assert (body["success"], body["data"], body["message"]) == (False, None, body["error"]["message"])
    error: dict[str, Any] = body["error"]
    assert error.keys() == {"code", "message", "details"}
    return error


def openai_error_of(answer: httpx.Response) -> dict[str, Any]:
    """The error of an answer in OpenAI's envelope, which it checks."""
    body: dict[str, Any] = answer.json()
    assert body.keys() == {"error"}
    error: dict[str, Any] = body["error"]
    assert error.keys() == {"message", "type", "param", "code"}
    return error


ErrorOf = Callable[[httpx.Response], dict[str, Any]]
