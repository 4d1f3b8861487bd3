"""The scheduled sync of quality scores: a plain handler that EventBridge calls every week and after each deployment."""

from typing import Any

from atom_llm.composition import Container, container
from atom_llm.domain.registry.errors import QualityConflict


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle one event of Lambda's: the schedule's, or the deployment's."""
    return scheduled(container())


def scheduled(container: Container) -> dict[str, Any]:
    """Sync and report; a failure is raised, so that Lambda retries it and hands it to the dead-letter queue."""
    try:
        report = container.registry.quality_sync.run(by=None)
    except QualityConflict:
        return {"outcome": "in_progress"}
    return {
        "outcome": "synced" if report.has_changed else "unchanged",
        "version": report.version,
        "rows": report.rows,
        "matched": report.matched,
    }
