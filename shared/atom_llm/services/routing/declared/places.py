"""The places of a document, which faults name."""

from collections.abc import Iterator
from contextlib import contextmanager

from atom_llm.domain.core.errors import ImplausiblePrice, InvalidRequest, NotFound


@contextmanager
def at_place(place: str) -> Iterator[None]:
    """Let a fault name its place in the document, before what it names itself."""
    try:
        yield
    except InvalidRequest as fault:
        raise InvalidRequest(f"{place}.{fault.field}", fault.fault) from None
    except (NotFound, ImplausiblePrice) as fault:
        named = fault.details.get("field") or ("scope" if isinstance(fault, NotFound) else "models")
        fault.details = {**fault.details, "field": f"{place}.{named}"}
        raise
