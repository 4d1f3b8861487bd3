"""The credentials of a process: of a Lambda from its environment, else of botocore's chain, which renews them."""

from collections.abc import Callable, Mapping
from typing import Any

from atom_llm.adapters.aws.signature import Credentials


class CredentialsMissing(Exception):
    """There are no credentials to sign with; the message says why."""


CredentialSource = Callable[[], Credentials]
"""Returns the credentials for a request, made at this moment; raises `CredentialsMissing`."""


def credential_source(environment: Mapping[str, str]) -> CredentialSource:
    """Return the source that botocore would choose, the environment's own credentials before all others.

    A Lambda's do not change while its process lives: botocore, which takes longer to import than everything else, is
    left out. A Lambda that was started from a snapshot has an address instead, which botocore asks and asks again.
    """
    access_key, secret_key = environment.get("AWS_ACCESS_KEY_ID"), environment.get("AWS_SECRET_ACCESS_KEY")
    if access_key and secret_key and not environment.get("AWS_CREDENTIAL_EXPIRATION"):
        token = environment.get("AWS_SECURITY_TOKEN") or environment.get("AWS_SESSION_TOKEN")
        credentials = Credentials(access_key, secret_key, token or None)
        return lambda: credentials
    return BotocoreChain()


class BotocoreChain:
    """A `CredentialSource` over botocore's providers: files, roles, containers and instances.

    Nothing is asked before the first request: a snapshot must not carry the credentials of its making.
    """

    def __init__(self) -> None:
        """Import the chain, which a snapshot may carry."""
        from botocore.session import get_session

        self._session = get_session()
        self._found: Any = None

    def __call__(self) -> Credentials:
        """Return the credentials, renewed where they are about to expire; raises `CredentialsMissing`."""
        from botocore.exceptions import BotoCoreError

        try:
            if self._found is None:
                self._found = self._session.get_credentials()
            if self._found is None:
                raise CredentialsMissing("no provider has any")
            frozen = self._found.get_frozen_credentials()
        except BotoCoreError as error:
            raise CredentialsMissing(type(error).__name__) from error
        return Credentials(frozen.access_key, frozen.secret_key, frozen.token)
