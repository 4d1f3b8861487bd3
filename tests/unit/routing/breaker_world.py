"""Processes that share one circuit store, for tests of the breaker."""

from dataclasses import dataclass, field

from atom_llm.domain.core.ids import TenantId
from atom_llm.services.routing.circuit_breaker import CircuitBreaker
from testing.fakes.runtime import CircuitsInMemory
from testing.fakes.service_keys import SetClock

OURS, THEIRS, ANOTHERS = TenantId("tenant-a"), TenantId("tenant-b"), TenantId("tenant-c")
MODEL, OTHER = ("openai", "gpt-4o"), ("anthropic", "claude-haiku-4-5")


@dataclass
class World:
    """Processes that share a table."""

    store: CircuitsInMemory = field(default_factory=CircuitsInMemory)
    clock: SetClock = field(default_factory=SetClock)

    def process(self) -> CircuitBreaker:
        return CircuitBreaker(self.store, self.clock)

    def fail(self, process: CircuitBreaker, times: int, tenant: TenantId = OURS) -> None:
        for _ in range(times):
            process.record(tenant, *MODEL, ok=False, was_probe=False)

    def open(self) -> CircuitBreaker:
        """A process whose circuit has just opened."""
        process = self.process()
        self.fail(process, 5)
        return process

    def half_open(self) -> CircuitBreaker:
        process = self.open()
        self.clock.pass_s(30)
        return process
