"""The scheduled refresh: a plain handler that EventBridge calls every 24 hours and after each deployment."""

from typing import Any

from atom_llm.composition import Container, container
from atom_llm.domain.catalogue.errors import RefreshInProgress

FORCED = {"schedule": True, "deploy": False}  # after a deployment, only prices older than a day are fetched


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle one event of Lambda's: the schedule's, or the deployment's."""
    return scheduled(event, container())


def scheduled(event: dict[str, Any], container: Container) -> dict[str, Any]:
    """Refresh and report; a failure is raised, so that Lambda retries it and hands it to the dead-letter queue."""
    trigger = event.get("trigger")
    if trigger not in FORCED:
        raise ValueError(f"trigger must be one of {', '.join(FORCED)}")
    try:
        report = container.catalogue.refresh.run(force=FORCED[trigger], by=None)
    except RefreshInProgress:
        return {"outcome": "in_progress"}
    return {
        "outcome": report.outcome,
        "models": report.models,
        "version": report.version,
        "events": dict(report.events),
        "held": report.held,
        "sources": {name: source.condition for name, source in report.sources.items()},
    }
