"""JSON Schema, by jsonschema-rs; loaded when the first answer has to be checked."""

from collections.abc import Mapping
from typing import Any

from atom_llm.observability import logger


def fits_schema(schema: Mapping[str, Any], instance: object) -> bool:
    """Return whether an instance fits a schema; True where the schema is unreadable. No `$ref` is fetched."""
    from jsonschema_rs import ReferencingError, ValidationError, validator_for

    try:
        validator = validator_for(dict(schema), retriever=_nothing)
    except (ValidationError, ReferencingError, ValueError) as error:
        logger().info("a caller's schema cannot be checked", reason=type(error).__name__)
        return True
    return bool(validator.is_valid(instance))


def _nothing(uri: str) -> Any:
    raise ValueError("nothing is fetched")
