"""The header by which a request of the control plane says that it may come again."""

from typing import Annotated

from fastapi import Depends, Header

from atom_llm.domain.calls.idempotency import HEADER, MAX_KEY, checked_key


def idempotency_key_of(
    given: Annotated[
        str | None,
        Header(alias=HEADER, max_length=MAX_KEY, description="One for each request; the same when it is sent again."),
    ] = None,
) -> str | None:
    """Return the header's value, if it is there; raises `InvalidRequest`."""
    return checked_key(given) if given is not None else None


IdempotencyKey = Annotated[str | None, Depends(idempotency_key_of)]
