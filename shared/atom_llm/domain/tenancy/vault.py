"""The pointer to a tenant's provider keys: the secret, its version in force, and secrets still to be deleted."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class VaultPointer:
    """The secret and the version in force, None before the first key. `revision` counts the changes.

    `retired` are secrets that hold nothing in force any more, `drafts` those that a writer meant to make: whoever
    writes next deletes both, so that no crash leaves a key behind.
    """

    secret: str | None = None
    version: str | None = None
    revision: int = 0
    retired: tuple[str, ...] = ()
    drafts: tuple[str, ...] = ()
