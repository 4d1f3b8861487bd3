"""Tenants' secrets on their way from one store to another: written at home, read wherever they are."""

from collections.abc import Mapping

from atom_llm.ports.tenancy import SecretStore


class MovingSecrets:
    """Implements `SecretStore`. A secret moves with the next change of its tenant's keys, or when it is told to."""

    def __init__(self, home: SecretStore, former: SecretStore) -> None:
        """Take the store that secrets are moved to, and the one that they come from."""
        self._home = home
        self._former = former

    def holds(self, version: str) -> bool:
        """Return whether a version is where it is to stay."""
        return self._home.holds(version)

    def get(self, name: str, version: str) -> Mapping[str, str]:
        """Return the content of a version, wherever it is; raises `SecretMissing`."""
        return (self._home if self._home.holds(version) else self._former).get(name, version)

    def create(self, name: str, content: Mapping[str, str]) -> str:
        """Make a secret at home; returns its version."""
        return self._home.create(name, content)

    def restore(self, name: str, in_force: str) -> None:
        """Make the version in force the newest again; one that is still to be moved is left as it is."""
        if self._home.holds(in_force):
            self._home.restore(name, in_force)

    def put(self, name: str, content: Mapping[str, str]) -> str:
        """Store a new version of a secret that is at home; raises `SecretMissing` for any other."""
        return self._home.put(name, content)

    def delete(self, name: str) -> bool:
        """Delete a secret wherever it is; False when it was nowhere."""
        at_home, elsewhere = self._home.delete(name), self._former.delete(name)
        return at_home or elsewhere
