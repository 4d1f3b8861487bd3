"""Tenants' secrets in AWS Secrets Manager: JSON maps that nobody else reads or writes."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID, uuid4

from atom_llm.domain.core.errors import SecretMissing, VaultUnavailable

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager.client import SecretsManagerClient

# Together at most four seconds a write; `WRITE_AT_MOST` of the vault counts on it.
CONNECT_TIMEOUT_S: Final = 1.0  # inside a region a connection takes milliseconds
READ_TIMEOUT_S: Final = 3.0  # the slowest answer that is worth waiting for

REPEATED: Final = frozenset({"get_secret_value", "delete_secret"})  # asked twice where the first gave no answer

_CURRENT: Final = "AWSCURRENT"


def secrets_client() -> "SecretsManagerClient":
    """Make the client of a process; region, credentials and endpoint come from the environment.

    It asks once. A write that is sent again leaves open what became of the first; and MiniStack, unlike AWS, does it
    twice though the token is the same, which takes the version in force its last label.
    """
    import boto3
    from botocore.config import Config

    retries: Any = {"mode": "standard", "total_max_attempts": 1}
    return boto3.client(
        "secretsmanager",
        config=Config(connect_timeout=CONNECT_TIMEOUT_S, read_timeout=READ_TIMEOUT_S, retries=retries),
    )


class OperatorSecretsStore:
    """Implements `OperatorSecrets`: a secret a provider, which holds the key as it is."""

    def __init__(self, client: "SecretsManagerClient") -> None:
        self._store = SecretsManagerStore(client, "", None)

    def get(self, name: str) -> str:
        """Return the version in force; raises `SecretMissing` and `VaultUnavailable`."""
        return self._store.plain(name).strip()


class SecretsManagerStore:
    """Implements `SecretStore`. No error carries the content of a secret."""

    def __init__(self, client: "SecretsManagerClient", prefix: str, kms_key_id: str | None) -> None:
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
        answer = self._ask("get_secret_value", SecretId=self._named(name), VersionId=version)
        content: dict[str, str] = json.loads(answer["SecretString"])
        return content

    def plain(self, secret_id: str) -> str:
        """Return the text in force of a secret that is no tenant's; raises `SecretMissing`."""
        return str(self._ask("get_secret_value", SecretId=secret_id).get("SecretString", ""))

    def create(self, name: str, content: Mapping[str, str]) -> str:
        """Make a secret; returns its version."""
        answer = self._ask(
            "create_secret",
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
        newest = self._ask("get_secret_value", SecretId=self._named(name))["VersionId"]
        if newest != in_force:
            self._ask(
                "update_secret_version_stage",
                SecretId=self._named(name),
                VersionStage=_CURRENT,
                MoveToVersionId=in_force,
                RemoveFromVersionId=newest,
            )

    def put(self, name: str, content: Mapping[str, str]) -> str:
        """Store a new version; the one before keeps a label and stays readable for calls under way."""
        answer = self._ask(
            "put_secret_value",
            SecretId=self._named(name),
            SecretString=json.dumps(dict(content)),
            ClientRequestToken=str(uuid4()),
        )
        return str(answer["VersionId"])

    def delete(self, name: str) -> bool:
        """Delete a secret beyond recovery; False when there was none."""
        try:
            self._ask("delete_secret", SecretId=self._named(name), ForceDeleteWithoutRecovery=True)
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
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer: dict[str, Any] = getattr(self._client, operation)(**request)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == "ResourceNotFoundException":
                raise SecretMissing from None
            raise VaultUnavailable(f"secrets manager: {operation}: {code}", is_refusal=True) from None
        except BotoCoreError as error:
            raise VaultUnavailable(f"secrets manager: {operation}: {type(error).__name__}") from None
        return answer
