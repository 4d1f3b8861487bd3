"""The pepper in Secrets Manager: a JSON map of versions, one of which is current."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from atom_llm.domain.core.errors import Unavailable
from atom_llm.ports.core import Clock
from atom_llm.process_cache import ConfirmedValue

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager.client import SecretsManagerClient

KEPT_FOR: Final = timedelta(minutes=5)  # how soon a rotated pepper is noticed
MIN_LENGTH: Final = 32  # characters; less would weaken every key


class SecretsManagerPepper:
    """Implements `PepperVault` for a secret of the form `{"current": "v1", "v1": "…"}`."""

    def __init__(self, client: "SecretsManagerClient", secret_id: str, clock: Clock) -> None:
        """Take the client and the secret's id; nothing is read before the first question."""
        self._client = client
        self._secret_id = secret_id
        # While the secret cannot be read, what it held goes on: its outage is not everybody's.
        self._versions: ConfirmedValue[Mapping[str, str]] = ConfirmedValue(
            lambda _: self._fetched(), clock, KEPT_FOR, "the pepper", despite=(Unavailable,)
        )

    def current(self) -> tuple[str, bytes]:
        """Return the current version and its pepper; raises `Unavailable` where the secret cannot be read as such."""
        versions = self._versions.current()
        version = versions["current"]
        return version, versions[version].encode()

    def pepper(self, version: str) -> bytes | None:
        """Return the pepper of a version, while the secret holds it; None after."""
        pepper = self._versions.current().get(version) if version != "current" else None
        return pepper.encode() if pepper else None

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
