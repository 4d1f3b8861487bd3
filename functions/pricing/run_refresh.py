"""Run a refresh and tell CloudWatch how it went and how old the prices are; shared by the schedule and the route."""

from secrets import token_bytes

from atom_llm.composition import Container
from atom_llm.domain.catalogue.quarantine import NO_APPROVAL, Approval
from atom_llm.domain.core.errors import RefreshInProgress
from atom_llm.domain.core.ids import RANDOM_BYTES, ulid
from atom_llm.observability import emit, logger
from atom_llm.services.catalogue.pricing_fetcher import RefreshReport

DIMENSIONS = {"group": "pricing"}  # the alarms in infra/constructs/watch.py look for exactly these


def run_refresh(container: Container, *, force: bool, approval: Approval = NO_APPROVAL) -> RefreshReport:
    """Refresh; whatever comes of it, the metrics say it. Raises what the refresh raises."""
    started = container.clock()
    outcome = "failed"
    try:
        report = container.catalogue.pricing_fetcher.refresh(
            ulid(started, token_bytes(RANDOM_BYTES)), force=force, approval=approval
        )
        outcome = report.outcome
        emit({"QuarantinedNow": ("Count", report.held), "ModelsInForce": ("Count", report.models)}, DIMENSIONS)
        return report
    except RefreshInProgress:
        outcome = "in_progress"
        raise
    finally:
        # First of all, for what follows asks tables that may be what failed.
        emit({"RefreshFailures": ("Count", int(outcome == "failed"))}, DIMENSIONS)
        container.catalogue.reader.forget()
        state = container.ports.refresh_journal.state()
        age = container.catalogue.reader.age(state)
        emit(
            {
                "CatalogueAgeSeconds": ("Seconds", age.total_seconds()),
                "FailingSources": ("Count", sum(s.failing_since is not None for s in state.sources.values())),
            },
            DIMENSIONS,
        )
        logger().info(
            "refresh",
            outcome=outcome,
            age_seconds=int(age.total_seconds()),
            duration_s=(container.clock() - started).total_seconds(),
            sources={name: source.condition for name, source in state.sources.items()},
        )
