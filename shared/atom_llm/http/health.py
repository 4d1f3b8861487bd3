"""The health route of a function: the one answer that needs neither a key nor a table."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from atom_llm.http.deps import CurrentContainer


class FunctionHealth(BaseModel):
    """A function that answers, and which one."""

    status: Literal["ok"]
    group: str
    environment: str
    version: str


def health_router(group: str, version: str) -> APIRouter:
    """Make the public health route of a group."""
    router = APIRouter(tags=["health"])

    @router.get("/health", summary="Whether this function runs")
    async def health(container: CurrentContainer) -> FunctionHealth:
        return FunctionHealth(status="ok", group=group, environment=container.settings.environment, version=version)

    return router
