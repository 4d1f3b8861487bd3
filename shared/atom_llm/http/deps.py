"""What every route may ask for: the container of its process."""

from typing import Annotated

from fastapi import Depends, Request

from atom_llm.composition import Container


async def container_of(request: Request) -> Container:
    """The container that the app was made with."""
    container: Container = request.app.state.container()
    return container


Services = Annotated[Container, Depends(container_of)]
