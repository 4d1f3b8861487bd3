"""Requests to Bedrock, signed with the function's own role or with a tenant's: no key is stored, and none is shown."""

import asyncio
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote, urlsplit

from atom_llm.adapters.aws.credentials import CredentialsMissing, CredentialSource
from atom_llm.adapters.aws.signature import Credentials, Destination, signed
from atom_llm.domain.providers.failures import FailureKind, ProviderFailure
from atom_llm.process_cache import TimedMap

SERVICE: Final = "bedrock"
ROLE_FOR: Final = timedelta(hours=1)  # a session of a role that another role assumes lasts no longer
RENEWED_AFTER: Final = timedelta(minutes=45)
CACHED_ROLES: Final = 1_000
SESSION: Final = "atom-llm"
# What our own role may assume (infra/constructs/grants.py): a tenant names its role so.
ROLE: Final = re.compile(r"arn:aws[\w-]*:iam::[0-9]{12}:role/([\w+=,.@-]+/)*atom-llm-bedrock[\w+=,.@-]*", re.ASCII)

_DEFAULT_PORTS: Final = {"https": ":443", "http": ":80"}
_REFUSALS: Final = frozenset({"AccessDenied", "ValidationError", "MalformedPolicyDocument"})

RoleAssumption = Callable[[str, str], Credentials]
"""Returns the credentials of a role, by its ARN and the external id; raises `ProviderFailure`. It waits for STS."""


class BedrockSigner:
    """Implements `RequestSigner`. `key` is empty for our own role, else a tenant's role and its external id."""

    def __init__(
        self, region: str, own: CredentialSource, assume: RoleAssumption, clock: Callable[[], datetime]
    ) -> None:
        """Take the region of the endpoint, the source of the process's own credentials, and what assumes a role."""
        self._region = region
        self._own = own
        self._assume = assume
        self._clock = clock
        self._roles: TimedMap[str, Credentials] = TimedMap(clock, RENEWED_AFTER, CACHED_ROLES)

    async def signed(self, url: str, headers: Mapping[str, str], body: bytes, key: str) -> Mapping[str, str]:
        """Return the headers with date and signature; raises `ProviderFailure` where there is nothing to sign with."""
        parts = urlsplit(url)
        host = parts.netloc.removesuffix(_DEFAULT_PORTS[parts.scheme])
        # The path is encoded once for HTTP, and once more for the signature, as every service but S3 wants it.
        to = Destination(SERVICE, self._region, quote(parts.path, safe="/-_.~"))
        made = signed({**headers, "host": host}, body, await self._credentials(key), to, self._clock())
        del made["host"]  # the connection sends it
        return made

    async def _credentials(self, key: str) -> Credentials:
        if not key:
            try:
                return await asyncio.to_thread(self._own)
            except CredentialsMissing:
                raise ProviderFailure(
                    FailureKind.TRANSIENT, "there are no credentials to call the provider with", was_sent=False
                ) from None
        known = self._roles.fresh(key)
        if known is None:
            role, _, external_id = key.partition(" ")
            if not ROLE.fullmatch(role):
                raise ProviderFailure(
                    FailureKind.KEY_INVALID, "the key is no ARN of a role atom-llm-bedrock…", was_sent=False
                )
            known = await asyncio.to_thread(self._assume, role, external_id)
            self._roles.put(key, known)
        return known


def assume_by_sts(role: str, external_id: str) -> Credentials:
    """Ask STS for a session of a role; raises `ProviderFailure` KEY_INVALID for a refusal, else TRANSIENT."""
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    client = boto3.client("sts", config=Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 2}))
    try:
        found = client.assume_role(
            RoleArn=role,
            RoleSessionName=SESSION,
            ExternalId=external_id,
            DurationSeconds=int(ROLE_FOR.total_seconds()),
        )["Credentials"]
    except ClientError as error:
        code = error.response["Error"]["Code"]
        kind = FailureKind.KEY_INVALID if code in _REFUSALS else FailureKind.TRANSIENT
        raise ProviderFailure(kind, f"the role could not be assumed: {code}", was_sent=False) from None
    except BotoCoreError as error:
        name = type(error).__name__
        raise ProviderFailure(FailureKind.TRANSIENT, f"the role could not be assumed: {name}", was_sent=False) from None
    return Credentials(found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])
