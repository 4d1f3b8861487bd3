"""The pepper in Secrets Manager: a JSON map of versions, one of which is current; read, and put in place of another."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from atom_llm.adapters.aws.json_client import NoAnswer, Refused, Requests
from atom_llm.domain.core.errors import Conflict, Unavailable
from atom_llm.domain.tenancy.peppers import NOTICED_WITHIN, Peppers, StoredPeppers, read_peppers, written_peppers
from atom_llm.ports.core import Clock
from atom_llm.process_cache import LONG_AGO, ConfirmedValue

# How often a process asks again for a version that it does not know: a pepper was rotated, and not read here since.
LOOKED_FOR_EVERY: Final = timedelta(seconds=5)

_CURRENT: Final = "AWSCURRENT"
_MOVED_MEANWHILE: Final = frozenset({"InvalidParameterException", "InvalidRequestException"})


class SecretsManagerPepper:
    """Implements `PepperVault` for a secret of the form `{"current": "v1", "v1": "…"}`."""

    def __init__(self, client: Requests, secret_id: str, clock: Clock) -> None:
        """Take the client and the secret's id; nothing is read before the first question."""
        self._client = client
        self._secret_id = secret_id
        self._clock = clock
        self._looked_at = LONG_AGO
        # While the secret cannot be read, what it held goes on: its outage is not everybody's.
        self._peppers: ConfirmedValue[Peppers] = ConfirmedValue(
            lambda _: self._fetched(), clock, NOTICED_WITHIN, "the pepper", despite=(Unavailable,)
        )

    def current(self) -> tuple[str, bytes]:
        """Return the current version and its pepper; raises `Unavailable` where the secret cannot be read as such."""
        peppers = self._peppers.current()
        return peppers.current, peppers.by_version[peppers.current].encode()

    def pepper(self, version: str) -> bytes | None:
        """Return the pepper of a version, while the secret holds it; None after.

        A version that is not known here may be a new one: the secret is read again, at most every five seconds.
        """
        pepper = self._peppers.current().by_version.get(version)
        now = self._clock()
        if pepper is None and now - self._looked_at >= LOOKED_FOR_EVERY:
            self._looked_at = now
            self._peppers.forget()
            pepper = self._peppers.current().by_version.get(version)
        return pepper.encode() if pepper else None

    def of_names(self) -> bytes:
        """Return the pepper of end users' names; raises `Unavailable` where the secret cannot be read as such."""
        return self._peppers.current().of_names.encode()

    def _fetched(self) -> Peppers:
        return _read(self._client, self._secret_id)[0]


class SecretsManagerPepperStore:
    """Implements `PepperStore`: a change is put beside what is in force, and takes its place only while it still is."""

    def __init__(self, client: Requests, secret_id: str) -> None:
        self._client = client
        self._secret_id = secret_id

    def read(self) -> StoredPeppers:
        """Return what is in force; raises `Unavailable`."""
        peppers, answer = _read(self._client, self._secret_id)
        return StoredPeppers(peppers, answer["VersionId"], datetime.fromtimestamp(answer["CreatedDate"], UTC))

    def replace(self, found: StoredPeppers, peppers: Peppers) -> None:
        """Put peppers in place of what was found; raises `Conflict` when something else is there by now.

        Secrets Manager moves the label of the version in force only off the version that has it, so that of two who
        found the same one is refused. What the refused one had put loses its label and is nobody's.
        """
        label = f"rotation-{uuid4()}"
        try:
            put = self._client.ask(
                "PutSecretValue",
                {
                    "SecretId": self._secret_id,
                    "SecretString": written_peppers(peppers),
                    "ClientRequestToken": str(uuid4()),
                    "VersionStages": [label],
                },
            )
            try:
                self._relabel(_CURRENT, MoveToVersionId=put["VersionId"], RemoveFromVersionId=found.revision)
            finally:
                self._relabel(label, RemoveFromVersionId=put["VersionId"])
        except Refused as refused:
            if refused.code in _MOVED_MEANWHILE:
                if self.read().peppers == peppers:  # asked twice, for the first answer was lost
                    return
                raise Conflict("somebody else has changed the pepper meanwhile") from None
            raise Unavailable(f"the pepper cannot be written: {refused.code}") from None
        except NoAnswer as error:
            raise Unavailable(f"the pepper cannot be written: {error}") from None

    def _relabel(self, label: str, **versions: Any) -> None:
        moved = {"SecretId": self._secret_id, "VersionStage": label, **versions}
        self._client.ask("UpdateSecretVersionStage", moved)


def _read(client: Requests, secret_id: str) -> tuple[Peppers, Mapping[str, Any]]:
    try:
        answer: Mapping[str, Any] = client.ask("GetSecretValue", {"SecretId": secret_id})
    except (Refused, NoAnswer) as error:
        raise Unavailable("the pepper cannot be read") from error
    try:
        return read_peppers(answer["SecretString"]), answer
    except (ValueError, KeyError):
        raise Unavailable("the pepper's secret is not of its form") from None
