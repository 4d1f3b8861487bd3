"""The container of a process, as every route may ask for it."""

from typing import Annotated

from fastapi import Depends, Request

from atom_llm.composition import Container


async def container_of(request: Request) -> Container:
    """Return the container that the app was made with."""
    container: Container = request.app.state.container()
    return container


CurrentContainer = Annotated[Container, Depends(container_of)]
