"""Tenants' secrets in a table of their own, sealed by AES-256-GCM under a data key a secret, which KMS wraps.

A secret has two items or three: the wrapped data key with the versions that are in force, and those versions. All of a
change is one transaction, so that no crash leaves a version that nobody would find.
"""

import json
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple
from uuid import uuid4

from atom_llm.adapters.aws.json_client import Timing
from atom_llm.adapters.data_keys import KmsDataKeys
from atom_llm.adapters.dynamodb import keys
from atom_llm.adapters.dynamodb.table import ConditionFailed, Item, Table, Write
from atom_llm.adapters.sealing import AesGcmSeal
from atom_llm.domain.core.errors import SecretMissing, StoreUnavailable, VaultUnavailable

MADE_HERE: Final = "envelope-"  # how a version begins; those of Secrets Manager are UUIDs
TAKEN_OVER: Final = "the versions of a secret were changed by another writer"
# A write is sent once: `WRITE_AT_MOST` of the vault counts on its four seconds. What may be repeated is, once, below.
ONE_ATTEMPT: Final = Timing(attempts=1, deadline_s=4.0)
DELETIONS: Final = 3  # how often a deletion begins anew that met another writer


class _Versions(NamedTuple):
    """A secret's wrapped data key, its newest version, and the one before, which calls under way may still read."""

    data_key: bytes
    newest: str
    before: str | None

    @staticmethod
    def of(item: Item) -> "_Versions":
        return _Versions(item["data_key"], item["newest"], item.get("before"))


class EnvelopeStore:
    """Implements `SecretStore`. No error carries the content of a secret."""

    def __init__(self, table: Table, data_keys: KmsDataKeys, environment: str) -> None:
        """Take the vault's table, whose client asks once; `environment` is part of what each data key is bound to."""
        self._table = table
        self._data_keys = data_keys
        self._environment = environment
        self._seal = AesGcmSeal()

    def holds(self, version: str) -> bool:
        """Return whether a version is of this store's making."""
        return version.startswith(MADE_HERE)

    def get(self, name: str, version: str) -> Mapping[str, str]:
        """Return the content of a version; raises `SecretMissing` when it is gone."""
        found = _asked_again("get", lambda: list(self._table.query(keys.secret(name), consistent=True)))
        items = {item["sk"]: item for item in found}
        head, sealed = items.get(keys.SECRET_HEAD), items.get(keys.secret_version(name, version)[1])
        if head is None or sealed is None:
            raise SecretMissing
        data_key = self._data_keys.open(head["data_key"], self._context(name))
        opened = self._seal.open(data_key, sealed["sealed"], _about(name, version))
        if opened is None:
            raise VaultUnavailable("vault: get: a secret does not authenticate", is_refusal=True)
        content: dict[str, str] = json.loads(opened)
        return content

    def create(self, name: str, content: Mapping[str, str]) -> str:
        """Make a secret under a new data key; returns its version."""
        data_key, version = self._data_keys.new(self._context(name)), _new_version()
        head = {"data_key": data_key.wrapped, "newest": version}
        self._write(
            "create",
            name,
            version,
            self._table.putting(keys.secret_head(name), head, if_absent=True),
            self._sealed(name, version, data_key.plain, content),
        )
        return version

    def restore(self, name: str, in_force: str) -> None:
        """Take away a version that a writer put and never brought into force."""
        known = self._versions(name)
        if known.newest == in_force:
            return
        if known.before != in_force:
            raise SecretMissing
        self._write(
            "restore",
            name,
            in_force,
            self._table.updating(
                keys.secret_head(name),
                "SET newest = :in_force REMOVE #before",
                {":in_force": in_force, ":newest": known.newest},
                condition="newest = :newest",
                names={"#before": "before"},
            ),
            self._table.deleting(keys.secret_version(name, known.newest)),
        )

    def put(self, name: str, content: Mapping[str, str]) -> str:
        """Store a new version under the secret's data key; the one before stays readable for calls under way."""
        known, version = self._versions(name), _new_version()
        data_key = self._data_keys.open(known.data_key, self._context(name))
        older = [self._table.deleting(keys.secret_version(name, known.before))] if known.before else []
        self._write(
            "put",
            name,
            version,
            self._table.updating(
                keys.secret_head(name),
                "SET newest = :version, #before = :newest",
                {":version": version, ":newest": known.newest},
                condition="newest = :newest",  # of a secret that was deleted meanwhile nothing comes back
                names={"#before": "before"},
            ),
            self._sealed(name, version, data_key, content),
            *older,
        )
        return version

    def delete(self, name: str) -> bool:
        """Delete a secret with its data key: the table has no backups; False when there was none."""
        for _ in range(DELETIONS):
            found = _asked_again("delete", lambda: self._table.get(keys.secret_head(name), consistent=True))
            if found is None:
                return False
            known = _Versions.of(found)
            versions = [known.newest, *([known.before] if known.before else [])]
            writes = [
                self._table.deleting(
                    keys.secret_head(name), condition="newest = :newest", values={":newest": known.newest}
                ),
                *(self._table.deleting(keys.secret_version(name, version)) for version in versions),
            ]
            try:
                _asked_again("delete", lambda writes=writes: self._table.transact(writes))  # type: ignore[misc]
            except ConditionFailed:
                continue
            return True
        raise VaultUnavailable(f"vault: delete: {TAKEN_OVER}")

    def _versions(self, name: str) -> _Versions:
        found = _asked_again("read", lambda: self._table.get(keys.secret_head(name), consistent=True))
        if found is None:
            raise SecretMissing
        return _Versions.of(found)

    def _write(self, operation: str, name: str, newest: str, *writes: Write) -> None:
        """Make all writes or none, after which `newest` is the secret's newest version."""
        try:
            self._table.transact(writes)
        except ConditionFailed:
            # A client that sent the same again, its answer being lost, meets its own write.
            found = _asked_again(operation, lambda: self._table.get(keys.secret_head(name), consistent=True))
            if found is None or _Versions.of(found).newest != newest:
                raise VaultUnavailable(f"vault: {operation}: {TAKEN_OVER}", is_refusal=True) from None
        except StoreUnavailable as error:
            raise VaultUnavailable(f"vault: {operation}: {error}") from None

    def _sealed(self, name: str, version: str, data_key: bytes, content: Mapping[str, str]) -> Write:
        plain = json.dumps(dict(content)).encode()
        item = {"sealed": self._seal.close(data_key, plain, _about(name, version))}
        return self._table.putting(keys.secret_version(name, version), item, if_absent=True)

    def _context(self, name: str) -> Mapping[str, str]:
        """Return what a data key is bound to; `infra/constructs/grants.py` lets functions open no other context."""
        return {
            "atom-llm:environment": self._environment,
            "atom-llm:tenant": name.partition("/")[0],
            "atom-llm:secret": name,
        }


def _new_version() -> str:
    return f"{MADE_HERE}{uuid4()}"


def _about(name: str, version: str) -> bytes:
    """Return what a sealed content is bound to beside its key: nobody can put one in another's place."""
    return json.dumps([name, version]).encode()


def _asked_again[Answer](operation: str, ask: Callable[[], Answer]) -> Answer:
    """Return the answer of what may be repeated, asked twice where the first gave none."""
    try:
        return ask()
    except StoreUnavailable:
        pass
    try:
        return ask()
    except StoreUnavailable as error:
        raise VaultUnavailable(f"vault: {operation}: {error}") from None
