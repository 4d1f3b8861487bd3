"""Service keys and peppers in memory, and a clock that is set by hand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from atom_llm.domain.errors import Conflict
from atom_llm.domain.ids import ServiceKeyId
from atom_llm.domain.service_keys import ServiceKey

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class SetClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_s(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class KeysInMemory:
    """Implements `ServiceKeyStore`, and counts its reads."""

    def __init__(self) -> None:
        self.stored: dict[ServiceKeyId, ServiceKey] = {}
        self.reads = 0
        self.fails_with: Exception | None = None

    def find(self, key_id: ServiceKeyId) -> ServiceKey | None:
        self.reads += 1
        if self.fails_with is not None:
            raise self.fails_with
        return self.stored.get(key_id)

    def add(self, key: ServiceKey) -> None:
        if key.key_id in self.stored:
            raise Conflict("a service key of this id exists already")
        self.stored[key.key_id] = key

    def revoke(self, key_id: ServiceKeyId, at: datetime) -> None:
        self.stored[key_id] = replace(self.stored[key_id], revoked_at=at)


class PeppersInMemory:
    """Implements `PepperVault`, and counts how often the current pepper was asked for."""

    def __init__(self) -> None:
        self.versions = {"v1": b"a pepper of thirty-two characters", "v2": b"another one, just about as long.."}
        self.current_version = "v1"
        self.asked = 0

    def current(self) -> tuple[str, bytes]:
        self.asked += 1
        return self.current_version, self.versions[self.current_version]

    def pepper(self, version: str) -> bytes | None:
        return self.versions.get(version)
