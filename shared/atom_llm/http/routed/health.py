"""The health route in a group's document."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from atom_llm.http.health import health_route
from atom_llm.http.routed.documented import document


class FunctionHealth(BaseModel):
    """A function that answers, and which one."""

    status: Literal["ok"]
    group: str
    environment: str
    version: str


def health_router(group: str, version: str) -> APIRouter:
    """Make the router of the public health route of a group."""
    router = APIRouter(tags=["health"])
    answers = {200: {"model": FunctionHealth, "description": "It runs."}}
    document(router, health_route(group, version), summary="Whether this function runs", responses=answers)
    return router
