"""Tenants' secrets in AWS Secrets Manager: JSON maps that nobody else reads or writes."""

import json
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID, uuid4

from atom_llm.adapters.aws.clients import json_client
from atom_llm.adapters.aws.json_client import SECRETS_MANAGER, NoAnswer, Refused, Requests, Timing
from atom_llm.domain.core.errors import SecretMissing, VaultUnavailable

# A write is sent once: what is sent again leaves open what became of the first. `WRITE_AT_MOST` of the vault counts on
# its four seconds. What may be repeated is, once, below.
ONE_ATTEMPT: Final = Timing(attempts=1, answer_s=4.0, deadline_s=4.0)
REPEATED: Final = frozenset({"GetSecretValue", "DeleteSecret"})  # asked twice where the first gave no answer

_CURRENT: Final = "AWSCURRENT"


def secrets_client() -> Requests:
    """Make the client of a process; region, credentials and endpoint come from the environment. It asks once."""
    return json_client(SECRETS_MANAGER, timing=ONE_ATTEMPT)


class OperatorSecretsStore:
    """Implements `OperatorSecrets`: a secret a provider, which holds the key as it is."""

    def __init__(self, client: Requests) -> None:
        self._store = SecretsManagerStore(client, "", None)

    def get(self, name: str) -> str:
        """Return the version in force; raises `SecretMissing` and `VaultUnavailable`."""
        return self._store.plain(name).strip()


class SecretsManagerStore:
    """Implements `SecretStore`. No error carries the content of a secret."""

    def __init__(self, client: Requests, prefix: str, kms_key_id: str | None) -> None:
        """Take `prefix`, with which every secret's name begins; without a `kms_key_id` AWS's own key encrypts them."""
        self._client = client
        self._prefix = prefix
        self._encryption: Any = {"KmsKeyId": kms_key_id} if kms_key_id else {}

    def holds(self, version: str) -> bool:
        """Return whether a version is of this store's making: the UUID that it named it by."""
        try:
            return str(UUID(version)) == version
        except ValueError:
            return False

    def get(self, name: str, version: str) -> Mapping[str, str]:
        """Return the content of a version; raises `SecretMissing` when it is gone."""
        answer = self._ask("GetSecretValue", SecretId=self._named(name), VersionId=version)
        content: dict[str, str] = json.loads(answer["SecretString"])
        return content

    def plain(self, secret_id: str) -> str:
        """Return the text in force of a secret that is no tenant's; raises `SecretMissing`."""
        return str(self._ask("GetSecretValue", SecretId=secret_id).get("SecretString", ""))

    def create(self, name: str, content: Mapping[str, str]) -> str:
        """Make a secret; returns its version."""
        answer = self._ask(
            "CreateSecret",
            Name=self._named(name),
            SecretString=json.dumps(dict(content)),
            ClientRequestToken=str(uuid4()),
            **self._encryption,
        )
        return str(answer["VersionId"])

    def restore(self, name: str, in_force: str) -> None:
        """Move the label back from a version that a writer put and never brought into force.

        Only two versions have labels and thus stay: with the next one, the version in force would lose its last.
        """
        newest = self._ask("GetSecretValue", SecretId=self._named(name))["VersionId"]
        if newest != in_force:
            self._ask(
                "UpdateSecretVersionStage",
                SecretId=self._named(name),
                VersionStage=_CURRENT,
                MoveToVersionId=in_force,
                RemoveFromVersionId=newest,
            )

    def put(self, name: str, content: Mapping[str, str]) -> str:
        """Store a new version; the one before keeps a label and stays readable for calls under way."""
        answer = self._ask(
            "PutSecretValue",
            SecretId=self._named(name),
            SecretString=json.dumps(dict(content)),
            ClientRequestToken=str(uuid4()),
        )
        return str(answer["VersionId"])

    def delete(self, name: str) -> bool:
        """Delete a secret beyond recovery; False when there was none."""
        try:
            self._ask("DeleteSecret", SecretId=self._named(name), ForceDeleteWithoutRecovery=True)
        except SecretMissing:
            return False
        return True

    def _named(self, name: str) -> str:
        return f"{self._prefix}/{name}"

    def _ask(self, operation: str, **request: Any) -> dict[str, Any]:
        try:
            return self._ask_once(operation, request)
        except VaultUnavailable:
            if operation not in REPEATED:
                raise
        return self._ask_once(operation, request)

    def _ask_once(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return self._client.ask(operation, request, repeats=False)
        except Refused as refused:
            if refused.code == "ResourceNotFoundException":
                raise SecretMissing from None
            raise VaultUnavailable(f"secrets manager: {operation}: {refused.code}", is_refusal=True) from None
        except NoAnswer as error:
            raise VaultUnavailable(f"secrets manager: {operation}: {error}") from None
