"""The pepper in Secrets Manager: a JSON map of versions, one of which is current."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Final

from atom_llm.domain.core.errors import Unavailable
from atom_llm.ports.core import Clock

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager.client import SecretsManagerClient

KEPT_FOR: Final = timedelta(minutes=5)  # how soon a rotated pepper is noticed
MIN_LENGTH: Final = 32  # characters; less would weaken every key


class SecretsManagerPepper:
    """Implements `PepperVault` for a secret of the form `{"current": "v1", "v1": "…"}`."""

    def __init__(self, client: "SecretsManagerClient", secret_id: str, clock: Clock) -> None:
        """Nothing is read before the first question."""
        self._client = client
        self._secret_id = secret_id
        self._clock = clock
        self._lock = Lock()
        self._versions: Mapping[str, str] = {}
        self._read_at: datetime | None = None

    def current(self) -> tuple[str, bytes]:
        """The current version; raises `Unavailable` when the secret cannot be read or is not of its form."""
        versions = self._read()
        version = versions["current"]
        return version, versions[version].encode()

    def pepper(self, version: str) -> bytes | None:
        """The pepper of a version, while the secret holds it."""
        pepper = self._read().get(version) if version != "current" else None
        return pepper.encode() if pepper else None

    def _read(self) -> Mapping[str, str]:
        now = self._clock()
        with self._lock:
            if self._read_at is None or now - self._read_at >= KEPT_FOR:
                self._versions = self._fetched_or_kept()
                self._read_at = now
            return self._versions

    def _fetched_or_kept(self) -> Mapping[str, str]:
        """What the secret holds; while it cannot be read, what it held, so that its outage is not everybody's."""
        try:
            return self._fetched()
        except Unavailable:
            if not self._versions:
                raise
            return self._versions

    def _fetched(self) -> Mapping[str, str]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            text = self._client.get_secret_value(SecretId=self._secret_id)["SecretString"]
        except (BotoCoreError, ClientError) as error:
            raise Unavailable("the pepper cannot be read") from error
        try:
            versions = json.loads(text)
            peppers = {name: text for name, text in versions.items() if name != "current"}
            fit = versions["current"] in peppers and all(
                isinstance(pepper, str) and len(pepper) >= MIN_LENGTH for pepper in peppers.values()
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            fit = False
        if not fit:
            raise Unavailable("the pepper's secret is not of its form")
        return dict(versions)
