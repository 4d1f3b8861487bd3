"""The vaults of tenants' provider keys on the emulator, and what of a tenant is kept in each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import boto3

from atom_llm.adapters.data_keys import KmsDataKeys
from atom_llm.adapters.dynamodb.table import Table, dynamodb_client
from atom_llm.adapters.envelope import EnvelopeStore
from atom_llm.adapters.moving_secrets import MovingSecrets
from atom_llm.adapters.secrets import SecretsManagerStore
from atom_llm.composition.deployed import utc_now
from atom_llm.domain.core.ids import TenantId
from atom_llm.ports.core import Clock
from atom_llm.ports.tenancy import SecretStore
from testing.tables import items_of
from tests.drills.faults import FailingClients

Kept = dict[str, list[str]]
"""Names of secrets, and the contents of all versions of each."""


class VaultOnEmulator(Protocol):
    """A place for secrets that processes reach by clients of their own."""

    def store(self, clients: FailingClients, clock: Clock) -> SecretStore:
        """The store as a process with these clients has it."""
        ...

    def kept(self, tenant: TenantId) -> Kept:
        """Every secret of a tenant that exists, whoever knows of it."""
        ...


@dataclass(frozen=True)
class InSecretsManager:
    """Secrets under a prefix of their own."""

    prefix: str

    def store(self, clients: FailingClients, clock: Clock) -> SecretStore:
        """The adapter of Secrets Manager."""
        return SecretsManagerStore(clients.secrets, self.prefix, None)

    def kept(self, tenant: TenantId) -> Kept:
        """As Secrets Manager lists them, deprecated versions included."""
        client: Any = boto3.client("secretsmanager")
        found: Kept = {}
        for page in client.get_paginator("list_secrets").paginate(
            Filters=[{"Key": "name", "Values": [self.prefix]}], IncludePlannedDeletion=True
        ):
            for secret in page["SecretList"]:
                if secret["Name"].startswith(f"{self.prefix}/{tenant}/"):
                    found[secret["Name"].removeprefix(f"{self.prefix}/")] = _versions(client, secret["Name"])
        return found


@dataclass(frozen=True)
class InEnvelopes:
    """Sealed items of a table, under data keys of a key."""

    table: str
    key_id: str

    def store(self, clients: FailingClients, clock: Clock) -> SecretStore:
        """The envelope adapter."""
        table = Table(clients.dynamodb, self.table)
        return EnvelopeStore(table, KmsDataKeys(lambda: clients.kms, self.key_id, clock), "tests")

    def kept(self, tenant: TenantId) -> Kept:
        """All items of the table, opened with the tenant's right."""
        clients = FailingClients()
        found: Kept = {}
        for item in self.items():
            name, (kind, _, version) = item["pk"]["S"].removeprefix("secret#"), item["sk"]["S"].partition("#")
            if name.startswith(f"{tenant}/"):
                found.setdefault(name, [])
                if kind == "version":
                    content = self.store(clients, utc_now).get(name, version)
                    found[name].append(str(content))
        return found

    def items(self) -> list[dict[str, Any]]:
        """Every item as DynamoDB has it."""
        return items_of(dynamodb_client(), self.table)

    def put(self, item: dict[str, Any]) -> None:
        """Put an item as whoever may write the table could."""
        dynamodb_client().ask("PutItem", {"TableName": self.table, "Item": item})


@dataclass(frozen=True)
class OnTheMove:
    """Secrets that move from one vault to another."""

    home: VaultOnEmulator
    former: VaultOnEmulator

    def store(self, clients: FailingClients, clock: Clock) -> SecretStore:
        """Both adapters as one."""
        return MovingSecrets(self.home.store(clients, clock), self.former.store(clients, clock))

    def kept(self, tenant: TenantId) -> Kept:
        """What is in both."""
        return self.former.kept(tenant) | self.home.kept(tenant)


NewVault = Callable[[str], VaultOnEmulator]


def _versions(client: Any, name: str) -> list[str]:
    versions = client.list_secret_version_ids(SecretId=name, IncludeDeprecated=True)["Versions"]
    return [client.get_secret_value(SecretId=name, VersionId=each["VersionId"])["SecretString"] for each in versions]
