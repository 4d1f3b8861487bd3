"""Refreshes with their audit entries and with metrics of their outcome and the prices' age, by schedule or by route."""

from secrets import token_bytes
from typing import Final

from atom_llm.domain.catalogue.errors import RefreshInProgress
from atom_llm.domain.catalogue.quarantine import NO_APPROVAL, Approval
from atom_llm.domain.core.audit import Actor, AuditEntry
from atom_llm.domain.core.ids import RANDOM_BYTES, ulid
from atom_llm.observability import emit, logger
from atom_llm.ports.catalogue import RefreshJournal
from atom_llm.ports.core import Clock
from atom_llm.services.catalogue.pricing_fetcher import DynamicPricingFetcher, RefreshReport
from atom_llm.services.catalogue.read_catalogue import CatalogueReader
from atom_llm.services.catalogue.read_consensus import ConsensusReader
from atom_llm.services.core.shared_changes import SharedChanges

DIMENSIONS: Final = {"group": "pricing"}  # the alarms in infra/constructs/watch.py look for exactly these


class ObservedRefresh:
    """A refresh whose outcome, whatever it is, is in the metrics, and in the operator's audit log.

    One that somebody asked for has an entry, also where nothing was new, unless it failed and changed nothing; the
    schedule's has one where it puts something new in force.
    """

    def __init__(
        self,
        fetcher: DynamicPricingFetcher,
        reader: CatalogueReader,
        consensus: ConsensusReader,
        journal: RefreshJournal,
        changes: SharedChanges,
        clock: Clock,
    ) -> None:
        """Take the parts; `reader` and `consensus` forget what they know when a refresh has run."""
        self._fetcher = fetcher
        self._reader = reader
        self._consensus = consensus
        self._journal = journal
        self._changes = changes
        self._clock = clock

    def run(self, *, force: bool, by: Actor | None, approval: Approval = NO_APPROVAL) -> RefreshReport:
        """Refresh and report, as somebody asked or, without anybody, by schedule; raises what the refresh raises."""
        started = self._clock()
        outcome = "failed"
        try:
            entry = self._entry(by, approval)
            report = self._fetcher.refresh(
                ulid(started, token_bytes(RANDOM_BYTES)),
                force=force,
                approval=approval,
                entry=entry,
                is_asked_for=by is not None,
            )
            if report.outcome == "fresh" and by is not None and entry is not None:
                self._changes.record(entry)
            outcome = report.outcome
            emit({"QuarantinedNow": ("Count", report.held), "ModelsInForce": ("Count", report.models)}, DIMENSIONS)
            return report
        except RefreshInProgress:
            outcome = "in_progress"
            raise
        finally:
            # First of all, for what follows asks tables that may be what failed.
            emit({"RefreshFailures": ("Count", int(outcome == "failed"))}, DIMENSIONS)
            self._reader.forget()
            self._consensus.forget()
            state = self._journal.state()
            age = self._reader.age(state)
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
                duration_s=(self._clock() - started).total_seconds(),
                sources={name: source.condition for name, source in state.sources.items()},
            )

    def _entry(self, by: Actor | None, approval: Approval) -> AuditEntry | None:
        if approval.subjects:
            return self._changes.entry(by, "prices.accepted", ", ".join(sorted(approval.subjects)))
        return self._changes.entry(by, "prices.refreshed", "prices")
